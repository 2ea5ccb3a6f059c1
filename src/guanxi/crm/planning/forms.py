"""What the pages of wealth planning may send."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.crm.catalog.models import Product
from guanxi.crm.organisation.models import Staff
from guanxi.crm.planning.rules import Line, ProposalDraft
from guanxi.web.forms import DayInput, MoneyField

LINES = 5


class PlannerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """A planner by name and number."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, then number."""
        return f"{obj.name} ({obj.staff_no})"


class ProductChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """A product with family and grade."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, family, grade where it has one."""
        return " · ".join(filter(None, (obj.name, str(obj.get_family_display()), obj.risk_grade)))


class AskForm(forms.Form):
    """Whom, and what."""

    planner = PlannerChoice(label=_("Planner"), queryset=Staff.objects.none())
    question = forms.CharField(
        label=_("What the planner is asked"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *told: Any, people: QuerySet[Staff], **more: Any) -> None:
        """Offer the bank's planners."""
        super().__init__(*told, **more)
        field = self.fields["planner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people


class WhyForm(forms.Form):
    """A reason in one line."""

    why = forms.CharField(label=_("Reason"), max_length=200)


class ProposalForm(forms.Form):
    """Up to five products with amounts, the assumptions line by line, the next step."""

    assumptions = forms.CharField(
        label=_("Assumptions"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000,
        help_text=_("One a line: when the money is needed, what else there is, how long it can stay."),
    )  # fmt: skip
    next_step = forms.CharField(label=_("Next step"), max_length=120)
    next_due = forms.DateField(label=_("By"), widget=DayInput())
    recording_no = forms.CharField(label=_("Recording number"), max_length=32, required=False)

    def __init__(self, *told: Any, products: QuerySet[Product], today: date, **more: Any) -> None:
        """Offer what is on sale."""
        super().__init__(*told, **more)
        for number in range(LINES):
            self.fields[f"product_{number}"] = ProductChoice(
                label=_("Product"), queryset=products, required=False, empty_label=_("None")
            )
            self.fields[f"amount_{number}"] = MoneyField(label=_("Amount (yuan)"), required=False)
        self.fields["next_due"].widget.attrs["min"] = today.isoformat()

    def lines(self) -> Iterator[tuple[Any, Any]]:
        """The fields line by line."""
        for number in range(LINES):
            yield self[f"product_{number}"], self[f"amount_{number}"]

    def draft(self) -> ProposalDraft:
        """What was typed, for the service; a line without product is left out."""
        told = self.cleaned_data
        chosen = [(told[f"product_{number}"], told[f"amount_{number}"] or 0) for number in range(LINES)]
        return ProposalDraft(
            lines=[_line(product, fen) for product, fen in chosen if product is not None],
            assumptions=told["assumptions"].splitlines(), next_step=told["next_step"], next_due=told["next_due"],
            recording_no=told["recording_no"],
        )  # fmt: skip


def _line(product: Product, fen: int) -> Line:
    return Line(product.product_code, product.name, fen, product.offer)
