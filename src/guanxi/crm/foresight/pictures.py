"""What the pages of this room are told: list rows in words, a customer's panel, a model's card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.foresight import cards, lists, reasons, selectors, words
from guanxi.crm.foresight.features import feature_name
from guanxi.crm.foresight.models import Change, EarlyWarning, ListState, ModelNight, ModelVersion, Signal
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.words import STAGES
from guanxi.web.formats import count, decimal, money_words
from guanxi.web.lists import Column


@dataclass(frozen=True)
class Line:
    """One warning as the list shows it."""

    uuid: UUID
    rank: int | None
    signal: str
    kind: str
    more: int
    sentence: str
    values: dict[str, Any]


def columns(reach: Reach) -> list[Column]:
    """The list's columns; a manager knows whose customers these are."""
    own = [
        Column("name", _("Customer"), "name"),
        Column("tier", _("Tier"), "text"),
        Column("why", _("Why"), "text"),
        Column("at_stake", _("At stake"), "short"),
        Column(
            "urgency",
            _("Urgency"),
            "number",
            help=_("1 can wait … 5 today, and one more for each further signal"),
        ),
        Column("chance", _("Chance of leaving"), "percent"),
        Column("raised", _("First raised"), "day"),
    ]
    wide = [Column("keeper", _("Keeper"), "text"), Column("unit", _("Outlet"), "text")]
    return own if reach.sight is Sight.BOOK else [*own, *wide]


def lines(rows: Sequence[EarlyWarning], reach: Reach, names: TierNames) -> list[Line]:
    """Rows in words; one query for the signals of all of them."""
    told = defaultdict(list)
    for signal in Signal.objects.filter(party__in=[row.party_id for row in rows]):
        told[signal.party_id].append(signal)
    return [_line(row, told[row.party_id], reach, names) for row in rows]


def _line(row: EarlyWarning, signals: Iterable[Signal], reach: Reach, names: TierNames) -> Line:
    score = getattr(row.party, "partyscore", None)
    first = next((signal for signal in signals if signal.signal == row.signal), None)
    tier = names.label(score.tier_scheme, score.tier_rank) if score else names.label(None, None)
    return Line(
        uuid=row.party.uuid,
        rank=score.tier_rank if score else None,
        signal=signal_name(row.signal),
        kind=words.URGENCY_KINDS.get(row.urgency, "grey"),
        more=row.signals - 1,
        sentence=_sentence(row, first),
        values={
            "name": shown_name(row.party.name, hidden=reach.hides_names),
            "tier": tier,
            "at_stake": row.at_stake_fen,
            "urgency": row.points,
            "chance": row.chance,
            "raised": row.raised_on,
            "keeper": getattr(row.keeper, "name", None),
            "unit": row.unit.name,
        },
    )


def _sentence(row: EarlyWarning, signal: Signal | None) -> str:
    if signal is not None:
        return sentence(signal)
    said = reasons.scorer_sentences([reason["code"] for reason in row.reasons], language())
    return said or reasons.signal_sentence(reasons.SignalFacts(row.signal), language())


def language() -> str:
    """The reader's language."""
    return get_language() or "zh"


def signal_name(code: str) -> str:
    """A signal in two or three words."""
    return str(words.SIGNALS.get(code, code))


def sentence(signal: Signal) -> str:
    """A signal with its figures as a sentence."""
    facts = reasons.SignalFacts(
        signal.signal, signal.amount_fen, signal.usual_fen, signal.share, signal.times, signal.usual_times, signal.day,
        signal.place, signal.destination,
    )  # fmt: skip
    return reasons.signal_sentence(facts, language())


def panel(reach: Reach, party: Party, names: TierNames, scheme: str | None) -> dict[str, Any]:
    """A customer's warning: every signal, the scorer's reasons, the list it stands on, and what changed."""
    warning = selectors.warning_of(reach, party)
    signals = selectors.signals_of(reach, party)
    urgent = sorted(signals, key=lambda said: said.signal != (warning.signal if warning else ""))
    return {
        "party": party,
        "warning": warning,
        "signals": [(signal_name(said.signal), sentence(said), said.first_on) for said in urgent],
        "scorer": reasons.scorer_sentences([said["code"] for said in warning.reasons], language())
        if warning
        else "",
        "state": warning.get_state_display() if warning and warning.state else "",
        "why_not": words.WHY_NOT.get(warning.state, "") if warning else "",
        "changes": [_change(change, names, scheme) for change in selectors.changes_of(reach, party)],
    }


