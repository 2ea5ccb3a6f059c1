"""Reads of the product list. Products are no secret; sums of what is held keep to the reader's units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When

from guanxi.crm.catalog.models import Family, Product, ProductHeld, ProductVersion
from guanxi.crm.organisation.rules import Reach

UNGRADED = "none"
"""Stands in an address for products without a grade of risk."""


@dataclass(frozen=True)
class Asked:
    """What a list of products is narrowed by; empty is everything. `state`: on_sale, coming, ended."""

    text: str = ""
    family: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True)
class Held:
    """How many customers hold a product and how much, in fen of the base currency; accounts that end in 30 days."""

    customers: int = 0
    held_fen: int = 0
    maturing: int = 0
    maturing_fen: int = 0


def products(asked: Asked, day: date) -> QuerySet[Product]:
    """The products that pass, by family in the contract's order, then name. The higher of both grades counts."""
    rows = _narrowed(asked)
    if asked.state:
        rows = rows.filter(_in_state(asked.state, day))
    families = [When(family=family, then=Value(place)) for place, family in enumerate(Family.values)]
    return rows.order_by(Case(*families, output_field=IntegerField()), "name", "product_code")


def counts(asked: Asked, day: date) -> dict[str, int]:
    """How many pass in each state of sale and, under "", in any."""
    states = {state: Count("pk", filter=_in_state(state, day)) for state in ("on_sale", "coming", "ended")}
    found = _narrowed(asked).aggregate(every=Count("pk"), **states)
    return {"": found.pop("every"), **found}


def _narrowed(asked: Asked) -> QuerySet[Product]:
    rows = Product.objects.all()
    if asked.text:
        rows = rows.filter(Q(name__icontains=asked.text) | Q(product_code__icontains=asked.text))
    if asked.family:
        rows = rows.filter(family__in=asked.family)
    if asked.grade:
        rows = rows.filter(_of_grades(asked.grade))
    return rows


def _of_grades(grades: Iterable[str]) -> Q:
    found = Q(pk__in=[])
    for grade in grades:
        if grade == UNGRADED:
            found |= Q(risk_grade=None, issuer_risk_grade=None)
            continue
        no_higher = Q(issuer_risk_grade=None) | Q(issuer_risk_grade__lte=grade)
        found |= Q(risk_grade=grade) & no_higher
        found |= Q(issuer_risk_grade=grade) & (Q(risk_grade=None) | Q(risk_grade__lte=grade))
    return found


def _in_state(state: str, day: date) -> Q:
    return {
        "on_sale": (Q(sold_from=None) | Q(sold_from__lte=day)) & (Q(sold_to=None) | Q(sold_to__gte=day)),
        "coming": Q(sold_from__gt=day),
        "ended": Q(sold_to__lt=day) & (Q(sold_from=None) | Q(sold_from__lte=day)),
    }[state]


def product_of(code: str) -> Product | None:
    """The product of this code; None when the bank's list never had it."""
    return Product.objects.filter(product_code=code).first()


def versions_of(product: Product) -> list[ProductVersion]:
    """Its versions, the newest first."""
    return list(product.versions.all())


def held_in_units(reach: Reach, codes: Iterable[str]) -> Mapping[str, Held]:
    """By product, what customers of the reader's units hold, as the last run counted it; nothing without units."""
    rows = ProductHeld.objects.filter(product_code__in=list(codes))
    if not reach.whole_bank:
        rows = rows.filter(unit__in=sorted(reach.unit_ids))
    sums = {name: Sum(name) for name in ("customers", "held_fen", "maturing", "maturing_fen")}
    found = rows.values_list("product_code").annotate(**sums).order_by()
    return {code: Held(*figures) for code, *figures in found}
