"""What is asked for in a case: a step, an offer, a word on an offer, the days of the report."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.catalog.models import Product
from guanxi.crm.interactions.models import Channel
from guanxi.crm.retention.models import OfferKind
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.insight.policies.retention import MONEY_OFFERS
from guanxi.web.formats import is_chinese
from guanxi.web.forms import DayInput, MoneyField


class StepForm(forms.Form):
    """A contact with the customer; `client_key` makes sending twice one contact."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices, initial=Channel.CALL)
    outcome = forms.ChoiceField(label=_("Outcome"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, policy: InteractionPolicy, language: str, **kwargs: Any) -> None:
        """Outcomes as the policy of contacts names them."""
        super().__init__(*args, **kwargs)
        told = [
            (one.outcome, one.label_zh if is_chinese(language) else one.label_en) for one in policy.outcomes
        ]
        self.fields["outcome"].choices = told  # type: ignore[attr-defined]  # a ChoiceField has them


class OfferForm(forms.Form):
    """An offer: money in yuan, a rate in basis points, the others as a number (one when left empty)."""

    kind = forms.ChoiceField(label=_("Offer"), choices=OfferKind.choices)
    amount = MoneyField(
        label=_("How much"), required=False, help_text=_("Yuan; basis points for a rate; empty for one.")
    )
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label=_("none")
    )
    text = forms.CharField(label=_("What exactly"), required=False, max_length=200)

    def __init__(self, *args: Any, products: Iterable[Product] | None = None, **kwargs: Any) -> None:
        """`products`: those that may be offered to this customer today, to choose from; the service asks again."""
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Product.objects.all()
        if products is not None:
            field.choices = [("", field.empty_label or ""), *((one.pk, str(one)) for one in products)]

    def clean(self) -> dict[str, Any]:
        """The amount in the unit of its kind; refuses parts of a basis point or of a thing."""
        told: dict[str, Any] = super().clean() or {}
        fen = told.get("amount")
        if told.get("kind") in MONEY_OFFERS:
            told["amount"] = fen or 0
        elif fen is None:
            told["amount"] = 1
        elif fen % 100:
            self.add_error("amount", _("A whole number, please."))
        else:
            told["amount"] = fen // 100
        return told


class SpanForm(forms.Form):
    """The days a report covers."""

    first = forms.DateField(label=_("First day"), widget=DayInput)
    last = forms.DateField(label=_("Last day"), widget=DayInput)

    def span(self, otherwise: tuple[date, date]) -> tuple[date, date]:
        """The days asked for, both included; `otherwise` when they make no sense."""
        if not self.is_valid() or self.cleaned_data["first"] > self.cleaned_data["last"]:
            return otherwise
        return self.cleaned_data["first"], self.cleaned_data["last"]
