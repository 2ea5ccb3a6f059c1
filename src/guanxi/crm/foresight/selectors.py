"""Reads of warnings, signals and models. What is about customers asks for a reach and shows nothing without one."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Count, QuerySet, Sum

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.foresight.models import (
    Change,
    EarlyWarning,
    ListState,
    ModelNight,
    ModelState,
    ModelVersion,
    Signal,
)
from guanxi.crm.organisation.rules import Reach


def warnings(reach: Reach) -> QuerySet[EarlyWarning]:
    """The warnings within reach, with whom they are about."""
    rows = within(EarlyWarning.objects.all(), reach)
    told = rows.select_related("party", "party__partyscore", "unit", "keeper")
    return told.defer("party__partyscore__details")


def counts(reach: Reach) -> Mapping[str, tuple[int, int]]:
    """Warnings and money at stake (fen) within reach by list state."""
    rows = (
        within(EarlyWarning.objects.all(), reach)
        .values("state")
        .annotate(number=Count("*"), fen=Sum("at_stake_fen"))
        .values_list("state", "number", "fen")
    )
    found = {state: (number, int(fen or 0)) for state, number, fen in rows}
    return {state: found.get(state, (0, 0)) for state in ListState.values}


def warning_of(reach: Reach, party: Party) -> EarlyWarning | None:
    """The customer's warning, when there is one and the customer is within reach."""
    if nothing_in(party, EarlyWarning) or not reach.covers(party.unit_id, party.keeper_id):
        return None
    return EarlyWarning.objects.filter(party=party).first()


def signals_of(reach: Reach, party: Party) -> list[Signal]:
    """Every indicator that speaks of the customer, by name."""
    if nothing_in(party, Signal) or not reach.covers(party.unit_id, party.keeper_id):
        return []
    return list(Signal.objects.filter(party=party).order_by("signal"))


def changes_of(reach: Reach, party: Party) -> list[Change]:
    """What is different about the customer from the run before."""
    if nothing_in(party, Change) or not reach.covers(party.unit_id, party.keeper_id):
        return []
    return list(Change.objects.filter(party=party).order_by("kind", "what"))


def models() -> QuerySet[ModelVersion]:
    """All versions of all purposes without their texts, the newest first."""
    return ModelVersion.objects.defer("body").select_related("owner", "asked_by", "decided_by").order_by(
        "purpose", "-version"
    )  # fmt: skip


def model_on(purpose: str) -> ModelVersion | None:
    """The version that is switched on."""
    return models().filter(purpose=purpose, state=ModelState.ON).first()


def nights() -> list[ModelNight]:
    """The last twelve months of the scorer's nights, oldest first."""
    return list(ModelNight.objects.order_by("-month")[:12])[::-1]


def last_night() -> ModelNight | None:
    """How the last night was served; None before any."""
    return ModelNight.objects.order_by("-month").first()


def last_training(purpose: str) -> date | None:
    """The business date of the last training."""
    return (
        ModelVersion.objects.filter(purpose=purpose)
        .order_by("-business_date")
        .values_list("business_date", flat=True)
        .first()
    )
