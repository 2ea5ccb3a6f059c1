"""What the page of a new assessment may send."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from guanxi.crm.assessments import words
from guanxi.crm.assessments.activities import NAMES
from guanxi.crm.assessments.models import Risk
from guanxi.crm.assessments.services import Draft

LONGEST = 2000


def _text(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )


class AssessmentForm(forms.Form):
    """The three questions of article 56 of the Personal Information Protection Law, and what they are asked of."""

    title = forms.CharField(label=gettext_lazy("What the assessment is called"), max_length=80)
    activities = forms.MultipleChoiceField(
        label=gettext_lazy("What is assessed"),
        choices=list(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    data_used = forms.MultipleChoiceField(
        label=gettext_lazy("The data it uses"), choices=words.data_names, widget=forms.CheckboxSelectMultiple
    )
    purpose = _text(
        gettext_lazy("Why and how"),
        gettext_lazy("Whether purpose and way of processing are lawful, legitimate and necessary."),
    )
    impact = _text(
        gettext_lazy("What it does to people"),
        gettext_lazy("Effects on their rights and interests, and what could go wrong."),
    )
    measures = _text(
        gettext_lazy("What protects them"),
        gettext_lazy("Whether the measures are lawful, effective and fit the risk."),
    )
    risk = forms.ChoiceField(label=gettext_lazy("Risk that is left"), choices=Risk.choices)

    def draft(self) -> Draft:
        """What was typed, for the service."""
        told = dict(self.cleaned_data)
        return Draft(data=told.pop("data_used"), **told)
