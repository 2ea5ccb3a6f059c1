"""What the lists can be narrowed by; only units, keepers and families that the reader may choose are accepted."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.catalog.models import Family
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.scores.reports.lists import Asked

NOBODY = "none"


class ListForm(forms.Form):
    """The filters of the three lists; `tab` and `unit` also come from links."""

    unit = forms.ChoiceField(required=False, label=gettext_lazy("Outlet"))
    keeper = forms.ChoiceField(required=False, label=gettext_lazy("Keeper"))
    family = forms.ChoiceField(required=False, label=gettext_lazy("Product family"))
    tab = forms.SlugField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, units: Iterable[Unit], keepers: Iterable[Staff], families: Iterable[str]
    ) -> None:
        """Offer what is within the reader's reach; without units there is no outlet and no keeper to choose."""
        super().__init__(data)
        outlets = [(str(unit.pk), unit.name) for unit in units]
        people = [(str(staff.pk), staff.name) for staff in keepers]
        kinds = [(family, str(Family(family).label)) for family in families if family in Family.values]
        self._offer("unit", outlets if len(outlets) > 1 else [])
        self._offer("keeper", [(NOBODY, _("No keeper yet")), *people] if people else [])
        self._offer("family", kinds)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if not choices:
            del self.fields[name]
            return
        chosen = self.fields[name]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("All")), *choices]

    def asked(self) -> Asked:
        """The cleaned filters; what the form refused is left out."""
        self.is_valid()
        keeper = self.cleaned_data.get("keeper") or ""
        return Asked(
            tab=self.cleaned_data.get("tab") or "",
            keeper=0 if keeper == NOBODY else int(keeper) if keeper else None,
            family=self.cleaned_data.get("family") or "",
        )
