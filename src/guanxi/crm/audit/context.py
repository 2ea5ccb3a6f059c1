"""Where a deed comes from: the request's id and address, kept beside the call and not passed through every service."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """A request's (or job's) id and the caller's address; empty outside of both."""

    request_id: str = ""
    ip: str | None = None


_origin: ContextVar[Origin] = ContextVar("guanxi_origin", default=Origin())  # noqa: B039  # it is frozen  # it is frozen


def current() -> Origin:
    """The origin of what is being done now."""
    return _origin.get()


@contextmanager
def of_request(*, request_id: str, ip: str | None) -> Iterator[None]:
    """Everything within comes from this request."""
    token = _origin.set(Origin(request_id, ip))
    try:
        yield
    finally:
        _origin.reset(token)
