"""Writes of incidents: recorded and counted, noted, reported, the notice worded, closed. Each audited."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.compliance.incidents.affected import affected_by
from guanxi.crm.compliance.incidents.models import (
    LONGEST_TEXT,
    AffectedCustomer,
    Incident,
    IncidentState,
    Source,
)
from guanxi.crm.compliance.policy import needed
from guanxi.crm.organisation.models import Staff, Token
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import reach_of

AT_ONCE = 5_000


@dataclass(frozen=True)
class IncidentDraft:
    """What is known at first: a title, the grade, what happened, when it was found, and through what data went out."""

    title: str
    grade: str
    happened: str
    found_at: datetime
    source: str
    source_no: str
    span_from: datetime | None = None
    span_to: datetime | None = None


@transaction.atomic
def record(*, by: Staff, draft: IncidentDraft, today: date, now: datetime) -> Incident:
    """Record an incident and count at once whom it affected. The clock to report runs from when it was found.

    ValidationError for an unknown grade or source, a span that ends before it begins, and what was found after now.
    """
    _may(by, today)
    grade = needed(today).grade(draft.grade)
    if grade is None:
        raise ValidationError(_("Choose a grade of the policy."))
    if draft.found_at > now:
        raise ValidationError({"found_at": _("It cannot have been found after now.")})
    if draft.span_from and draft.span_to and draft.span_from >= draft.span_to:
        raise ValidationError({"span_to": _("The span ends after it begins.")})
    _check_source(draft.source, draft.source_no)
    made = Incident.objects.create(
        title=draft.title.strip()[:100], grade=draft.grade, happened=draft.happened.strip()[:LONGEST_TEXT],
        source=draft.source, source_no=draft.source_no.strip(), span_from=draft.span_from, span_to=draft.span_to,
        found_at=draft.found_at, report_due_at=draft.found_at + timedelta(minutes=grade.report_minutes),
        recorded_by=by, recorded_at=now, counted_at=now,
    )  # fmt: skip
    audit.record(by=by, verb="compliance.incident_recorded", on=made, grade=made.grade, source=made.source)
    return _counted(by, made, now)


def _check_source(source: str, source_no: str) -> None:
    """A source that exists: a number mistyped would count nobody and look like good news."""
    told = source_no.strip()
    known = {
        Source.EXPORT: lambda: (
            told.isdecimal() and len(told) < 19 and ExportLog.objects.filter(pk=int(told)).exists()
        ),
        Source.STAFF: lambda: Staff.objects.filter(staff_no=told).exists(),
        Source.TOKEN: lambda: Token.objects.filter(name=told).exists(),
    }
    if source not in Source.values or not known[Source(source)]():
        raise ValidationError({"source_no": _("The trail knows no such file, person or token.")})


@transaction.atomic
def count(*, by: Staff, incident: Incident, today: date, now: datetime) -> Incident:
    """Count anew whom it affected: the trail may have grown while the incident ran."""
    return _counted(by, _open(by, incident, today), now)


def _counted(by: Staff, incident: Incident, now: datetime) -> Incident:
    found = affected_by(incident.source, incident.source_no, incident.span_from, incident.span_to)
    AffectedCustomer.objects.filter(incident=incident).delete()
    AffectedCustomer.objects.bulk_create(
        (
            AffectedCustomer(
                incident=incident, party_id=key, classes=sorted(one.classes), looks=one.looks, files=one.files
            )
            for key, one in sorted(found.customers.items())
        ),
        batch_size=AT_ONCE,
    )
    incident.affected, incident.unknown = len(found.customers), found.unknown
    incident.classes, incident.counted_at = found.classes, now
    incident.save(update_fields=["affected", "unknown", "classes", "counted_at"])
    audit.record(
        by=by, verb="compliance.incident_counted", on=incident, customers=incident.affected, unknown=incident.unknown
    )  # fmt: skip
    return incident


@transaction.atomic
def note(*, by: Staff, incident: Incident, text: str, today: date) -> Incident:
    """Note something on the incident's time line."""
    locked = _open(by, incident, today)
    if not text.strip():
        raise ValidationError(_("Write what happened."))
    audit.record(by=by, verb="compliance.incident_noted", on=locked, note=text.strip()[:LONGEST_TEXT])
    return locked


@transaction.atomic
def report(*, by: Staff, incident: Incident, to: str, today: date, now: datetime) -> Incident:
    """Note that the incident was reported, to whom; once."""
    locked = _open(by, incident, today)
    if locked.state != IncidentState.OPEN:
        raise ValidationError(_("It is reported already."))
    if not to.strip():
        raise ValidationError(_("Say to whom it was reported."))
    locked.state, locked.reported_to = IncidentState.REPORTED, to.strip()[:100]
    locked.reported_by, locked.reported_at = by, now
    locked.save(update_fields=["state", "reported_to", "reported_by", "reported_at"])
    late = now > locked.report_due_at
    audit.record(by=by, verb="compliance.incident_reported", on=locked, to=locked.reported_to, late=late)
    return locked


@dataclass(frozen=True)
class NoticeDraft:
    """What the law asks a notice to tell besides classes and cause: harm, measures, what one can do, whom to ask."""

    harm: str
    measures: str
    advice: str
    contact: str


@transaction.atomic
def word_notice(*, by: Staff, incident: Incident, draft: NoticeDraft, today: date) -> Incident:
    """Word the notice to the people affected."""
    locked = _open(by, incident, today)
    if not all(text.strip() for text in vars(draft).values()):
        raise ValidationError(_("A notice tells the harm, the measures, what one can do, and whom to ask."))
    for name, text in vars(draft).items():
        setattr(locked, name, text.strip())
    locked.save(update_fields=list(vars(draft)))
    audit.record(by=by, verb="compliance.incident_worded", on=locked)
    return locked


@transaction.atomic
def close(*, by: Staff, incident: Incident, root_cause: str, today: date, now: datetime) -> Incident:
    """Close an incident that was reported, with its root cause."""
    locked = _open(by, incident, today)
    if locked.state != IncidentState.REPORTED:
        raise ValidationError(_("Report it before you close it."))
    if not root_cause.strip():
        raise ValidationError(_("Say what the root cause was."))
    locked.state, locked.root_cause = IncidentState.CLOSED, root_cause.strip()[:LONGEST_TEXT]
    locked.closed_by, locked.closed_at = by, now
    locked.save(update_fields=["state", "root_cause", "closed_by", "closed_at"])
    audit.record(by=by, verb="compliance.incident_closed", on=locked)
    return locked


def _may(by: Staff, today: date) -> None:
    if not reach_of(by, today).may(Right.HANDLE_REQUESTS):
        raise PermissionDenied(f"{by.staff_no} handles no incidents")


def _open(by: Staff, incident: Incident, today: date) -> Incident:
    """The incident as it stands now, locked, while it is not closed."""
    _may(by, today)
    locked = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if locked.state == IncidentState.CLOSED:
        raise ValidationError(_("This incident is closed."))
    return locked
