"""Which span an audit pack is of."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guanxi.crm.compliance.pack.figures import Span
from guanxi.web.forms import DayInput


class SpanForm(forms.Form):
    """The first and the last day."""

    first = forms.DateField(label=_("First day of the span"), widget=DayInput())
    last = forms.DateField(label=_("Last day of the span"), widget=DayInput())

    def clean(self) -> dict[str, Any]:
        """The span does not end before it begins."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("first") and told.get("last") and told["first"] > told["last"]:
            raise ValidationError(_("The span ends before it begins."))
        return told

    def span(self) -> Span:
        """What was asked."""
        return Span(self.cleaned_data["first"], self.cleaned_data["last"])


def usual_span(until: date, days: int) -> Span:
    """So many days up to and with a day."""
    return Span(until - timedelta(days=days - 1), until)
