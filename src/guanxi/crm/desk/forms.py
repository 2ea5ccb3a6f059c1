"""What the desk's pages may send."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SearchForm(forms.Form):
    """What was typed into the box at the top; never part of an address."""

    q = forms.CharField(max_length=200, required=False, label=_("Search customers"))


class ArrivalForm(forms.Form):
    """A number read at the counter or in the lobby."""

    number = forms.CharField(
        max_length=64,
        label=_("Card, phone, id or customer number"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text", "autofocus": True}),
    )
