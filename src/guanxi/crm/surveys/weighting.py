"""The share of the satisfied weighted to the customers within reach, by tier and age (按客户结构加权)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.surveys import selectors
from guanxi.crm.surveys.guests import AGES
from guanxi.crm.surveys.models import Survey
from guanxi.insight.surveys.raking import NoRaking, Weighted, rake, weighted_share
from guanxi.insight.surveys.scores import SATISFIED

HIGH = 4
"""From this rank on tiers are one group: so few that single ones answer by chance."""


@dataclass(frozen=True)
class Attempt:
    """The weighted share, or why there is none."""

    share: Weighted | None
    why: str = ""


def csat(reach: Reach, survey: Survey, since: date) -> Attempt:
    """Answers of known customers, raked to everybody within reach."""
    rows = selectors.answers_of(reach, survey, since).filter(csat__isnull=False, tier_rank__isnull=False)
    told = list(rows.exclude(age_band="").values_list("tier_rank", "age_band", "csat"))
    groups = [(tier_group(rank or 0), band) for rank, band, _score in told]
    hits = [(score or 0) >= SATISFIED for _rank, _band, score in told]
    try:
        weights = rake(groups, _base(reach, since))
    except NoRaking as refused:
        return Attempt(None, str(refused))
    return Attempt(weighted_share(hits, groups, weights))


def tier_group(rank: int) -> str:
    """The group of a tier for weighting."""
    return f"{min(rank, HIGH)}"


def _base(reach: Reach, since: date) -> list[Mapping[str, float]]:
    """Persons within reach by group of tier and by band of age, counted in the store."""
    rows = PartyScore.objects.filter(kind="person", tier_rank__isnull=False)
    if not reach.whole_bank:
        rows = rows.filter(unit__in=sorted(reach.unit_ids))
    tiers: dict[str, float] = {}
    for rank, number in rows.values_list("tier_rank").annotate(number=Count("pk")):
        tiers[tier_group(rank)] = tiers.get(tier_group(rank), 0) + number
    ages: dict[str, float] = {}
    for year, number in rows.values_list("party__birth_date__year").annotate(number=Count("pk")):
        if year is not None:
            band = next(name for below, name in AGES if since.year - year < below)
            ages[band] = ages.get(band, 0) + number
    return [tiers, ages]
