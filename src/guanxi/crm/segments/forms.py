"""What is typed about a segment besides its rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.organisation.models import Unit
from guanxi.web.forms import DayInput

ALONE = ""


class SegmentForm(forms.Form):
    """Name, purpose, and with whom it is shared."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name of the segment"))
    purpose = forms.CharField(max_length=200, required=False, label=gettext_lazy("What it is for"))
    shared_with = forms.TypedChoiceField(
        required=False, label=gettext_lazy("Shared with"), coerce=int, empty_value=None
    )

    def __init__(self, data: Any = None, *, units: Iterable[Unit]) -> None:
        """Offer the units this person may share with."""
        super().__init__(data)
        _offer(self, units)


class ShareForm(forms.Form):
    """With whom a segment is shared."""

    shared_with = forms.TypedChoiceField(
        required=False, label=gettext_lazy("Shared with"), coerce=int, empty_value=None
    )

    def __init__(self, data: Any = None, *, units: Iterable[Unit], shared_with: int | None = None) -> None:
        """Offer the units this person may share with."""
        super().__init__(data, initial={"shared_with": shared_with})
        _offer(self, units)


class BringForm(forms.Form):
    """A list of customers as a workbook."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name of the segment"))
    file = forms.FileField(label=gettext_lazy("Workbook (xlsx)"), allow_empty_file=False)


def _offer(form: forms.Form, units: Iterable[Unit]) -> None:
    chosen = form.fields["shared_with"]
    assert isinstance(chosen, forms.ChoiceField)
    chosen.choices = [(ALONE, _("Nobody, mine alone")), *((unit.pk, unit.name) for unit in units)]


class GiveOutForm(forms.Form):
    """By when the keepers are to have spoken to the customers of a segment."""

    due_on = forms.DateField(label=gettext_lazy("Due"), widget=DayInput)

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        """A day from today on."""
        super().__init__(*args, **more)
        self._today = today
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()

    def clean_due_on(self) -> date:
        """Not in the past."""
        due: date = self.cleaned_data["due_on"]
        if due < self._today:
            raise forms.ValidationError(_("Choose today or a later day."))
        return due
