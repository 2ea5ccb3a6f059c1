"""What is typed about care: a gift, news of a customer, a suggestion, its answer, an important date."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.care.dates import DateDraft
from guanxi.crm.care.models import Calendar, DateKind, DateSource, VoiceState
from guanxi.crm.care.services import GiftDraft
from guanxi.crm.care.words import language
from guanxi.insight.policies.care import CarePolicy
from guanxi.web.forms import DayInput, MoneyField

_ANSWERS = [(state, VoiceState(state).label) for state in VoiceState.values if state != VoiceState.HANDED_IN]


class GiftForm(forms.Form):
    """A gift: what, its value, why, from which budget, when."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Gift"), widget=forms.RadioSelect)
    what = forms.CharField(label=_("What exactly"), max_length=80)
    value_fen = MoneyField(label=_("Value in yuan"))
    occasion = forms.ChoiceField(label=_("Occasion"))
    budget = forms.ChoiceField(label=_("Paid from"))
    day = forms.DateField(label=_("Given on"), widget=DayInput())

    def __init__(self, *told: Any, policy: CarePolicy, today: date, **more: Any) -> None:
        """Offer what the policy has."""
        more["initial"] = {"client_key": uuid4(), "day": today}
        super().__init__(*told, **more)
        for name, rows in (
            ("kind", policy.gift_kinds),
            ("occasion", policy.gift_occasions),
            ("budget", policy.gift_budgets),
        ):
            self.fields[name].choices = [(one.code, one.label(language())) for one in rows]  # type: ignore[attr-defined]

    def draft(self) -> GiftDraft:
        """What was typed, for the service."""
        told = self.cleaned_data
        return GiftDraft(**{name: told[name] for name in GiftDraft.__annotations__})


class NewsForm(forms.Form):
    """What happened in a customer's life, and when."""

    kind = forms.ChoiceField(label=_("What happened"), widget=forms.RadioSelect)
    day = forms.DateField(label=_("When"), widget=DayInput())
    note = forms.CharField(label=_("Further to know"), max_length=200, required=False)

    def __init__(self, *told: Any, policy: CarePolicy, today: date, **more: Any) -> None:
        """Offer what the policy has."""
        more["initial"] = {"day": today}
        super().__init__(*told, **more)
        self.fields["kind"].choices = [(one.code, one.label(language())) for one in policy.life_events]  # type: ignore[attr-defined]
        self.fields["day"].widget.attrs["max"] = today.isoformat()


class VoiceForm(forms.Form):
    """A customer's suggestion."""

    topic = forms.ChoiceField(label=_("Topic of the suggestion"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What the customer suggests"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *told: Any, policy: CarePolicy, **more: Any) -> None:
        """Offer what the policy has."""
        super().__init__(*told, **more)
        self.fields["topic"].choices = [(one.code, one.label(language())) for one in policy.voice_topics]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """What head office makes of a suggestion."""

    state = forms.ChoiceField(label=_("What becomes of it"), choices=_ANSWERS)
    text = forms.CharField(
        label=_("Answer for the customer"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DateForm(forms.Form):
    """An important date: what, by which calendar, month and day; the year only where it is known."""

    kind = forms.ChoiceField(label=_("What kind of day"), choices=DateKind.choices)
    calendar = forms.ChoiceField(
        label=_("Calendar"), choices=Calendar.choices,
        help_text=_("A day of a leap month is kept in that leap month where the year has it, else in the regular one."),
    )  # fmt: skip
    month = forms.IntegerField(label=_("Month"), min_value=1, max_value=12)
    dom = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=31,
        help_text=_("The 30th of a short lunar month is kept on the 29th, 29 February on the 28th."),
    )  # fmt: skip
    year = forms.IntegerField(label=_("Year, where known"), min_value=1900, max_value=2100, required=False)
    note = forms.CharField(label=_("What the day is"), max_length=60, required=False)
    source = forms.ChoiceField(label=_("Known from"), choices=DateSource.choices)

    def draft(self) -> DateDraft:
        """What was typed, for the service."""
        return DateDraft(**self.cleaned_data)
