"""What the pages of people may send."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.models import LicenceKind, Role, Staff, Unit
from guanxi.web.forms import DayInput


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """A unit by name and number."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, then number: two outlets may share a name."""
        return f"{obj.name} ({obj.unit_no})"


class PostForm(forms.Form):
    """Which post, where, from which day."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    unit = UnitChoice(label=_("Unit"), queryset=Unit.objects.none())
    valid_from = forms.DateField(label=_("From"), widget=DayInput())

    def __init__(self, *told: Any, units: QuerySet[Unit], today: date, **more: Any) -> None:
        """Offer the units the reader may see, and no day before today."""
        more["initial"] = {"valid_from": today} | more.get("initial", {})
        super().__init__(*told, **more)
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = units.order_by("unit_no")
        self.fields["valid_from"].widget.attrs["min"] = today.isoformat()


class CloseForm(forms.Form):
    """The first day a post is no longer held."""

    valid_to = forms.DateField(
        label=_("First day without it"), widget=DayInput(), help_text=_("Today ends it at once.")
    )

    def __init__(self, *told: Any, today: date, **more: Any) -> None:
        """Offer today, and no day before it."""
        more.setdefault("initial", {"valid_to": today})
        super().__init__(*told, **more)
        self.fields["valid_to"].widget.attrs["min"] = today.isoformat()


class NewStaffForm(forms.Form):
    """A new person; the post is given on the next page."""

    staff_no = forms.CharField(label=_("Staff number"), max_length=32)
    name = forms.CharField(label=_("Name"), max_length=100)

    def clean_staff_no(self) -> str:
        """A number that nobody has yet."""
        number = str(self.cleaned_data["staff_no"]).strip()
        if Staff.objects.filter(staff_no=number).exists():
            raise forms.ValidationError(_("Somebody has this staff number already."))
        return number


class PasswordForm(forms.Form):
    """A first or new password, told to the person by word of mouth."""

    password = forms.CharField(
        label=_("New password"), max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *told: Any, **more: Any) -> None:
        """Say what the password needs."""
        super().__init__(*told, **more)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        """What the service will ask of it, said at the field and in the reader's language."""
        password = str(self.cleaned_data["password"])
        try:
            validate_password(password)
        except forms.ValidationError as error:
            raise forms.ValidationError([_told(one) for one in error.error_list]) from error
        return password


def _told(error: forms.ValidationError) -> str:
    """A password's fault in words of our own where Django has none in Chinese."""
    if error.code == "password_too_short" and error.params:
        return gettext("The password needs at least %(n)s characters.") % {"n": error.params["min_length"]}
    return error.messages[0]


class CoverForm(forms.Form):
    """Who stands in, from when to when, both days included."""

    covering = forms.ModelChoiceField(label=_("Who stands in"), queryset=Staff.objects.none())
    first_day = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(label=_("Last day"), widget=DayInput())
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *told: Any, colleagues: QuerySet[Staff], today: date, **more: Any) -> None:
        """Offer colleagues of the same units, and days from today on."""
        more.setdefault("initial", {"first_day": today, "last_day": today})
        super().__init__(*told, **more)
        field = self.fields["covering"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues
        for name in ("first_day", "last_day"):
            self.fields[name].widget.attrs["min"] = today.isoformat()


class LicenceForm(forms.Form):
    """A qualification with its number and days."""

    kind = forms.ChoiceField(label=_("Qualification"), choices=LicenceKind.choices)
    number = forms.CharField(label=_("Certificate number"), max_length=64)
    issued_on = forms.DateField(label=_("Issued on"), widget=DayInput())
    expires_on = forms.DateField(
        label=_("Good until"), widget=DayInput(), required=False, help_text=_("Empty: it does not expire.")
    )


def refused(form: forms.Form, sentences: Sequence[str]) -> None:
    """Put a service's refusal over the form."""
    for sentence in sentences:
        form.add_error(None, sentence)
