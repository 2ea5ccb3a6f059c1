"""What several parts of one page ask alike is asked of the database once: answers kept while a request only reads.

Nothing is kept outside such a request, so a night, a job and a request that writes always read what stands now. Only
for what is the same for everybody (policies in force): rows of customers depend on who acts and are never kept here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar, cast

Answer = TypeVar("Answer")
_kept: ContextVar[dict[object, object] | None] = ContextVar("guanxi_answers_of_request", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Until the end of the block what `once` asks is asked once; within another such block that one goes on."""
    if _kept.get() is not None:
        yield
        return
    before = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(before)


def once(name: object, ask: Callable[[], Answer]) -> Answer:
    """The answer kept under this name in the request being read, else what `ask` gives now."""
    kept = _kept.get()
    if kept is None:
        return ask()
    if name not in kept:
        kept[name] = ask()
    return cast("Answer", kept[name])
