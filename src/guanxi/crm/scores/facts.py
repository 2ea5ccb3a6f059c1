"""From a published row to the facts that the catalogue of sentences (reasons) speaks of."""

import calendar
from decimal import Decimal
from typing import Any

from guanxi.crm.scores.models import PartyScore, Run
from guanxi.crm.scores.reasons import StageFacts, TierFacts
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.value_reasons import ValueFacts
from guanxi.insight.policies.tier import STANDING
from guanxi.web.formats import fen_of


def tier_facts(score: PartyScore, run: Run, names: TierNames) -> TierFacts:
    """What is known about a customer's tier at the run, with the names and lines of the policy."""
    day, scheme = run.business_date, names.scheme(score.tier_scheme)
    told = score.details.get("tier") or {}
    held = names.band(score.tier_scheme, score.tier_rank)
    basis = scheme.basis if scheme else score.basis or "daily_average"
    closed = day.day == calendar.monthrange(day.year, day.month)[1]
    return TierFacts(
        month=day.replace(day=1),
        closed=closed,
        reason_code=score.tier_reason or "",
        basis=basis,
        measure_fen=score.aum_fen if basis == "month_end" else score.daily_average_fen,
        tier=names.label(score.tier_scheme, score.tier_rank) if score.tier_rank is not None else None,
        line_fen=_line(held.lower if held and basis != STANDING else None),
        months_at_or_above=score.months_at_or_above or 0,
        months_below=score.months_below or 0,
        months_to_fall=(held.months_to_fall if scheme and scheme.hysteresis else 1) if held else None,
        past_tier=_named(names, score, told.get("past_rank")),
        best_below_tier=_named(names, score, told.get("best_below_rank")),
        next_tier=_named(names, score, score.next_rank),
        next_line_fen=_next_line(score, names, basis),
        next_gap_fen=score.next_gap_fen,
        present_needed_fen=score.present_needed_fen,
    )


def _named(names: TierNames, score: PartyScore, rank: int | None) -> str | None:
    return None if rank is None else names.label(score.tier_scheme, rank)


def _line(amount: Decimal | None) -> int | None:
    return None if amount is None else fen_of(amount)


def _next_line(score: PartyScore, names: TierNames, basis: str) -> int | None:
    band = names.band(score.tier_scheme, score.next_rank)
    return _line(band.lower) if band and basis != STANDING else None


def stage_facts(score: PartyScore) -> StageFacts:
    """The evidence of a customer's stage."""
    told: dict[str, Any] = score.details.get("stage") or {}
    return StageFacts(
        reason_code=score.stage_reason or "",
        base_average_fen=told.get("base_average_fen"),
        now_average_fen=told.get("now_average_fen"),
        change_share=told.get("change_share"),
        tenure_days=told.get("tenure_days"),
        idle_days=told.get("idle_days"),
    )


def value_facts(score: PartyScore) -> ValueFacts:
    """The value card's inputs: what the row carries itself, and the rest from its details."""
    told: dict[str, Any] = score.details.get("value") or {}
    return ValueFacts(
        contribution_12m_fen=score.contribution_12m_fen,
        deposit_margin_12m_fen=told.get("deposit_margin_12m_fen"),
        loan_margin_12m_fen=told.get("loan_margin_12m_fen"),
        fee_income_12m_fen=told.get("fee_income_12m_fen"),
        expected_loss_12m_fen=told.get("expected_loss_12m_fen"),
        costs_12m_fen=told.get("costs_12m_fen"),
        composite_score=score.composite_score,
        contribution_score=score.contribution_score,
        risk_points=told.get("risk_points"),
        risk_level=told.get("risk_level"),
        renown_score=score.renown_score,
        relatedness_score=score.relatedness_score,
        relations_count=told.get("relations_count") or 0,
        employees_count=told.get("employees_count") or 0,
        family_count=told.get("family_count") or 0,
        weight_contribution=told.get("weight_contribution"),
        weight_risk=told.get("weight_risk"),
        weight_renown=told.get("weight_renown"),
        weight_relatedness=told.get("weight_relatedness"),
    )