def changed_line(one: lists.Changed, names: TierNames, reach: Reach) -> dict[str, Any]:
    """A customer with what changed, as the list shows it; amounts stand in the sentences."""
    score = getattr(one.party, "partyscore", None)
    scheme = score.tier_scheme if score else None
    return {
        "uuid": one.party.uuid,
        "name": shown_name(one.party.name, hidden=reach.hides_names),
        "rank": score.tier_rank if score else None,
        "tier": names.label(scheme, score.tier_rank if score else None),
        "aum": score.aum_fen if score else None,
        "said": [_change(change, names, scheme) for change in one.changes],
    }


def short_table(short: lists.Short) -> dict[str, Any]:
    """New alerts per manager: a row a day, and a chart of manager-days by number."""
    return {
        "columns": [
            Column("day", _("Day"), "day"),
            Column("alerts", _("New alerts"), "number"),
            Column("managers", _("Managers with one"), "number"),
            Column("median", _("Median per manager"), "number"),
            Column("nine", _("9 in 10 managers, at most"), "number"),
            Column("most", _("Most"), "number"),
        ],
        "rows": [
            [one.day, one.alerts, one.managers, one.median, one.most_of_nine_in_ten, one.most]
            for one in short.days
        ],
        "chart": {
            "categories": [str(number) for number in short.by_number],
            "series": [{"name": _("Manager-days"), "values": list(short.by_number.values())}],
        },
        "finding": _(
            "%(mean)s new alerts per manager and day over %(days)s manager-days; the policy allows %(budget)s."
        ),
        "mean": decimal(short.mean, 2),
        "manager_days": count(short.manager_days),
    }


def held_back(counts: Mapping[str, tuple[int, int]]) -> list[list[Any]]:
    """Warnings of the present night by what became of them, with the reason."""
    return [
        [str(state.label), *counts[state.value], str(words.WHY_NOT.get(state.value, ""))]
        for state in ListState
    ]


def held_columns() -> list[Column]:
    """Columns of `held_back`."""
    return [
        Column("state", _("What became of it"), "text"),
        Column("number", _("Warnings"), "number"),
        Column("fen", _("At stake"), "short"),
        Column("why", _("Why not shown"), "text"),
    ]


def _change(change: Change, names: TierNames, scheme: str | None) -> str:
    told = {"what": signal_name(change.what), "before": change.before or "", "after": change.after or ""}
    if change.kind.startswith("tier"):
        told |= {key: _tier(told[key], names, change.what or scheme) for key in ("before", "after")}
    if change.kind == "stage":
        told |= {key: str(STAGES.get(told[key], told[key])) for key in ("before", "after")}
    return reasons.change_sentence(change.kind, told, change.amount_fen, language())


def _tier(rank: str, names: TierNames, scheme: str | None) -> str:
    return names.label(scheme, int(rank)) if rank.lstrip("-").isdigit() else rank


def tabs(counts: Mapping[str, tuple[int, int]], chosen: str) -> list[tuple[str, str, bool, int]]:
    """The list and what is not on it, each with its number."""
    return [
        (str(state.label), f"?state={state.value}", state.value == chosen, counts[state.value][0])
        for state in ListState
    ]


def summary(number: int, fen: int) -> str:
    """How many and how much."""
    return _("%(number)s warnings, %(money)s at stake") % {
        "number": f"{number:,}",
        "money": money_words(fen, language()),
    }


def banner(night: ModelNight | None) -> str:
    """Said above the lists while the rule serves; empty while a model does."""
    if night is None or night.fallback is None:
        return ""
    why = words.FALLBACKS.get(night.fallback, night.fallback)
    return _("The one-line rule orders customers, no model does: %(why)s.") % {"why": why}


@dataclass(frozen=True)
class Listed:
    """A version in the register."""

    version: ModelVersion
    purpose: Promise | str
    kind: Promise | str
    state: str
    state_kind: str
    auc: float | None
    rule_auc: float | None


def listed(version: ModelVersion) -> Listed:
    """A version with its judged figures."""
    judged = version.card.get("judged", {})
    chosen = judged.get(version.card.get("chosen", ""), {})
    return Listed(
        version=version,
        purpose=words.PURPOSES.get(version.purpose, version.purpose),
        kind=words.MODEL_KINDS.get(version.kind, "—"),
        state=version.get_state_display(),
        state_kind=words.MODEL_STATE_KINDS.get(version.state, "grey"),
        auc=chosen.get("auc"),
        rule_auc=judged.get("rule", {}).get("auc"),
    )


