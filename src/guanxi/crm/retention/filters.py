"""Which cases the list shows: in hand, late, or ended, and a cell of the autopsy opened to its cases."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.crm.organisation.rules import Reach
from guanxi.crm.retention import selectors
from guanxi.crm.retention.autopsy import ENDED, first_day
from guanxi.crm.retention.forms import SpanForm
from guanxi.crm.retention.models import Case, CaseState
from guanxi.crm.retention.selectors import Span
from guanxi.insight.policies.retention import RetentionPolicy

LONGEST = 40
OPEN, LATE, CLOSED = "open", "late", "closed"
USUAL_MONTHS = 12
"""The report's span before the bank has set a policy."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for."""

    state: str
    ending: str
    span: Span
    reason: str = ""
    place: str = ""
    tier: str = ""
    unit: str = ""

    @property
    def is_ended(self) -> bool:
        """Whether ended cases are listed."""
        return self.state == CLOSED


def span_of(query: QueryDict, today: date, policy: RetentionPolicy | None) -> Span:
    """The days asked for, else the policy's months up to today."""
    months = policy.report_months if policy else USUAL_MONTHS
    return Span(*SpanForm(query).span((first_day(today, months), today)))


def asked(query: QueryDict, today: date, policy: RetentionPolicy | None) -> Asked:
    """The list asked for; a cell of the autopsy means ended cases. What makes no sense is left out."""
    ending = query.get("ending", "")
    cell = {name: _code(query.get(name, "")) for name in ("reason", "place", "tier", "unit")}
    state = query.get("state", OPEN)
    if any(cell.values()) or ending:
        state = CLOSED
    return Asked(
        state if state in {OPEN, LATE, CLOSED} else OPEN, ending if ending in ENDED else "",
        span_of(query, today, policy), **cell,
    )  # fmt: skip


def _code(text: str) -> str:
    """What may be a code of the policy, a tier or a number; anything else asks for nothing."""
    return text if len(text) <= LONGEST and text.replace(".", "").replace("_", "").isalnum() else ""


def ending_of(query: QueryDict) -> str:
    """Which ending the autopsy is about: those who left, unless told."""
    told = query.get("ending", "")
    return told if told in ENDED else CaseState.LOST.value


def chosen(reach: Reach, what: Asked, today: date) -> QuerySet[Case]:
    """The cases asked for, in the order of their list."""
    if not what.is_ended:
        rows = selectors.open_cases(reach)
        return rows.filter(due_on__lt=today) if what.state == LATE else rows
    rows = selectors.closed_between(reach, what.span)
    wanted = {"state": what.ending, "reason": what.reason, "place": what.place}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if what.unit:
        rows = rows.filter(unit__unit_no=what.unit)
    return rows.filter(**_tier(what.tier)) if what.tier else rows


def _tier(told: str) -> dict[str, object]:
    scheme, _dot, rank = told.rpartition(".")
    return {
        "tier_scheme": scheme or None,
        "tier_rank": int(rank) if rank.isdecimal() and len(rank) < 4 else None,
    }


def tabs(numbers: dict[str, int], what: Asked) -> list[tuple[str, str, bool, int]]:
    """In hand, late, ended, each with its number."""
    told = ((OPEN, _("Being worked on")), (LATE, _("Late")), (CLOSED, _("Ended")))
    return [(label, f"?state={state}", state == what.state, numbers[state]) for state, label in told]
