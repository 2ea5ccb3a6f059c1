"""What the score panels of a customer page are told, from the one picture of the customer. One dict a panel."""

from typing import Any

from django.utils.translation import get_language

from guanxi.crm.scores import panels, relationship
from guanxi.crm.scores.facts import stage_facts, value_facts
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.reasons import stage_sentence
from guanxi.crm.scores.value_reasons import preference_sentence, weights_sentence
from guanxi.crm.scores.words import CHANNELS, STAGE_KINDS, STAGES
from guanxi.insight.policies.tier import STANDING


def tier(picture: Picture) -> dict[str, Any]:
    """Why this tier and how far to the next; the tiers before; what each tier asks and entitles to."""
    score = picture.score
    scheme = picture.names.scheme(score.tier_scheme) if score else None
    bands = scheme.bands[::-1] if scheme else ()
    ladder = [(band, picture.names.label(scheme.code, band.rank)) for band in bands] if scheme else []
    standing = scheme is not None and scheme.basis == STANDING
    return {"score": score, "ladder": ladder, "standing": standing, **panels.tier_panel(picture)}


def wealth(picture: Picture, months: int = panels.LONG) -> dict[str, Any]:
    """AUM now, what it is made of, and its 12 or 25 months by component."""
    history = picture.history
    return {
        "party": picture.party,
        "score": picture.score,
        "wealth_months": months,
        "as_of": picture.run.business_date if picture.run else None,
        "parts": panels.composition(history) if history else [],
        "chart": panels.wealth_chart(history, months) if history else None,
        "month_change": panels.moved_since(history.aum_fen, 1) if history else None,
        "year_change": panels.moved_since(history.aum_fen, 12) if history else None,
    }


def value(picture: Picture) -> dict[str, Any]:
    """The value card: composite, four bars, and under each bar what it was made from; the four indices; the months."""
    score, history = picture.score, picture.history
    return {
        "score": score,
        "indices": relationship.indices(score) if score else [],
        "gains": relationship.contribution_chart(history) if history else None,
        "bars": panels.indicators(picture.party, score) if score else [],
        "weighed": weights_sentence(value_facts(score), _language()) if score else "",
    }


def stage(picture: Picture) -> dict[str, Any]:
    """The life-cycle stage with its evidence, how long it has lasted, and the stages of the months before."""
    score, history = picture.score, picture.history
    return {
        "score": score,
        "evidence": stage_facts(score) if score else None,
        "why": stage_sentence(stage_facts(score), _language()) if score and score.stage else "",
        "leans": preference_sentence(score.preference, _language()) if score and score.preference else "",
        "stages": STAGES,
        "kinds": STAGE_KINDS,
        "past": panels.stages_held(history) if history else [],
    }


def changes(picture: Picture) -> dict[str, Any]:
    """What is different from the run before."""
    score = picture.score
    return {"score": score, "changes": panels.changes(score, picture.names) if score else []}


def behaviour(picture: Picture) -> dict[str, Any]:
    """How the customer banks: recency, frequency, money (RFM), channel, products."""
    score = picture.score
    told = (score.details.get("behaviour") or {}) if score else {}
    return {"score": score, "ranks": panels.rfm(score, told) if score else [], "channels": CHANNELS}


def months(picture: Picture) -> dict[str, Any]:
    """Every month known, the latest first, with tier, stage and amounts."""
    history, score = picture.history, picture.score
    scheme = score.tier_scheme if score else None
    listed = panels.months(history, scheme, picture.names) if history else []
    return {"month_rows": listed, "stages": STAGES, "kinds": STAGE_KINDS}


def _language() -> str:
    return get_language() or "zh"
