"""The form of a new token."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.openapi.door import USUAL_RATE
from guanxi.crm.openapi.scopes import SCOPES
from guanxi.crm.organisation.models import Staff

LONGEST_DAYS, MOST_CALLS = 366, 60_000


class TokenForm(forms.Form):
    """Name, whom it acts as, scopes, how long it works, how often it may ask."""

    name = forms.CharField(label=gettext_lazy("Name of the system"), max_length=60)
    staff_no = forms.CharField(
        label=gettext_lazy("Acts as (staff number)"), max_length=32,
        help_text=gettext_lazy("A person nobody signs in as; the token sees what this person's posts let it see."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(label=gettext_lazy("Scopes"), widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(
        label=gettext_lazy("Works for (days)"), min_value=1, max_value=LONGEST_DAYS, initial=90
    )
    per_minute = forms.IntegerField(
        label=gettext_lazy("Requests a minute"), min_value=1, max_value=MOST_CALLS, initial=USUAL_RATE
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        """Offer the scopes in words."""
        super().__init__(*args, **more)
        chosen = self.fields["scopes"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        marked = _("%(scope)s (a second person approves)")
        chosen.choices = [
            (code, marked % {"scope": scope.words} if scope.exports else scope.words)
            for code, scope in SCOPES.items()
        ]

    def clean_staff_no(self) -> Staff:
        """The active person of this number."""
        found = Staff.objects.filter(staff_no=self.cleaned_data["staff_no"].strip(), is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("There is no active person with this number."))
        return found
