"""Reads of the outbox. Rows of customers ask for a reach; row security is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, QuerySet, Sum

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of, within
from guanxi.crm.messaging.models import ChannelAccount, Claim, Message, Origin, State, Volume
from guanxi.crm.organisation.rules import Reach


@dataclass(frozen=True)
class Progress:
    """How far a campaign, survey or the like is: messages by state, cost in fen, messages accepted a second.

    Counted over what the acting person sees. `per_second` is None before anything was accepted.
    """

    counts: Mapping[str, int]
    cost_fen: int
    parts: int
    per_second: float | None
    began_at: datetime | None
    last_at: datetime | None

    @property
    def total(self) -> int:
        """All messages."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Messages that need nothing more from a sender."""
        return self.total - sum(self.counts.get(state, 0) for state in ("planned", "claimed", "submitting"))


@dataclass(frozen=True)
class Throughput:
    """What an account did in the last minute and in all, for a live page; rates are messages a second."""

    account: ChannelAccount
    per_second: float
    submitted: int
    accepted: int
    refused: int
    throttled: int
    doubtful: int
    last_at: datetime | None


def progress(origin: str, ref: str, *, using: str = "default") -> Progress:
    """Counts per state, cost and throughput of what one decision sent."""
    rows = Message.objects.using(using).filter(origin=origin, ref=ref).values("state")
    told = list(
        rows.annotate(
            count=Count("id"), cost=Sum("cost_fen"), parts_sent=Sum("parts"),
            first=Min("accepted_at"), last=Max("accepted_at"), accepted=Count("accepted_at"),
        )
    )  # fmt: skip
    first = min((row["first"] for row in told if row["first"]), default=None)
    last = max((row["last"] for row in told if row["last"]), default=None)
    accepted = sum(row["accepted"] for row in told)
    seconds = (last - first).total_seconds() if first and last else 0.0
    return Progress(
        counts={row["state"]: row["count"] for row in told},
        cost_fen=sum(row["cost"] or 0 for row in told),
        parts=sum(row["parts_sent"] or 0 for row in told),
        per_second=accepted / seconds if seconds > 0 else None,
        began_at=first,
        last_at=last,
    )


def volumes(origin: str | None = None) -> QuerySet[Volume]:
    """What was queued, the latest first: planned and submitted, without any customer."""
    rows = Volume.objects.order_by("-pk")
    return rows.filter(origin=origin) if origin in Origin.values else rows


def messages_of(reach: Reach, party: Party) -> QuerySet[Message]:
    """Messages to a customer and to the numbers merged into it, the latest first; none for one out of reach."""
    rows = Message.objects.select_related("account")
    if not reach.covers(party.unit_id, party.keeper_id):
        return rows.none()
    return rows.filter(party__in=numbers_of(party)).order_by(F("submitted_at").desc(nulls_first=True), "-pk")


def in_doubt(reach: Reach) -> QuerySet[Message]:
    """Messages of which nobody knows whether they arrived, the oldest first: for a person to look into."""
    rows = within(Message.objects.filter(state=State.UNKNOWN), reach)
    return rows.select_related("party", "account", "unit").order_by("unknown_at", "pk")


def accounts() -> QuerySet[ChannelAccount]:
    """The accounts of all channels with who switched them last."""
    return ChannelAccount.objects.select_related("switched_by")


def throughput(now: datetime, seconds: int = 60) -> list[Throughput]:
    """What each account does now: the claims ended in the last `seconds`."""
    since = now - timedelta(seconds=seconds)
    figures = {
        row["account"]: row
        for row in Claim.objects.filter(claimed_at__gte=since).values("account").annotate(
            submits=Sum("submitted"), accepts=Sum("accepted"), refuses=Sum("refused"), throttles=Sum("throttled"),
            doubts=Sum("doubtful"), last=Max("ended_at"),
        )
    }  # fmt: skip
    return [_throughput(account, figures.get(account.pk, {}), seconds) for account in accounts()]


def _throughput(account: ChannelAccount, row: Mapping[str, object], seconds: int) -> Throughput:
    def number(name: str) -> int:
        value = row.get(name) or 0
        assert isinstance(value, int)
        return value

    last = row.get("last")
    return Throughput(
        account=account, per_second=number("accepts") / seconds, submitted=number("submits"),
        accepted=number("accepts"), refused=number("refuses"), throttled=number("throttles"),
        doubtful=number("doubts"), last_at=last if isinstance(last, datetime) else None,
    )  # fmt: skip
