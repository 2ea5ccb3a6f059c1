"""What the score panels of a customer page show, worked out from published rows; no request, no markup."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.words import RENOWN
from guanxi.crm.scores import reasons, value_reasons
from guanxi.crm.scores.facts import tier_facts, value_facts
from guanxi.crm.scores.models import PartyHistory, PartyScore, TierHistory
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.value_reasons import ValueFacts
from guanxi.crm.scores.words import COMPONENTS, INDICATORS, STAGES

SHORT, LONG = 12, 25


@dataclass(frozen=True)
class HeldTier:
    """A stretch of time with one tier; `until` None: still held."""

    label: str
    rank: int | None
    since: Any
    until: Any


def tier_panel(picture: Picture) -> dict[str, Any]:
    """Why this tier and how far to the next, in sentences; the tiers before."""
    score, run, names = picture.score, picture.run, picture.names
    held = [_held(row, names) for row in picture.tiers]
    if score is None or run is None:
        return {
            "tier_sentences": [_("No run has scored this customer yet.")],
            "tiers_held": held,
        }
    sentences = reasons.tier_sentences(tier_facts(score, run, names), get_language() or "zh")
    return {"tier_sentences": sentences, "tiers_held": held}


def _held(row: TierHistory, names: TierNames) -> HeldTier:
    return HeldTier(names.label(row.scheme, row.tier_rank), row.tier_rank, row.valid_from, row.valid_to)


@dataclass(frozen=True)
class Part:
    """A component of AUM now: its amount in fen and its share of the whole."""

    code: str
    label: str
    fen: int
    share: float | None


def composition(history: PartyHistory) -> list[Part]:
    """The components of the latest month that are not nothing, the largest first."""
    latest = {code: (getattr(history, f"{code}_fen") or [None])[-1] for code in COMPONENTS}
    known = {code: fen for code, fen in latest.items() if fen}
    total = sum(known.values())
    parts = [
        Part(code, str(COMPONENTS[code]), fen, fen / total if total > 0 else None)
        for code, fen in known.items()
    ]
    return sorted(parts, key=lambda part: -part.fen)


def wealth_chart(history: PartyHistory, months: int) -> dict[str, Any]:
    """AUM by component over the last months, for an area chart; components never held are left out."""
    series = []
    for code, label in COMPONENTS.items():
        values = list(getattr(history, f"{code}_fen"))[-months:]
        if any(values):
            series.append({"code": code, "name": str(label), "values": values})
    return {"categories": [f"{month:%Y-%m}" for month in history.months[-months:]], "series": series}


def moved_since(values: Sequence[int | None], back: int) -> float | None:
    """The share by which the last value moved against `back` months before; None where either is unknown or 0."""
    if len(values) <= back or values[-1] is None or not values[-1 - back]:
        return None
    before = values[-1 - back]
    return None if not before else (values[-1] - before) / abs(before)


@dataclass(frozen=True)
class Indicator:
    """One of the four bars of the value card: score 0..100, its sentence, weight here, and what it was made from."""

    code: str
    label: str
    score: float | None
    sentence: str
    weight: float | None
    inputs: list[tuple[str, Any, str]]


def indicators(party: Party, score: PartyScore) -> list[Indicator]:
    """The four indicators with their inputs; the weight of one without ground was spread over the rest."""
    facts, language = value_facts(score), get_language() or "zh"
    sentences = value_reasons.value_sentences(facts, language)
    inputs: tuple[list[tuple[str, Any, str]], ...] = (
        list(_contribution_inputs(facts)),
        [(_("Risk points"), facts.risk_points, "number")],
        list(_renown_inputs(party, score)),
        [(_("Relations"), facts.relations_count, "number"), (_("Family members"), facts.family_count, "number"),
         (_("Employees"), facts.employees_count, "number")],
    )  # fmt: skip
    return [
        Indicator(
            code,
            str(label),
            getattr(score, f"{code}_score"),
            sentence,
            getattr(facts, f"weight_{code}"),
            made,
        )
        for (code, label), sentence, made in zip(INDICATORS.items(), sentences, inputs, strict=False)
    ]


def _contribution_inputs(facts: ValueFacts) -> Iterator[tuple[str, Any, str]]:
    yield _("Margin on deposits"), facts.deposit_margin_12m_fen, "money"
    yield _("Margin on loans"), facts.loan_margin_12m_fen, "money"
    yield _("Fees"), facts.fee_income_12m_fen, "money"
    yield _("Expected loss"), facts.expected_loss_12m_fen, "money"
    yield _("Surtax and cost to serve"), facts.costs_12m_fen, "money"
    yield _("Contribution, 12 months"), facts.contribution_12m_fen, "money"


def _renown_inputs(party: Party, score: PartyScore) -> Iterator[tuple[str, Any, str]]:
    yield _("Ground"), RENOWN.get(party.renown_kind or ""), "text"
    yield _("Points"), (score.details.get("value") or {}).get("renown_points"), "number"
    yield _("Source"), party.renown_source, "text"
    yield _("Stated on"), party.renown_on, "day"


@dataclass(frozen=True)
class HeldStage:
    """Months in one stage, both ends included."""

    stage: str
    since: Any
    until: Any
    months: int


def stages_held(history: PartyHistory) -> list[HeldStage]:
    """The stages of the months known, the latest first."""
    found: list[HeldStage] = []
    for month, stage in zip(history.months, history.stages, strict=True):
        if not stage:
            continue
        if found and found[-1].stage == stage:
            found[-1] = HeldStage(stage, found[-1].since, month, found[-1].months + 1)
        else:
            found.append(HeldStage(stage, month, month, 1))
    return found[::-1]


@dataclass(frozen=True)
class Moved:
    """One thing that changed since the run before: what, before, now; `fen` for an amount that moved."""

    what: str
    before: str | None
    now: str | None
    fen: int | None = None


def changes(score: PartyScore, names: TierNames) -> list[Moved]:
    """What this run says differently from the one before; empty when nothing."""
    found = []
    if score.aum_change_fen:
        found.append(Moved(_("AUM"), None, None, score.aum_change_fen))
    if score.tier_before != score.tier_rank and score.tier_before is not None:
        before = names.label(score.tier_scheme, score.tier_before)
        found.append(Moved(_("Tier"), before, names.label(score.tier_scheme, score.tier_rank)))
    if score.stage_before and score.stage and score.stage_before != score.stage:
        found.append(Moved(_("Stage"), str(STAGES.get(score.stage_before)), str(STAGES.get(score.stage))))
    return found


@dataclass(frozen=True)
class Rank:
    """One of recency, frequency and money: its rank 1..5 (5 is best; None: not ranked) and what it rests on."""

    label: str
    rank: int | None
    ground: str


def rfm(score: PartyScore, told: Mapping[str, Any]) -> list[Rank]:
    """The three ranks of the customer's own transactions; `told` are the counts behind them (score.behaviour)."""
    idle, active = told.get("recency_days"), told.get("frequency_days")
    average = score.daily_average_fen
    return [
        Rank(_("Recency"), score.recency_rank,
             "" if idle is None else _("last own transaction %(n)s days ago") % {"n": idle}),
        Rank(_("Frequency"), score.frequency_rank,
             "" if active is None else _("%(n)s active days in 6 months") % {"n": active}),
        Rank(_("Money"), score.money_rank,
             "" if average is None else _("by the average of the last closed month")),
    ]  # fmt: skip


@dataclass(frozen=True)
class Month:
    """One month of a customer: tier and stage then, amounts in fen at its end; `moved` against the month before."""

    month: Any
    rank: int | None
    tier: str
    stage: str | None
    aum: int | None
    moved: int | None
    average: int | None
    deposits: int | None
    loans: int | None
    contribution: int | None


def months(history: PartyHistory, scheme: str | None, names: TierNames) -> list[Month]:
    """The months known, the latest first."""
    columns = (
        history.months, history.tier_ranks, history.stages, history.aum_fen, history.daily_average_fen,
        history.deposits_fen, history.loans_fen, history.contribution_fen,
    )  # fmt: skip
    found: list[Month] = []
    before: int | None = None
    for month, rank, stage, aum, average, deposits, loans, contribution in zip(*columns, strict=True):
        moved = None if aum is None or before is None else aum - before
        label = names.label(scheme, rank)
        found.append(Month(month, rank, label, stage, aum, moved, average, deposits, loans, contribution))
        before = aum
    return found[::-1]
