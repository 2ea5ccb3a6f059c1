"""`guanxi effect`: reads a randomised trial out of a file through a mapping, and says for whom it works."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from guanxi.insight.effects.trial import ArmResult, TrialResult

WHOM = {
    "target": "偏好人群可分 · rank customers by the model",
    "everyone": "全做 · everyone: no usable difference between customers",
    "no_one": "全不做 · no one: nothing shows that it works",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder with the file, and the mapping (that of `banks/<folder's name>/` unless told)."""
    parser.add_argument("folder", type=Path, help="the folder the trial's file lies in")
    parser.add_argument(
        "--mapping", type=Path, help="TOML that names the columns; banks/<folder>/effect.toml when not said"
    )
    parser.add_argument(
        "--policy",
        type=Path,
        default=Path("banks/demo/policies/effect.toml"),
        help="the policy of measuring (TOML)",
    )


def main(parsed: argparse.Namespace) -> int:
    """Read out and print; status 1 with the reason when the mapping or the table cannot be read."""
    from guanxi.insight.effects.readout import Rules
    from guanxi.insight.effects.trial import TrialRefused, read_mapping, read_trial
    from guanxi.insight.policies.base import PolicyError
    from guanxi.insight.policies.effect import EffectPolicy
    from guanxi.lake.labelled import labelled_table

    console = Console(width=130) if not sys.stdout.isatty() else Console()
    path = parsed.mapping or Path("banks") / parsed.folder.resolve().name / "effect.toml"
    try:
        policy = EffectPolicy.from_payload(tomllib.loads(parsed.policy.read_text(encoding="utf8")))
        mapping = read_mapping(tomllib.loads(path.read_text(encoding="utf8")))
        table = labelled_table(parsed.folder / mapping.file)
        result = read_trial(
            table, mapping, Rules.of(policy), rounds=policy.uplift_rounds, least=policy.uplift_least
        )
    except (TrialRefused, PolicyError, OSError, ValueError) as refused:
        console.print(f"[red]stopped[/red] {refused}", highlight=False)
        return 1
    _print(console, result, float(policy.alpha))
    return 0


def _print(console: Console, result: TrialResult, alpha: float) -> None:
    from guanxi.insight.effects.verdict import VERDICTS

    held = ", ".join(f"{arm} {count:,}" for arm, count in result.counts.items())
    console.print(f"样本比例检验 sample-ratio check: p = {result.ratio_p:.3f} ({held})", highlight=False)
    table = Table(
        "组 arm",
        "指标 measure",
        "对照 control",
        "差值 difference",
        "效果 lift",
        f"{1 - alpha:.0%}",
        "随时有效 any look",
        "结论",
    )
    for arm in result.arms:
        for name, line in arm.measures.items():
            table.add_row(
                arm.arm,
                name,
                f"{line.said.mean_control:.4f}",
                f"{line.plain:+.4f}",
                f"{line.said.lift:+.4f}",
                f"{line.fixed.low:+.4f} … {line.fixed.high:+.4f}",
                f"{line.always.low:+.4f} … {line.always.high:+.4f}",
                VERDICTS[line.verdict],
            )
    console.print(table)
    for arm in result.arms:
        _print_arm(console, arm)


def _print_arm(console: Console, arm: ArmResult) -> None:
    for line in arm.subgroups:
        console.print(
            f"  {arm.arm} · {line.dimension} = {line.subgroup}: {line.said.lift:+.4f} "
            f"({line.fixed.low:+.4f} … {line.fixed.high:+.4f}); groups differ: p = {line.differ_p:.3f}",
            highlight=False,
        )
    up = arm.uplift
    if up is not None:
        for name, qini in (
            (" / ".join(sorted(set(up.learners))), up.ranking),
            ("response model", up.response),
            ("gain", up.gain),
        ):
            console.print(
                f"  {arm.arm} · Qini {name}: {qini.value:+.5f} ({qini.interval.low:+.5f} … {qini.interval.high:+.5f})",
                highlight=False,
            )
    console.print(f"[bold]{arm.arm}[/bold]: {WHOM[arm.whom]}", highlight=False)
