"""What the pages of the trail may be asked."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.web.forms import DayInput


class TrailForm(forms.Form):
    """Whose entries, which deed, which day; all may be left open."""

    staff = forms.CharField(label=_("Staff number"), max_length=32, required=False)
    verb = forms.ChoiceField(label=_("Deed"), required=False)
    day = forms.DateField(label=_("Day"), required=False, widget=DayInput())

    def __init__(self, *told: Any, deeds: Iterable[tuple[str, str]] = (), **more: Any) -> None:
        """Offer these deeds, each a code with its words."""
        super().__init__(*told, **more)
        field = self.fields["verb"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All")), *deeds]
        if len(field.choices) == 1:
            del self.fields["verb"]


class CustomerForm(forms.Form):
    """Which customer's trail: by the whole customer number, sent and never in an address."""

    customer_no = forms.CharField(
        label=_("Customer number"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
