"""The contact form (登记跟进), the reason of a promise taken back, and a file of contacts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.interactions.models import Channel, Source
from guanxi.crm.interactions.policy import family_name, language, outcome_name, step_name
from guanxi.crm.interactions.services import ContactDraft, PromiseDraft, day_of
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.web.forms import DayInput

WAN_IN_FEN = Decimal(1_000_000)  # 一万元 in fen


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar with a clock; it sends and takes 2026-10-31T09:30 whatever the language."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Fix the format, which the browser prescribes."""
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class LogForm(forms.Form):
    """One contact as it is written down; choices come from the policy."""

    channel = forms.ChoiceField(label=gettext_lazy("How"), choices=Channel.choices)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"))
    next_step = forms.ChoiceField(label=gettext_lazy("Next step"), required=False)
    due_on = forms.DateField(label=gettext_lazy("Due"), required=False, widget=DayInput)
    promise_text = forms.CharField(label=gettext_lazy("What was promised"), max_length=200, required=False)
    intent_family = forms.ChoiceField(label=gettext_lazy("Product wanted"), required=False)
    intent_wan = forms.DecimalField(
        label=gettext_lazy("Amount (10,000 yuan)"), max_digits=12, decimal_places=4, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    at = forms.DateTimeField(
        label=gettext_lazy("When"), widget=MomentInput, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput)
    source = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[(one.value, one.label) for one in (Source.SCREEN, Source.OFFLINE)],
    )

    def __init__(self, *args: Any, policy: InteractionPolicy, **more: Any) -> None:
        """Offer what the policy in force offers."""
        super().__init__(*args, **more)
        self.policy = policy
        _offer(self, "outcome", [(one.outcome, outcome_name(policy, one.outcome)) for one in policy.outcomes])
        steps = [(one.step, step_name(policy, one.step)) for one in policy.next_steps]
        _offer(self, "next_step", [("", _("Nothing promised")), *steps])
        families = [(family, family_name(family)) for family in policy.intent_families]
        _offer(self, "intent_family", [("", _("None")), *families])

    def clean(self) -> dict[str, Any]:
        """A next step needs its day."""
        told = super().clean() or {}
        if told.get("next_step") and not told.get("due_on"):
            self.add_error("due_on", _("Say by which day."))
        if told.get("intent_wan") is not None and not told.get("intent_family"):
            self.add_error("intent_family", _("Choose a product family of the list."))
        return told

    def draft(self, *, latest: datetime) -> ContactDraft:
        """What the clean form says; a phone whose clock runs ahead has meant `latest`."""
        told = self.cleaned_data
        offline = told["source"] == Source.OFFLINE
        wan = told["intent_wan"]
        return ContactDraft(
            channel=told["channel"],
            at=min(told["at"], latest) if offline else told["at"],
            outcome=told["outcome"],
            client_key=told["client_key"],
            note=told["note"],
            promise=self._promise(),
            intent_family=told["intent_family"],
            intent_fen=None if wan is None else int(wan * WAN_IN_FEN),
            source=told["source"] or Source.SCREEN,
        )

    def _promise(self) -> PromiseDraft | None:
        told = self.cleaned_data
        if not told["next_step"]:
            return None
        text = told["promise_text"].strip() or step_name(self.policy, told["next_step"])
        due: date = max(told["due_on"], day_of(told["at"]))
        return PromiseDraft(text, due, told["next_step"])

    def sentences(self) -> list[str]:
        """What is wrong, one sentence each, with the field's name."""
        said = []
        for name, errors in self.errors.items():
            label = str(self.fields[name].label or name) if name in self.fields else ""
            mark = "：" if language() == "zh" else ": "
            said += [f"{label}{mark}{error}" if label else str(error) for error in errors]
        return said


class WithdrawForm(forms.Form):
    """Why a promise is taken back."""

    note = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why.")},
    )  # fmt: skip


class ImportForm(forms.Form):
    """A workbook or CSV file of contacts from before."""

    file = forms.FileField(label=gettext_lazy("File (.xlsx or .csv)"))


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
