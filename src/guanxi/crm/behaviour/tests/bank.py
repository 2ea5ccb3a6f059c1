"""What the tests of this room start from: three people, a channel with a token, the register of the demo bank."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from guanxi.crm import testing
from guanxi.crm.behaviour import taking
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff, Token
from guanxi.crm.organisation.tokens import make_token

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)  # 12:00 in Shanghai
TODAY = date(2026, 11, 1)


@dataclass(frozen=True)
class Shore:
    """A mobile bank that acts for the whole bank."""

    people: testing.People
    system: Staff
    token: Token
    told: str  # the token itself

    @property
    def customer(self) -> Party:
        """Alice's customer."""
        return self.people.customer


def make_shore() -> Shore:
    """The bank with its channel."""
    testing.make_policies("tier", "access", "lists", "behaviour_event", "worklist")
    people = testing.make_people()
    system = testing.make_staff("supervisor", people.bank, name="手机银行")
    token, told = make_token(name="手机银行", staff=system, scopes=[taking.SCOPE], now=NOON)
    return Shore(people, system, token, told)


def event(
    party: Party | None, key: str, *, at: datetime = NOON, kind: str = "page_viewed", **properties: Any
) -> dict[str, Any]:
    """An event as a channel sends it."""
    number = party.customer_no if party else "C-nobody"
    return {
        "key": key, "kind": kind, "at": at.isoformat(), "customer": number, "source": "mobile",
        "properties": properties,
    }  # fmt: skip


def take(shore: Shore, *told: Any, now: datetime = NOON, **more: Any) -> taking.Taken:
    """A batch from the channel."""
    with acting_as(shore.system, today=TODAY):
        return taking.take(token=shore.token, told=list(told), today=TODAY, now=now, **more)


def ago(**past: float) -> datetime:
    """Some time before noon."""
    return NOON - timedelta(**past)
