"""Reads of the register. It names vendors and staff, no customer: who has the right reads all of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet

from guanxi.crm.processors import rules
from guanxi.crm.processors.models import Processor, State
from guanxi.crm.processors.policy import protection_policy


@dataclass(frozen=True)
class Line:
    """An entry as the list and its page show it: what speaks against its channels today, and what is due."""

    entry: Processor
    why: str
    ends_soon: bool
    last: date | None
    supervision_due: bool


def entry_of(one: Processor) -> rules.Entry:
    """A row as the rules read it."""
    return rules.Entry(one.state, one.country, one.contract_from, one.contract_until, one.ended_on)


def why_not(connectors: Iterable[str], on: date, *, using: str = "default") -> Mapping[str, str]:
    """For each connector why nothing may leave through it that day (`rules.why_not`), empty where it may; one query."""
    asked = list(connectors)
    named = Q(pk=None)
    for code in asked:
        named |= Q(connectors__contains=[code])
    policy = protection_policy(on)
    home = policy.home_country if policy else None
    entries: dict[str, list[rules.Entry]] = defaultdict(list)
    for one in Processor.objects.using(using).filter(named):
        for code in one.connectors:
            entries[code].append(entry_of(one))
    return {code: rules.why_not(entries[code], on, home) for code in asked}


def register() -> QuerySet[Processor]:
    """All entries, what waits for a decision first, with the day of the last supervision as `last`."""
    rows = Processor.objects.select_related("supervisor", "written_by", "decided_by")
    return rows.annotate(last=Max("supervisions__on")).order_by("-written_at", "-pk")


def lines(rows: Iterable[Processor], today: date) -> list[Line]:
    """Rows of `register` with what is due."""
    policy = protection_policy(today)
    return [_line(one, today, policy.contract_notice_days if policy else 0, policy.supervision_months if policy else 0)
            for one in rows]  # fmt: skip


def ending(today: date) -> list[Processor]:
    """Entries that hold today and end within the policy's days, the soonest first."""
    policy = protection_policy(today)
    rows = Processor.objects.filter(
        state__in=[State.APPROVED, State.TO_CONFIRM], contract_until__isnull=False
    )
    if policy is None:
        return []
    found = [one for one in rows if rules.ends_soon(entry_of(one), today, policy.contract_notice_days)]
    return sorted(found, key=lambda one: (one.contract_until or today, one.pk))


def _line(one: Processor, today: date, notice_days: int, months: int) -> Line:
    entry, last = entry_of(one), getattr(one, "last", None)
    policy = protection_policy(today)
    counts = one.state in (State.APPROVED, State.TO_CONFIRM)
    why = rules.why_not([entry], today, policy.home_country if policy else None) if counts else ""
    due = (
        one.state == State.APPROVED
        and not one.is_own
        and months > 0
        and entry.covers(today)
        and rules.supervision_due(last, one.contract_from, months, today)
    )
    return Line(one, why, rules.ends_soon(entry, today, notice_days), last, due)
