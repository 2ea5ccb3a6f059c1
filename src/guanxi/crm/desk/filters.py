"""The filters of the customer list: read from an address, drawn as a form and as chips, applied to the scores."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.catalog.models import Family
from guanxi.crm.catalog.selectors import product_of
from guanxi.crm.customers.models import Holding, NameGram, PartyKind
from guanxi.crm.customers.rules import grams_asked
from guanxi.crm.desk.sealed import seal, unseal
from guanxi.crm.organisation.models import Staff, Unit, UnitScope
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.words import STAGES
from guanxi.web import formats
from guanxi.web.forms import MoneyField

NONE = "none"
"""Stands in an address for "without": not rated, nobody's customer."""

OWNED = ("holder", "joint")


Boxes = forms.CheckboxSelectMultiple


class FilterForm(forms.Form):
    """What a customer list can be narrowed by."""

    text = forms.CharField(max_length=40, required=False, label=gettext_lazy("Name contains"))
    tier = forms.MultipleChoiceField(required=False, label=gettext_lazy("Tier"), widget=Boxes)
    stage = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Stage"), choices=list(STAGES.items()), widget=Boxes
    )
    unit = forms.TypedChoiceField(required=False, label=gettext_lazy("Outlet"), coerce=int, empty_value=None)
    keeper = forms.ChoiceField(required=False, label=gettext_lazy("Keeper"))
    aum_from = MoneyField(required=False, label=gettext_lazy("AUM from (yuan)"))
    aum_to = MoneyField(required=False, label=gettext_lazy("AUM to (yuan)"))
    family = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Holds"), choices=Family.choices, widget=Boxes
    )
    kind = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Kind"), choices=PartyKind.choices, widget=Boxes
    )
    watch = forms.BooleanField(required=False, label=gettext_lazy("On watch only"))
    product = forms.CharField(
        max_length=64, required=False, label=gettext_lazy("Holds"), widget=forms.HiddenInput
    )

    def __init__(
        self,
        data: Any,
        *,
        names: TierNames,
        units: Callable[[], Iterable[Unit]],
        keepers: Callable[[], Iterable[Staff]],
    ) -> None:
        """Offer the bank's tiers and the units and keepers within the reader's reach; others are refused."""
        super().__init__(data)
        self._offer("tier", lambda: [*_offered(names), (NONE, _("Not rated"))])
        self._offer("unit", lambda: [("", _("All")), *((unit.pk, unit.name) for unit in units())])
        self._offer("keeper", lambda: [("", _("All")), (NONE, _("Nobody yet")), *_named(keepers())])

    def _offer(self, name: str, choices: Callable[[], list[tuple[Any, Any]]]) -> None:
        """Choices that are read when somebody chooses: most lists are neither narrowed nor is their form open."""
        chosen = self.fields[name]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = lru_cache(choices)


def _named(people: Iterable[Staff]) -> list[tuple[str, str]]:
    return [(str(staff.pk), staff.name) for staff in people]


def _offered(names: TierNames) -> list[tuple[Any, Any]]:
    return [(choice.key, choice.label) for choice in names.choices()]


@dataclass(frozen=True)
class Filters:
    """What was asked for, cleaned; empty means everything within reach."""

    text: str = ""
    tier: list[str] = field(default_factory=list)
    stage: list[str] = field(default_factory=list)
    unit: int | None = None
    keeper: str = ""
    aum_from: int | None = None
    aum_to: int | None = None
    family: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    watch: bool = False
    product: str = ""


def opened(query: QueryDict) -> QueryDict:
    """The address's parameters with the sealed text opened: what the form is bound to."""
    told = query.copy()
    told["text"] = unseal(query.get("text", ""))
    return told


def filters_of(form: FilterForm) -> Filters:
    """The cleaned filters; what the form refused is left out, so a stale address shows more and not an error."""
    form.is_valid()
    return Filters(
        **{name: value for name, value in form.cleaned_data.items() if value not in (None, "", [])}
    )