def card(version: ModelVersion, names: TierNames) -> dict[str, Any]:
    """A version's model card, as tables and a chart."""
    told = version.card
    judged = told.get("judged", {})
    return {
        "measures": [
            _measure(kind, judged[kind], told)
            for kind in ("logistic", "trees", "rule", "column")
            if kind in judged
        ],
        "measure_columns": [
            Column("kind", _("Scorer"), "text"),
            Column("auc", _("AUC"), "text"),
            Column("lift", _("Lift of the first tenth"), "decimal"),
            Column("precision", _("Precision within capacity"), "percent"),
            Column("caught", _("Leavers found"), "percent"),
        ],
        "calibration": _calibration(told.get("calibration", [])),
        "slope": told.get("calibration_slope"),
        "lead_days": told.get("lead_days"),
        "capacity": told.get("capacity"),
        "windows": [_window(name, told["windows"][name]) for name in ("fit", "calibrate", "judge")]
        if "windows" in told
        else [],
        "window_columns": [
            Column("use", _("Used to"), "text"),
            Column("months", _("Features of"), "text"),
            Column("rows", _("Person-months"), "number"),
            Column("events", _("Left"), "number"),
            Column("rate", _("Rate"), "percent"),
        ],
        "groups": [
            (_group_name(name), _groups(name, rows, names)) for name, rows in told.get("groups", {}).items()
        ],
        "group_columns": [
            Column("group", _("Part"), "text"),
            Column("rows", _("Person-months"), "number"),
            Column("events", _("Left"), "number"),
            Column("chance", _("Mean chance"), "percent"),
            Column("auc", _("AUC"), "text"),
        ],
        "weights": _weights(told.get("weights", [])),
        "not_kept": words.NOT_KEPT.get(version.why, ""),
        **cards.others(told),
        **cards.needs(told),
    }


def _measure(kind: str, said: Mapping[str, Any], told: Mapping[str, Any]) -> list[Any]:
    name = str(words.MODEL_KINDS[kind])
    if kind == told.get("chosen"):
        name = _("%(name)s (chosen)") % {"name": name}
    if kind == "column":
        name = _("%(scorer)s: %(column)s") % {"scorer": name, "column": feature_name(said.get("name", ""))}
    return [name, cards.three(said["auc"]), said["lift"], said["precision"], said["caught"]]


def _calibration(bins: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not bins:
        return None
    return {
        "categories": [str(number) for number in range(1, len(bins) + 1)],
        "series": [
            {"name": _("Said"), "code": "time", "values": [part["said"] for part in bins]},
            {"name": _("Happened"), "code": "fund", "values": [part["happened"] for part in bins]},
        ],
    }


def _window(name: str, said: Mapping[str, Any]) -> list[Any]:
    use = {"fit": _("Learn"), "calibrate": _("Choose and calibrate"), "judge": _("Judge")}[name]
    return [use, f"{said['from'][:7]} – {said['to'][:7]}", said["rows"], said["events"], said["rate"]]


def _group_name(name: str) -> str:
    return {"tier": _("By tier"), "age_band": _("By age")}.get(name, name)


def _groups(name: str, rows: Sequence[Mapping[str, Any]], names: TierNames) -> list[list[Any]]:
    return [
        [_part(name, row["group"], names), row["rows"], row["events"], row["chance"], cards.three(row["auc"])]
        for row in rows
    ]


def _part(name: str, group: str, names: TierNames) -> str:
    if not group:
        return _("not rated") if name == "tier" else _("not known")
    return names.label("person", int(group)) if name == "tier" else group


def _weights(sizes: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not sizes:
        return None
    names = [feature_name(said["name"]) for said in sizes]
    most = max(said["size"] for said in sizes) or 1.0
    return {
        "categories": names,
        "series": [{"name": _("Weight"), "values": [said["size"] / most for said in sizes]}],
    }


def nights_table(nights: Sequence[ModelNight]) -> list[list[Any]]:
    """How each month was served."""
    return [
        [
            night.month,
            night.served_by if night.fallback is None else str(words.MODEL_KINDS["rule"]),
            str(words.FALLBACKS.get(night.fallback or "", "")),
            night.drift,
            night.customers,
            night.expected,
        ]
        for night in nights
    ]


def night_columns() -> list[Column]:
    """Columns of `nights_table`."""
    return [
        Column("month", _("Month"), "month"),
        Column("served", _("Served by"), "text"),
        Column("why", _("Why not the model"), "text"),
        Column("drift", _("Drift (PSI)"), "decimal"),
        Column("customers", _("Customers scored"), "number"),
        Column("expected", _("Expected to leave"), "decimal"),
    ]
