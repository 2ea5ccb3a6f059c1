"""How form fields are drawn and read: the right class for each widget, days, and money typed in yuan."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from guanxi.web import formats

_FAR_YEAR = re.compile(r"(?<!\d)(0\d{3}|1[0-7]\d\d|9\d{3})(?!\d)")
_AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,2})?")

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.RadioSelect, "form-choices"),
    (forms.CheckboxSelectMultiple, "form-choices"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
)


def class_of(kind: forms.Widget) -> str:
    """The CSS class of a widget."""
    return next((name for widget_type, name in _CLASSES if isinstance(kind, widget_type)), "form-control")


def widget(field: BoundField, **attributes: Any) -> SafeString:
    """The field's own input with the look of this house; further attributes win over the widget's."""
    kind = field.field.widget
    marks = [class_of(kind), str(kind.attrs.get("class", "")), "is-invalid" if field.errors else ""]
    said = {name.replace("_", "-"): value for name, value in attributes.items()}
    return field.as_widget(attrs={"class": " ".join(mark for mark in marks if mark), **said})


class DayInput(forms.DateInput):
    """The browser's own calendar; it sends and takes 2026-10-31 whatever the language.

    A day of the first or the last years there are is none: a day or a zone added to it leaves the calendar.
    """

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Fix the format, which the browser prescribes."""
        super().__init__(attrs, format="%Y-%m-%d")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was sent; a day of such a year becomes a text that the field refuses in its own words."""
        sent = super().value_from_datadict(data, files, name)
        return "—" if isinstance(sent, str) and _FAR_YEAR.search(sent) else sent


class MoneyField(forms.CharField):
    """Money typed in yuan (元), with or without thousands separators; cleaned to whole fen (分)."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    default_error_messages = {
        "invalid": gettext_lazy("Enter an amount in yuan, such as 1,234.56."),
        "low": gettext_lazy("The amount may not be below zero."),
    }

    def __init__(self, *, below_zero: bool = False, **kwargs: Any) -> None:
        """`below_zero`: whether an amount may be negative."""
        super().__init__(**kwargs)
        self._below_zero = below_zero

    def clean(self, value: Any) -> Any:
        """Whole fen, or None where the field may be empty and is."""
        text = super().clean(value)
        return None if not text else self._fen_of(text)

    def prepare_value(self, value: Any) -> Any:
        """Fen given as initial are shown in yuan; what a person typed stays as typed."""
        return str(formats.yuan_of(value)) if isinstance(value, int) else value

    def _fen_of(self, text: str) -> int:
        """Read what was typed: at most 16 digits and two places, commas of both widths left out."""
        plain = text.replace(",", "").replace("\uff0c", "").strip()
        if not _AMOUNT.fullmatch(plain):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if plain.startswith("-") and not self._below_zero:
            raise forms.ValidationError(self.error_messages["low"], code="low")
        return formats.fen_of(Decimal(plain))
