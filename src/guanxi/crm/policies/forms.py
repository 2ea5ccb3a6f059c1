"""What is asked for when a version is decided about."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.web.forms import DayInput


class ReasonForm(forms.Form):
    """Why a version is turned down or taken back: its author reads it."""

    note = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why.")},
    )  # fmt: skip


class ActivateForm(forms.Form):
    """From which day a version counts."""

    valid_from = forms.DateField(label=_("Counts from"), widget=DayInput())

    def __init__(self, *told: Any, today: date, **more: Any) -> None:
        """Offer today, and no day before it."""
        more.setdefault("initial", {"valid_from": today})
        super().__init__(*told, **more)
        self.fields["valid_from"].widget.attrs["min"] = today.isoformat()
