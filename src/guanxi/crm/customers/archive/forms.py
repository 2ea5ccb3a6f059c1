"""What the pages of notes may send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.archive.models import LONGEST_NOTE


class NoteForm(forms.Form):
    """A short text, and whether it stays on top."""

    text = forms.CharField(
        label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What colleagues must know. No card, phone or identity numbers."),
    )  # fmt: skip
    pinned = forms.BooleanField(label=_("Keep on top"), required=False)


class WithdrawForm(forms.Form):
    """Why a note is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
