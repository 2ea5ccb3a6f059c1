"""What this room's pages may send."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RevealForm(forms.Form):
    """Why a protected number is asked for."""

    reason = forms.CharField(
        label=_("Why do you need it?"),
        max_length=200,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Your name, the reason and the time are recorded."),
    )