def as_query(filters: Filters, keep: QueryDict) -> str:
    """The filters as an address, with the sort and the columns that were chosen before."""
    made = QueryDict(mutable=True)
    for name, value in vars(filters).items():
        if value in (None, "", [], False):
            continue
        if name == "text":
            made["text"] = seal(str(value))
        elif name in {"aum_from", "aum_to"}:
            made[name] = f"{formats.yuan_of(value).normalize():f}"
        elif isinstance(value, list):
            made.setlist(name, [str(each) for each in value])
        else:
            made[name] = "1" if value is True else str(value)
    for name in ("sort", "columns"):
        if keep.getlist(name):
            made.setlist(name, keep.getlist(name))
    return made.urlencode()


def narrowed(rows: QuerySet[PartyScore], filters: Filters) -> QuerySet[PartyScore]:
    """The rows that pass every filter; the same object where nothing is asked."""
    if filters == Filters():
        return rows
    for condition in _conditions(filters):
        rows = rows.filter(condition)
    return rows


def _conditions(filters: Filters) -> Iterable[Q | Exists]:
    if filters.tier:
        yield _tiers(filters.tier)
    if filters.unit is not None:
        members = UnitScope.objects.filter(unit=filters.unit).values_list("member_id", flat=True)
        yield Q(unit__in=list(members))
    if filters.keeper:
        yield Q(keeper__isnull=True) if filters.keeper == NONE else Q(keeper=int(filters.keeper))
    plain = {
        "stage__in": filters.stage or None,
        "kind__in": filters.kind or None,
        "aum_fen__gte": filters.aum_from,
        "aum_fen__lte": filters.aum_to,
        "watch": filters.watch or None,
    }
    yield Q(**{name: value for name, value in plain.items() if value is not None})
    yield from _through_other_tables(filters)


def _through_other_tables(filters: Filters) -> Iterable[Exists]:
    """What the score itself does not carry: products held, letters of the name."""
    if filters.family:
        held = Holding.objects.filter(party=OuterRef("party"), family__in=filters.family, role__in=OWNED)
        yield Exists(held.exclude(state="closed"))
    if filters.product:
        held = Holding.objects.filter(party=OuterRef("party"), product_code=filters.product, role__in=OWNED)
        yield Exists(held.exclude(state="closed"))
    for gram in grams_asked(filters.text):
        yield Exists(NameGram.objects.filter(party=OuterRef("party"), gram=gram))


def _tiers(chosen: Iterable[str]) -> Q:
    """Any of these tiers, each as scheme.rank."""
    wanted = Q(pk__in=[])
    for key in chosen:
        scheme, _dot, rank = key.rpartition(".")
        known = Q(tier_scheme=scheme, tier_rank=int(rank)) if rank.isdigit() else Q(tier_rank__isnull=True)
        wanted |= known
    return wanted


def chips(form: FilterForm, filters: Filters, query: QueryDict) -> list[tuple[str, str]]:
    """Each filter that is set, in words, with the address without it."""
    made = []
    for name, value in vars(filters).items():
        if value in (None, "", [], False):
            continue
        rest = query.copy()
        for gone in (name, "after", "before"):
            rest.pop(gone, None)
        made.append((_in_words(form, name, value), f"?{rest.urlencode()}"))
    return made


def _in_words(form: FilterForm, name: str, value: Any) -> str:
    if name == "aum_from":
        return _("AUM from %(amount)s") % {"amount": formats.money(value)}
    if name == "aum_to":
        return _("AUM up to %(amount)s") % {"amount": formats.money(value)}
    if name == "watch":
        return _("On watch")
    if name == "product":
        found = product_of(value)
        return _("%(what)s: %(value)s") % {"what": _("Holds"), "value": found.name if found else value}
    label = str(form.fields[name].label)
    choices = dict(getattr(form.fields[name], "choices", ()))
    values = value if isinstance(value, list) else [value]
    said = [str(choices.get(each, each)) for each in values]
    return _("%(what)s: %(value)s") % {"what": label, "value": "、".join(said)}
