"""What the pages of requests are told; no request, no markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.audit.selectors import history_of
from guanxi.crm.audit.words import deed_name
from guanxi.crm.compliance import selectors, words
from guanxi.crm.compliance.incidents.pictures import tabs
from guanxi.crm.compliance.models import (
    FILE_KINDS,
    OPEN,
    RequestFile,
    RequestKind,
    RequestState,
    SubjectRequest,
    Verdict,
)
from guanxi.crm.compliance.policy import compliance_policy
from guanxi.crm.customers.protected import door
from guanxi.insight.policies.compliance import WHOLE, CompliancePolicy
from guanxi.web.lists import Column

MOST_ENDED = 50


@dataclass(frozen=True)
class Line:
    """A request in the list: the row, its colour, how its clock stands in words and colour ("" when it has ended)."""

    row: SubjectRequest
    colour: str
    clock: str
    clock_colour: str


def line(row: SubjectRequest, policy: CompliancePolicy | None, today: date) -> Line:
    """One request as the list shows it."""
    clock, colour = clock_of(row, policy, today)
    return Line(row, words.STATES[row.state], clock, colour)


def clock_of(row: SubjectRequest, policy: CompliancePolicy | None, today: date) -> tuple[str, str]:
    """How many days are left, and the colour of the alert reached."""
    if row.state not in OPEN:
        return "", "grey"
    left = (row.due_on - today).days
    if left < 0:
        return _("%(n)s days overdue") % {"n": -left}, "red"
    alert = policy.alert_of(row.received_on, row.due_on, today) if policy else 0
    said = _("last day today") if left == 0 else _("%(n)s days left") % {"n": left}
    return said, "red" if alert >= WHOLE else "amber" if alert else "grey"


def columns() -> list[Column]:
    """The columns of the list."""
    return [
        Column("number", _("No."), "number"),
        Column("kind", _("What is asked"), "name"),
        Column("customer", _("Customer number")),
        Column("unit", _("Outlet")),
        Column("received", _("Received on"), "day"),
        Column("due", _("Answer by"), "day"),
        Column("state", _("State")),
        Column("handler", _("In whose hands")),
    ]


def overview(today: date) -> dict[str, Any]:
    """Open requests, the earliest due first, and those that ended lately."""
    policy = compliance_policy(today)
    opened = [line(row, policy, today) for row in selectors.open_requests()]
    ended = [line(row, policy, today) for row in selectors.ended_requests()[:MOST_ENDED]]
    return {
        "tabs": tabs("overview"),
        "columns": columns(),
        "opened": opened,
        "ended": ended,
        "late": sum(one.row.due_on < today for one in opened),
        "alerted": sum(one.clock_colour in ("amber", "red") and one.row.due_on >= today for one in opened),
        "policy_days": policy.request_days if policy else None,
    }


def one(row: SubjectRequest, today: date) -> dict[str, Any]:
    """A request with what can be done next and what was done."""
    kept = RequestFile.objects.filter(request=row).defer("ciphertext").select_related("made_by").first()
    return {
        "row": row,
        "line": line(row, compliance_policy(today), today),
        "verdicts": words.VERDICTS,
        "is_open": row.state in OPEN,
        "file": kept if kept and kept.kept_until >= today else None,
        "makes_file": row.state == RequestState.DECIDED
        and row.kind in FILE_KINDS
        and row.verdict in (Verdict.GRANTED, Verdict.PARTLY),
        "field": words.FIELDS.get(row.field, ""),
        "right_value": right_value(row),
        "fan_out": [(words.table_name(str(table)), what) for table, what in words.FAN_OUT.get(row.field, ())],
        "source": words.SOURCE,
        "to_restrict": row.kind == RequestKind.DELETE and row.refusal == "retention",
        "history": _told(history_of(row)[:MOST_ENDED]),
    }


def right_value(row: SubjectRequest) -> str:
    """What would be right, opened; "" where nothing is to be corrected."""
    if not row.right_key:
        return ""
    return door().open_document(row.right_key, bytes(row.right_value), row.uuid.bytes).decode()


def _told(rows: Iterable[ChangeLog]) -> Sequence[tuple[ChangeLog, str]]:
    return [(entry, deed_name(entry.verb)) for entry in rows]
