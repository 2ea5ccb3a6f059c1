"""What is typed about requests."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.compliance.models import (
    LONGEST_WORDS,
    Asker,
    IdentityCheck,
    Refusal,
    RequestKind,
    Verdict,
)
from guanxi.crm.compliance.services import Decision, RequestDraft
from guanxi.crm.compliance.words import FIELDS
from guanxi.web.forms import DayInput

_NONE = ("", "—")


class RequestForm(forms.Form):
    """What is asked, by whom, how it was made sure, when; for a correction what would be right."""

    kind = forms.ChoiceField(label=_("What is asked"), choices=RequestKind.choices, widget=forms.RadioSelect)
    asker = forms.ChoiceField(label=_("Who asks"), choices=Asker.choices)
    identity = forms.ChoiceField(
        label=_("How it was made sure who asks"), choices=[_NONE, *IdentityCheck.choices], required=False,
        help_text=_("Compliance can note it later; without it nothing is granted."),
    )  # fmt: skip
    received_on = forms.DateField(label=_("Received on"), widget=DayInput())
    field = forms.ChoiceField(
        label=_("What is wrong"), choices=[_NONE, *FIELDS.items()], required=False,
        help_text=_("For a correction."),
    )  # fmt: skip
    right_value = forms.CharField(
        label=_("What would be right"), max_length=200, required=False,
        help_text=_("For a correction. It is kept encrypted."),
    )  # fmt: skip
    words = forms.CharField(
        label=_("In the customer's words"), max_length=LONGEST_WORDS, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("No numbers of papers, phones or cards."),
    )  # fmt: skip

    def __init__(self, *told: Any, today: date, **more: Any) -> None:
        """Received today unless told."""
        more["initial"] = {"received_on": today, "kind": RequestKind.ACCESS}
        super().__init__(*told, **more)
        self.fields["received_on"].widget.attrs["max"] = today.isoformat()

    def draft(self) -> RequestDraft:
        """What was typed, for the service."""
        return RequestDraft(**{name: self.cleaned_data[name] for name in RequestDraft.__annotations__})


class NumberedRequestForm(RequestForm):
    """The same by compliance, which looks at no list of customers: it types the whole number."""

    customer_no = forms.CharField(label=_("Customer number"), max_length=64)
    field_order = ("customer_no", "kind")


class IdentityForm(forms.Form):
    """How it was made sure who asks."""

    identity = forms.ChoiceField(label=_("How it was made sure who asks"), choices=IdentityCheck.choices)


class DecisionForm(forms.Form):
    """What is decided."""

    verdict = forms.ChoiceField(label=_("What is decided"), choices=Verdict.choices, widget=forms.RadioSelect)
    refusal = forms.ChoiceField(
        label=_("Ground of refusal"), choices=[_NONE, *Refusal.choices], required=False,
        help_text=_("For what is refused, wholly or in part."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why"), max_length=LONGEST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the answer."),
    )  # fmt: skip

    def decision(self) -> Decision:
        """What was typed, for the service."""
        return Decision(**{name: self.cleaned_data[name] for name in Decision.__annotations__})
