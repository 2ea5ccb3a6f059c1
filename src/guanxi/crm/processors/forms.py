"""What the pages of the register may send."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.organisation.models import Staff
from guanxi.crm.processors import words
from guanxi.crm.processors.services import Draft
from guanxi.web.forms import DayInput

_CODE = re.compile(r"[\w.:-]{1,32}")
_BETWEEN = re.compile(r"[\s,，、;；]+")
MOST_CONNECTORS = 20


class ProcessorForm(forms.Form):
    """A processor with its contract."""

    vendor = forms.CharField(label=gettext_lazy("Vendor"), max_length=80)
    is_own = forms.BooleanField(
        label=gettext_lazy("Run by the bank itself, without a vendor"), required=False,
    )  # fmt: skip
    connectors = forms.CharField(
        label=gettext_lazy("Channels"), max_length=400,
        help_text=gettext_lazy("Codes as on the page of channels, with blanks between; or a name: partner-list."),
    )  # fmt: skip
    purpose = forms.CharField(label=gettext_lazy("Purpose of the processing"), max_length=200)
    fields_there = forms.MultipleChoiceField(
        label=gettext_lazy("Data that go there"), choices=list(words.FIELDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    country = forms.CharField(
        label=gettext_lazy("Country of the endpoint"), min_length=2, max_length=2,
        help_text=gettext_lazy("Two letters: CN, HK, MO, TW, SG, US, … Outside of the bank's country nothing is sent."),
    )  # fmt: skip
    contract_no = forms.CharField(label=gettext_lazy("Contract number"), max_length=40, required=False)
    contract_from = forms.DateField(label=gettext_lazy("Contract from"), widget=DayInput())
    contract_until = forms.DateField(
        label=gettext_lazy("Last day of the contract"), widget=DayInput(), required=False,
        help_text=gettext_lazy("May be empty for what the bank runs itself."),
    )  # fmt: skip
    supervisor_no = forms.CharField(
        label=gettext_lazy("Supervised by"), max_length=32, help_text=gettext_lazy("Staff number")
    )

    def clean_connectors(self) -> list[str]:
        """The codes."""
        codes = [code for code in _BETWEEN.split(self.cleaned_data["connectors"]) if code]
        wrong = next((code for code in codes if not _CODE.fullmatch(code)), None)
        if wrong is not None or not 0 < len(codes) <= MOST_CONNECTORS:
            raise forms.ValidationError(
                _("A channel's code has at most 32 letters, digits, dots and hyphens; at most %(n)s codes.")
                % {"n": MOST_CONNECTORS}
            )
        return codes

    def clean_country(self) -> str:
        """The code in capitals."""
        code = str(self.cleaned_data["country"]).upper()
        if not re.fullmatch(r"[A-Z]{2}", code):
            raise forms.ValidationError(_("Two letters, such as CN."))
        return code

    def clean_supervisor_no(self) -> Staff:
        """The person with this number."""
        number = self.cleaned_data["supervisor_no"].strip()
        found = Staff.objects.filter(staff_no=number, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody who works here has this number."))
        return found

    def draft(self) -> Draft:
        """What was typed, for the service."""
        told = dict(self.cleaned_data)
        return Draft(fields=told.pop("fields_there"), supervisor=told.pop("supervisor_no"), **told)


class SupervisionForm(forms.Form):
    """When one looked, and what was found."""

    on = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())
    finding = forms.CharField(
        label=gettext_lazy("What was found"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *told: Any, today: date, **more: Any) -> None:
        """Offer today."""
        super().__init__(*told, **more)
        self.fields["on"].initial = today
