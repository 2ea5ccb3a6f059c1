"""The bank's counter system tells of events with a token of this one scope."""

from datetime import datetime

from guanxi.crm.organisation import tokens
from guanxi.crm.organisation.models import Staff, Token

SCOPE = "counter:events"


def make_machine(*, name: str, staff: Staff, now: datetime, by: Staff | None = None) -> tuple[Token, str]:
    """A counter system that acts as `staff`, with its token, which is told this once and never again."""
    return tokens.make_token(name=name, staff=staff, scopes=[SCOPE], now=now, by=by)


def stop_machine(*, machine: Token, now: datetime, by: Staff | None = None) -> None:
    """End its token at once."""
    tokens.stop_token(token=machine, now=now, by=by)


def machine_of(header: str, *, now: datetime) -> Token | None:
    """The counter system whose bearer token this is; None for any other."""
    found = tokens.token_of(header, now=now)
    return found if found is not None and SCOPE in found.scopes else None


def machine_called(name: str) -> Token | None:
    """The working counter system of this name."""
    return Token.objects.filter(name=name, stopped_at=None, scopes__contains=[SCOPE]).first()
