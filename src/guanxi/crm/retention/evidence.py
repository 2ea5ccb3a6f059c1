"""What is known when a case is opened, frozen as plain values, and what the ledger says of where money went."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from guanxi.crm.customers.models import Party
from guanxi.crm.foresight import selectors as foresight
from guanxi.crm.foresight.models import EarlyWarning, Signal
from guanxi.crm.foresight.reasons import SignalFacts
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.selectors import current_business_date, score_of
from guanxi.insight.policies.retention import RetentionPolicy

OUTFLOW = "outflow"
_FIGURES = ("amount_fen", "usual_fen", "share", "times", "usual_times", "place", "destination")


def gathered(reach: Reach, party: Party) -> dict[str, Any]:
    """The warning, every signal, and the wealth with its day, as they stand now; fen of the base currency."""
    return frozen(
        foresight.warning_of(reach, party),
        foresight.signals_of(reach, party),
        score_of(reach, party),
        current_business_date(),
    )


def frozen(
    warning: EarlyWarning | None, signals: Iterable[Signal], score: PartyScore | None, as_of: date | None
) -> dict[str, Any]:
    """The same from rows already read, as plain values."""
    return {
        "warning": _warning(warning),
        "signals": [_signal(one) for one in signals],
        "figures": _figures(score, as_of),
    }


def amount_of(evidence: Mapping[str, Any], asked_fen: int | None) -> int:
    """What a case is about: asked for at the counter, else flowed out, else at stake, else all there is."""
    outflow = signal_in(evidence, OUTFLOW)
    flowed = outflow.get("amount_fen") if outflow else None
    warning = evidence.get("warning") or {}
    wealth = (evidence.get("figures") or {}).get("wealth_fen")
    return int(asked_fen or flowed or warning.get("at_stake_fen") or wealth or 0)


def signal_in(evidence: Mapping[str, Any], code: str) -> Mapping[str, Any] | None:
    """A frozen signal; None when it did not speak."""
    return next((one for one in evidence.get("signals", ()) if one["signal"] == code), None)


def facts_of(said: Mapping[str, Any]) -> SignalFacts:
    """A frozen signal as the sentences take it."""
    day = said.get("day")
    told = {name: said.get(name) for name in _FIGURES}
    return SignalFacts(said["signal"], day=date.fromisoformat(day) if day else None, **told)


def ledger_word(
    policy: RetentionPolicy, evidence: Mapping[str, Any], now: Iterable[Signal]
) -> tuple[list[str], str]:
    """The destinations the outflow may be and the other bank's name: as the signal stands now, else as frozen."""
    standing = next((one for one in now if one.signal == OUTFLOW), None)
    kept = signal_in(evidence, OUTFLOW) or {}
    destination = standing.destination if standing else kept.get("destination")
    bank = (standing.place if standing else kept.get("place")) or ""
    return list(policy.places_of(destination, bank)), bank


def wealth_of(score: PartyScore | None) -> int | None:
    """What a customer has with us, in fen: AUM, and of a company, which has none, its deposits."""
    if score is None:
        return None
    return score.deposits_fen if score.aum_fen is None else score.aum_fen


def _figures(score: PartyScore | None, as_of: date | None) -> dict[str, Any]:
    return {
        "wealth_fen": wealth_of(score),
        "as_of": as_of.isoformat() if as_of else None,
        "tier_scheme": score.tier_scheme if score else None,
        "tier_rank": score.tier_rank if score else None,
    }


def _warning(warning: EarlyWarning | None) -> dict[str, Any] | None:
    if warning is None:
        return None
    return {
        "signal": warning.signal,
        "points": warning.points,
        "at_stake_fen": warning.at_stake_fen,
        "chance": warning.chance,
        "raised_on": warning.raised_on.isoformat() if warning.raised_on else None,
        "reasons": [reason["code"] for reason in warning.reasons],
    }


def _signal(signal: Signal) -> dict[str, Any]:
    days = {name: getattr(signal, name) for name in ("day", "first_on")}
    told = {name: getattr(signal, name) for name in _FIGURES}
    return {"signal": signal.signal, **told} | {
        name: day.isoformat() if day else None for name, day in days.items()
    }
