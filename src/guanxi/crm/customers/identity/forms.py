"""What the review of merges may send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.identity.models import Verdict


class DecisionForm(forms.Form):
    """A verdict and what convinced the person."""

    verdict = forms.ChoiceField(choices=Verdict.choices, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with your name; the decision counts from the next run."),
    )
