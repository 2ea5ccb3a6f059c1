"""What is typed about incidents."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.crm.compliance.incidents.models import LONGEST_TEXT, Source
from guanxi.crm.compliance.incidents.services import IncidentDraft, NoticeDraft
from guanxi.crm.compliance.policy import compliance_policy

MINUTES = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A day and a time of the day, by the clock here."""

    def __init__(self, **more: Any) -> None:
        """As the browser's own picker sends it."""
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES)
        super().__init__(widget=widget, input_formats=[MINUTES, "%Y-%m-%dT%H:%M:%S"], **more)


def _long(label: Any, *, required: bool = True, rows: int = 3, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, required=required, widget=widget, **more)


class IncidentForm(forms.Form):
    """What is known at first, and through what data went out."""

    title = forms.CharField(label=_("What it is called"), max_length=100)
    grade = forms.ChoiceField(label=_("Grade of the incident"))
    happened = _long(_("What happened in the incident"))
    found_at = MomentField(label=_("Found at"))
    source = forms.ChoiceField(label=_("Through what"), choices=Source.choices, widget=forms.RadioSelect)
    source_no = forms.CharField(
        label=_("Which file, person or token"), max_length=64,
        help_text=_("The number of the file in the trail, the staff number, or the token's name."),
    )  # fmt: skip
    span_from = MomentField(
        label=_("Span begins at"), required=False, help_text=_("Empty: from the beginning.")
    )
    span_to = MomentField(label=_("Until before"), required=False, help_text=_("Empty: until now."))

    def __init__(self, *told: Any, today: date, now: datetime, **more: Any) -> None:
        """Grades of the policy, the gravest first; found now unless told."""
        more["initial"] = {"found_at": timezone.localtime(now), "source": Source.EXPORT}
        super().__init__(*told, **more)
        policy, language = compliance_policy(today), get_language() or "zh"
        grades = policy.incident_grades if policy else ()
        self.fields["grade"].choices = [(one.grade, one.label(language)) for one in grades]  # type: ignore[attr-defined]

    def draft(self) -> IncidentDraft:
        """What was typed, for the service."""
        return IncidentDraft(**{name: self.cleaned_data[name] for name in IncidentDraft.__annotations__})


class NoteForm(forms.Form):
    """A line of the time line."""

    text = _long(_("What happened since"), rows=2)


class ReportForm(forms.Form):
    """To whom it was reported."""

    to = forms.CharField(label=_("Reported to"), max_length=100)


class NoticeForm(forms.Form):
    """What the notice tells besides classes and cause."""

    harm = _long(_("What harm it may do"), rows=2)
    measures = _long(_("What the bank has done"), rows=2)
    advice = _long(_("What one can do oneself"), rows=2)
    contact = forms.CharField(label=_("Whom to ask"), max_length=100)

    def draft(self) -> NoticeDraft:
        """What was typed, for the service."""
        return NoticeDraft(**{name: self.cleaned_data[name] for name in NoticeDraft.__annotations__})


class CauseForm(forms.Form):
    """The root cause."""

    root_cause = _long(_("Root cause"))
