"""What the pages of incidents are told; no request, no markup."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.audit.selectors import history_of
from guanxi.crm.audit.words import deed_name
from guanxi.crm.compliance.incidents.classes import LABELS
from guanxi.crm.compliance.incidents.models import AffectedCustomer, Incident, IncidentState
from guanxi.crm.compliance.policy import compliance_policy
from guanxi.insight.policies.base import speak
from guanxi.web.lists import Column

MOST_SHOWN, MOST_LISTED, MOST_DEEDS = 50, 100, 100
COLOURS = {IncidentState.OPEN: "red", IncidentState.REPORTED: "amber", IncidentState.CLOSED: "green"}


def tabs(current: str) -> list[tuple[str, str, bool]]:
    """The pages of compliance."""
    made = {
        "overview": _("Requests of people"),
        "incidents": _("Incidents of data security"),
        "restrictions": _("Restricted customers"),
        "pack": _("Audit pack"),
    }
    return [(label, reverse(f"compliance:{name}"), name == current) for name, label in made.items()]


def class_name(code: str, language: str | None = None) -> str:
    """What a class of data is called."""
    zh, en = LABELS.get(code, (code, code))
    return speak(language or get_language() or "zh", zh, en)


def columns() -> list[Column]:
    """The columns of the list of incidents."""
    return [
        Column("number", _("No."), "number"),
        Column("title", _("Incident"), "name"),
        Column("grade", _("Grade of the incident")),
        Column("found", _("Found at"), "moment"),
        Column("due", _("Report by"), "moment"),
        Column("state", _("State")),
        Column("affected", _("Customers affected"), "number"),
    ]


def affected_columns() -> list[Column]:
    """The columns of the customers affected."""
    return [
        Column("customer_no", _("Customer number"), "name"),
        Column("unit", _("Outlet")),
        Column("looks", _("Looks"), "number"),
        Column("files", _("In files"), "number"),
        Column("classes", _("Classes of data")),
    ]


def overview(today: date, now: datetime) -> dict[str, Any]:
    """Incidents, those not closed first, the latest found first."""
    rows = sorted(
        Incident.objects.order_by("-found_at", "-pk")[:MOST_LISTED],
        key=lambda row: row.state == IncidentState.CLOSED,
    )
    return {
        "tabs": tabs("incidents"),
        "columns": columns(),
        "lines": [_line(row, today, now) for row in rows],
    }


def _line(row: Incident, today: date, now: datetime) -> dict[str, Any]:
    clock, colour = clock_of(row, now)
    return {
        "row": row, "grade": grade_name(row.grade, today), "clock": clock, "clock_colour": colour,
        "colour": COLOURS[IncidentState(row.state)],
    }  # fmt: skip


def clock_of(row: Incident, now: datetime) -> tuple[str, str]:
    """How the clock to report stands in words, and its colour."""
    if row.reported_at is not None:
        late = row.reported_at > row.report_due_at
        return (_("reported late"), "red") if late else (_("reported in time"), "green")
    left = int((row.report_due_at - now).total_seconds() // 60)
    if left < 0:
        return _("%(n)s minutes overdue") % {"n": -left}, "red"
    return _("%(n)s minutes left to report") % {"n": left}, "amber"


def grade_name(code: str, today: date) -> str:
    """What a grade is called by the policy in force; the code where it has gone."""
    policy = compliance_policy(today)
    grade = policy.grade(code) if policy else None
    return grade.label(get_language() or "zh") if grade else code


def one(row: Incident, today: date, now: datetime) -> dict[str, Any]:
    """An incident with whom it affected, what was noted, and what the notice tells."""
    customers = row.customers.select_related("party__unit").order_by("party__customer_no", "pk")
    return {
        **_line(row, today, now),
        "is_open": row.state != IncidentState.CLOSED,
        "classes": [class_name(code) for code in row.classes],
        "columns": affected_columns(),
        "customers": [cells_of(one) for one in customers[:MOST_SHOWN]],
        "most": MOST_SHOWN,
        "worded": bool(row.harm),
        "history": [
            (entry, entry.details.get("note") or deed_name(entry.verb)) for entry in history_of(row)[:MOST_DEEDS]
        ],
    }  # fmt: skip


def cells_of(one: AffectedCustomer) -> list[Any]:
    """A customer affected, by column."""
    classes = speak(get_language() or "zh", "；", "; ").join(class_name(code) for code in one.classes)
    return [one.party.customer_no, one.party.unit.name, one.looks, one.files, classes]


def letter_of(row: Incident) -> dict[str, Any]:
    """What the notice to people tells, in Chinese as its readers are."""
    return {"row": row, "classes": "；".join(class_name(code, "zh") for code in row.classes)}
