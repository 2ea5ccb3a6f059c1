"""What is typed about leads. Free text takes no numbers of persons: these have a protected box of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.catalog.models import Family
from guanxi.crm.leads.arriving import contact_kind
from guanxi.crm.leads.models import Kind, Origin
from guanxi.crm.leads.policy import choices
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.insight.policies.lead import LeadPolicy
from guanxi.web.forms import DayInput, MoneyField

_NUMBER = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx]|\d{15,19})(?!\d)")
STEPS_SHOWN = 3


class PlainText(forms.CharField):
    """Words about somebody, without phone, identity or card numbers."""

    def clean(self, value: Any) -> Any:
        """The words; ValidationError where a number of a person stands in them."""
        text = super().clean(value)
        if _NUMBER.search(re.sub(r"[\s\-]", "", text or "")):
            raise forms.ValidationError(_("Leave phone, identity and card numbers out of the text."))
        return text


class ContactField(forms.CharField):
    """A phone number that can be one."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        """The number as typed; ValidationError when it is none."""
        text = super().clean(value)
        if text and contact_kind(text) is None:
            raise forms.ValidationError(_("Enter a mobile or fixed phone number."))
        return text


class HandInForm(forms.Form):
    """A lead in half a minute: who, which number; the rest may follow."""

    kind = forms.ChoiceField(
        choices=Kind.choices, initial=Kind.PERSON, widget=forms.RadioSelect, label=gettext_lazy("Who it is")
    )
    name = PlainText(
        max_length=200, label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    contact = ContactField(max_length=40, label=gettext_lazy("Phone"))
    note = PlainText(
        max_length=400, required=False, label=gettext_lazy("What they may need"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    agreed = forms.BooleanField(required=False, label=gettext_lazy("The person agrees to be called"))
    industry = forms.ChoiceField(required=False, label=gettext_lazy("Industry"))
    worth_fen = MoneyField(required=False, label=gettext_lazy("About how much (yuan)"))
    unit = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Nearest outlet"))

    def __init__(
        self, data: Any = None, *, units: Iterable[Unit], policy: LeadPolicy, own: int | None = None
    ) -> None:
        """Offer the outlets and the policy's industries; `own` outlet is chosen already."""
        super().__init__(data, initial={"unit": own})
        _offer(self, "unit", [(unit.pk, unit.name) for unit in units])
        _offer(self, "industry", [("", _("not known")), *choices(policy.industries)])


class ReasonForm(forms.Form):
    """Why, or what is missing."""

    reason = PlainText(max_length=200, label=gettext_lazy("Reason"))


class ContactForm(forms.Form):
    """How a contact with a lead went."""

    outcome = forms.ChoiceField(
        choices=[
            ("interested", gettext_lazy("reached, interested")),
            ("reached", gettext_lazy("reached, not yet")),
            ("not_reached", gettext_lazy("not reached")),
        ],
        widget=forms.RadioSelect,
        initial="interested",
        label=gettext_lazy("How it went"),
    )
    note = PlainText(max_length=200, required=False, label=gettext_lazy("Note"))


class FeedbackForm(forms.Form):
    """What was found out: resources (金融资源) or none, which, and the three key persons (三类关键人)."""

    has_resources = forms.TypedChoiceField(
        choices=[("yes", gettext_lazy("There are")), ("no", gettext_lazy("There are none"))],
        coerce=lambda value: value == "yes", widget=forms.RadioSelect, label=gettext_lazy("Financial resources"),
    )  # fmt: skip
    resources = PlainText(max_length=400, required=False, label=gettext_lazy("Which resources"))
    decides = PlainText(max_length=100, required=False, label=gettext_lazy("Who decides"))
    informs = PlainText(max_length=100, required=False, label=gettext_lazy("Who knows"))
    operates = PlainText(max_length=100, required=False, label=gettext_lazy("Who operates"))

    def __init__(self, data: Any = None, *, said: dict[str, Any] | None = None) -> None:
        """Show again what was found out before."""
        known = dict(said or {})
        if "has_resources" in known:
            known["has_resources"] = "yes" if known["has_resources"] else "no"
        super().__init__(data, initial=known)


class StepForm(forms.Form):
    """One step of the battle map: whom to win, how, by whom, by when; all of it or nothing."""

    whom = PlainText(max_length=100, required=False, label=gettext_lazy("Whom"))
    what = PlainText(max_length=200, required=False, label=gettext_lazy("What is done"))
    staff = forms.TypedChoiceField(coerce=int, required=False, label=gettext_lazy("By whom"))
    due_on = forms.DateField(required=False, widget=DayInput, label=gettext_lazy("By when"))

    def __init__(
        self, data: Any = None, *, prefix: str, people: Iterable[Staff], initial: dict[str, Any]
    ) -> None:
        """Offer the colleagues who may do it."""
        super().__init__(data, prefix=prefix, initial=initial)
        _offer(self, "staff", [(one.pk, one.name) for one in people])

    def clean(self) -> dict[str, Any]:
        """A step that names nobody is left out; one that names somebody needs the rest."""
        told = super().clean() or {}
        if told.get("whom"):
            for name in ("what", "staff", "due_on"):
                if not told.get(name) and name not in self.errors:
                    self.add_error(name, _("This is missing."))
        return told


class ExpectationForm(forms.Form):
    """What is hoped for from a prospect (预期)."""

    expectation = PlainText(max_length=200, required=False, label=gettext_lazy("What we hope for"))


class LoseForm(forms.Form):
    """Why a lead ends without a customer."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"))

    def __init__(self, data: Any = None, *, policy: LeadPolicy) -> None:
        """Offer the policy's reasons."""
        super().__init__(data)
        _offer(self, "reason", choices(policy.loss_reasons))


class BringForm(forms.Form):
    """A partner's list or a company's roster as a workbook."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name of the list"))
    origin = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (Origin.PARTNER, Origin.ROSTER)],
        label=gettext_lazy("Where from"),
    )
    unit = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Outlet"))
    file = forms.FileField(label=gettext_lazy("Workbook (xlsx)"), allow_empty_file=False)

    def __init__(self, data: Any = None, files: Any = None, *, units: Iterable[Unit]) -> None:
        """Offer the outlets the list may be for."""
        super().__init__(data, files)
        _offer(self, "unit", [(unit.pk, unit.name) for unit in units])


class SourceForm(forms.Form):
    """A web form that may hand in leads."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name of the form"))
    unit = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Outlet"))

    def __init__(self, data: Any = None, *, units: Iterable[Unit]) -> None:
        """Offer the outlets."""
        super().__init__(data)
        _offer(self, "unit", [(unit.pk, unit.name) for unit in units])


class OpportunityForm(forms.Form):
    """A deal in the making."""

    title = PlainText(max_length=100, label=gettext_lazy("What it is about"))
    family = forms.ChoiceField(choices=Family.choices, label=gettext_lazy("Product family"))
    amount_fen = MoneyField(label=gettext_lazy("Amount (yuan)"))
    expected_on = forms.DateField(widget=DayInput, label=gettext_lazy("Expected on"))


class StageForm(forms.Form):
    """To which stage."""

    stage = forms.CharField(max_length=16)


class EndForm(forms.Form):
    """Won or lost, and why: the reason carries both (won:price)."""

    end = forms.RegexField(r"^(won|lost):[a-z_0-9]+$", max_length=40)


def _offer(form: forms.Form, name: str, offered: list[tuple[Any, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = offered
