"""What is asked for at the counter: the number read, an event, a missing entry, a referral."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.counter import words
from guanxi.crm.counter.models import EventKind
from guanxi.crm.customers.search import LONGEST
from guanxi.crm.retention import words as retention_words
from guanxi.insight.policies.counter import CounterPolicy
from guanxi.insight.policies.retention import RetentionPolicy
from guanxi.web.forms import MoneyField


class NumberForm(forms.Form):
    """A card read, or a phone, id or customer number typed in full. It is never kept."""

    number = forms.CharField(
        label=_("Card, phone, id or customer number"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "inputmode": "text"}),
    )


class EventForm(forms.Form):
    """What the customer asks for; why and where to are asked once and may stay empty."""

    number = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Asks for"), choices=EventKind.choices, widget=forms.RadioSelect)
    amount = MoneyField(label=_("Amount in yuan"), required=False)
    said_reason = forms.ChoiceField(label=_("Why, if said"), required=False)
    said_place = forms.ChoiceField(label=_("Where to, if said"), required=False)

    def __init__(self, *args: Any, policy: RetentionPolicy | None, **kwargs: Any) -> None:
        """Both taxonomies as the policy of retention names them."""
        super().__init__(*args, **kwargs)
        reasons = [one for one in policy.leaving_reasons if "lost" in one.said_of] if policy else []
        places = policy.leaving_places if policy else ()
        told = {
            "said_reason": [(one.code, retention_words.label(one)) for one in reasons],
            "said_place": [(one.code, retention_words.label(one)) for one in places],
        }
        for name, choices in told.items():
            self.fields[name].choices = [("", _("not said")), *choices]  # type: ignore[attr-defined]  # a ChoiceField


class FactForm(forms.Form):
    """One missing entry."""

    value = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ReferralForm(forms.Form):
    """A wish that goes to whoever keeps the customer."""

    text = forms.CharField(
        label=_("What the customer wants"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ConsentForm(forms.Form):
    """What the customer agrees to, after the words were read out, and how that is proven."""

    channels = forms.MultipleChoiceField(
        label=_("The customer agrees to marketing by"), widget=forms.CheckboxSelectMultiple
    )
    proof = forms.ChoiceField(label=_("Proof of consent"))
    proof_no = forms.CharField(
        label=_("Number of the proof"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    read_out = forms.BooleanField(label=_("I have read these words to the customer"))

    def __init__(self, *args: Any, policy: CounterPolicy, **kwargs: Any) -> None:
        """Channels and proofs as the policy has them."""
        super().__init__(*args, **kwargs)
        told = {
            "channels": [
                (one.consent_channel, words.consent_channel(one.consent_channel))
                for one in policy.consent_words
            ],
            "proof": [(one.code, one.label(words.language())) for one in policy.consent_proofs],
        }
        for name, choices in told.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # both are choice fields
