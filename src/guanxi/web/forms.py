"""How form fields are drawn and read: the right class for each widget, days, and money typed in yuan."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from guanxi.web import formats

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
    """The browser's own calendar; it sends and takes 2026-10-31 whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Fix the format, which the browser prescribes."""
        super().__init__(attrs, format="%Y-%m-%d")


class MoneyField(forms.DecimalField):
    """Money typed in yuan (元), with or without thousands separators; cleaned to whole fen (分)."""

    default_error_messages = {"invalid": gettext_lazy("Enter an amount in yuan, such as 1,234.56.")}

    def __init__(self, **kwargs: Any) -> None:
        """Two places at most; 18 digits, as the lake keeps them."""
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "number"}))
        super().__init__(max_digits=18, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        """Read the text as yuan, commas of both widths left out."""
        text = value.replace(",", "").replace("\uff0c", "") if isinstance(value, str) else value
        return super().to_python(text)

    def clean(self, value: Any) -> int | None:  # type: ignore[override]  # fen leave the form, not yuan
        """Whole fen, or None where the field may be empty and is."""
        amount = super().clean(value)
        return None if amount is None else formats.fen_of(amount)

    def prepare_value(self, value: Any) -> Any:
        """Fen given as initial are shown in yuan; what a person typed stays as typed."""
        return str(formats.yuan_of(value)) if isinstance(value, int) else value
