"""What is asked for when a model is switched."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.foresight.models import RiskGrade


class AskForm(forms.Form):
    """How risky the model is, and why it should serve."""

    risk_grade = forms.ChoiceField(label=_("Risk grade"), choices=RiskGrade.choices, initial=RiskGrade.MEDIUM)
    note = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    """Why a model is turned down or switched off."""

    note = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why.")},
    )  # fmt: skip
