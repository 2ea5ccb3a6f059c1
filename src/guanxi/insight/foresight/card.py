"""A model card as Markdown: what was learnt from, how it was judged, what it looks at, what to be careful about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guanxi.insight.foresight.any_table import Suspect

KINDS = {
    "logistic": "logistic regression",
    "trees": "boosted trees (LightGBM)",
    "rule": "best single column, as the rule",
    "column": "best single column",
}


def markdown(
    title: str,
    card: Mapping[str, Any],
    suspects: Sequence[Suspect],
    drifted: Sequence[tuple[str, float]],
    left_out: Sequence[str],
    *,
    kept: bool,
    why: str,
) -> str:
    """The card of a trained table; figures as they were judged on the newest rows."""
    lines = [f"# Model card: {title}", "", _verdict(card, kept=kept, why=why), ""]
    lines += _care(card, suspects, drifted, left_out)
    if "judged" in card:
        lines += _judged(card) + _calibration(card) + _weights(card)
    return "\n".join(lines) + "\n"


def _verdict(card: Mapping[str, Any], *, kept: bool, why: str) -> str:
    if "judged" not in card:
        return f"Not trained: {why.replace('_', ' ')} ({card.get('events')} events in the three parts)."
    name = KINDS[card["chosen"]]
    if kept:
        return f"Kept: {name} orders the newest rows better than the best single column."
    return f"Not kept ({why.replace('_', ' ')}): use the single column; {name} is no better."


def _care(
    card: Mapping[str, Any],
    suspects: Sequence[Suspect],
    drifted: Sequence[tuple[str, float]],
    left_out: Sequence[str],
) -> list[str]:
    lines = ["## Be careful", ""]
    for suspect in suspects:
        told = (
            "its name tells of something known only afterwards"
            if suspect.why == "name"
            else "it says too much alone"
        )
        state = "left out" if suspect.name in left_out else "**in the model**"
        lines.append(f"- Possible leak: `{suspect.name}` ({told}; AUC alone {suspect.auc:.3f}), {state}.")
    for name, psi in drifted:
        state = "left out" if name in left_out else "**in the model**"
        lines.append(
            f"- Moved away: `{name}` (PSI {psi:.2f} between the oldest and the newest rows), {state}."
        )
    windows = card.get("windows")
    if windows:
        old, new = windows["fit"]["rate"], windows["judge"]["rate"]
        drifted = new > 1.5 * old or new < old / 1.5
        lines.append(
            f"- Base rate: {old:.1%} in the rows learnt from, {new:.1%} in the rows judged"
            + (
                ": it drifted, so chances are not to be taken at their word, the order may be."
                if drifted
                else "."
            )
        )
    return [*lines, ""]


def _judged(card: Mapping[str, Any]) -> list[str]:
    windows = card["windows"]
    lines = ["## Rows", "", "| used to | from | to | rows | happened | rate |", "|---|---|---|--:|--:|--:|"]
    for use, name in (("learn", "fit"), ("choose, calibrate", "calibrate"), ("judge", "judge")):
        part = windows[name]
        lines.append(
            f"| {use} | {part['from']} | {part['to']} | {part['rows']:,} | {part['events']:,} | {part['rate']:.2%} |"
        )
    lines += ["", f"## Judged on the newest rows (precision in the first {card['capacity']:,})", ""]
    lines += ["| scorer | AUC | lift of the first tenth | precision | found |", "|---|--:|--:|--:|--:|"]
    for kind in ("logistic", "trees", "column"):
        said = card["judged"][kind]
        name = (
            KINDS[kind]
            + (f" `{said['name']}`" if "name" in said else "")
            + (" ✓" if kind == card["chosen"] else "")
        )
        lines.append(
            f"| {name} | {_n(said['auc'], '.3f')} | {_n(said['lift'], '.2f')} "
            f"| {_n(said['precision'], '.1%')} | {_n(said['caught'], '.1%')} |"
        )
    return [*lines, ""]


def _n(value: float | None, form: str) -> str:
    return "—" if value is None else format(value, form)


def _calibration(card: Mapping[str, Any]) -> list[str]:
    lines = [f"## Calibration (slope {card['calibration_slope']:.2f}; 1 is true)", ""]
    lines += ["| tenth | said | happened | rows |", "|--:|--:|--:|--:|"]
    for number, part in enumerate(card["calibration"], 1):
        lines.append(f"| {number} | {part['said']:.2%} | {part['happened']:.2%} | {part['rows']:,} |")
    return [*lines, ""]


def _weights(card: Mapping[str, Any]) -> list[str]:
    lines = ["## What it looks at", "", "| column | mean weight |", "|---|--:|"]
    lines += [f"| `{said['name']}` | {said['size']:.3f} |" for said in card["weights"]]
    return [*lines, ""]
