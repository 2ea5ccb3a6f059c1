"""What the pages of effects are told: the verdict, intervals over the days, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.messages import constants as level
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.crm.effects import words
from guanxi.crm.effects.first_offers import Compared
from guanxi.crm.effects.models import EffectReadout, Verdict
from guanxi.crm.effects.next_list import PutOn
from guanxi.crm.effects.rules import global_since, next_epoch
from guanxi.crm.effects.selectors import Story
from guanxi.crm.lab.rules import KINDS
from guanxi.crm.lab.words import kind_name
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.effects.planning import visible_mean
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.web.formats import day
from guanxi.web.lists import Column


def line(row: EffectReadout) -> dict[str, Any]:
    """One read-out as the page shows it."""
    return {
        "row": row,
        "measure": words.MEASURES[row.measure],
        "arm": _("Treated") if row.arm == "treated" else row.arm.upper(),
        "verdict": Verdict(row.verdict).label,
        "kind": words.KINDS[row.verdict],
        "why": words.REASONS[row.reason],
        "sentence": words.sentence(row),
        "lift": words.amount(row.measure, row.lift),
        "plain": words.amount(row.measure, row.plain),
        "interval": words.span(row.measure, row.low, row.high),
        "fixed": words.span(row.measure, row.fixed_low, row.fixed_high),
        "treated": words.level(row.measure, row.mean_treated),
        "control": words.level(row.measure, row.mean_control),
        "cost": words.cost(row),
        "ratio": words.ratio_words(row),
        "kept": row.variance_kept,
        "share_seen": min(1.0, row.seen / row.planned) if row.planned else 0.0,
    }


def draft_kinds(story: Story) -> list[tuple[str, str]]:
    """Kinds of policy the lab can try, the likeliest first: who is served when people called, else the value card."""
    first = "scope" if (story.campaign.plan.get("steps") or [{}])[0].get("kind") == "task" else "value"
    return [(kind, kind_name(kind)) for kind in sorted(KINDS, key=lambda kind: (kind != first, kind))]


def groups(rows: Sequence[EffectReadout], tiers: TierNames) -> list[dict[str, Any]]:
    """Subgroups by dimension, with whether they differ at all."""
    found = []
    for dimension, name in words.DIMENSIONS.items():
        inside = [row for row in rows if row.dimension == dimension]
        if inside:
            p = min(row.differ_p for row in inside)
            found.append(
                {
                    "name": name,
                    "lines": [{**line(row), "group": words.group_name(row, tiers)} for row in inside],
                    "arms": len({row.arm for row in inside}) > 1,
                    "differs": p < 0.05,
                    "p": f"{p:.2f}",
                }
            )
    return found


def over_days(rows: Iterable[EffectReadout], arm: str) -> dict[str, Any] | None:
    """The lift with its bounds on each look; None before two looks have bounds. Money in fen for the chart."""
    held = [row for row in rows if row.arm == arm and row.low is not None and row.high is not None]
    if len(held) < 2:
        return None
    times = 1.0 if held[0].measure in words.SHARES else 100.0
    names = ((_("Upper bound"), "high"), (_("Effect"), "lift"), (_("Lower bound"), "low"))
    return {
        "categories": [day(row.day) for row in held],
        "series": [
            {"name": name, "values": [_rounded(getattr(row, field) * times, times) for row in held]}
            for name, field in names
        ],
        "unit": "percent" if times == 1.0 else "money",
    }


def _rounded(value: float, times: float) -> float:
    return round(value, 5) if times == 1.0 else round(value)


def best_group(story: Story, tiers: TierNames) -> str:
    """For whom it worked: the subgroup whose own interval is above nothing, if the groups differ; else empty."""
    good = [row for row in story.groups if row.low is not None and row.low > 0 and row.differ_p < 0.05]
    return words.group_name(max(good, key=lambda row: row.lift), tiers) if good else ""


def catalogue(stories: Sequence[Story], tiers: TierNames) -> list[dict[str, Any]]:
    """Past campaigns: what worked, how much, for whom, at what price."""
    return [
        {"story": story, "for_whom": best_group(story, tiers), **line(story.main[0])}
        for story in stories
        if story.main
    ]


def stopped(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Customers without an offer by why, the most frequent first."""
    return [
        (str(words.FILTERS[name]), number)
        for name, number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def offers(told: Compared, policy: EffectPolicy) -> dict[str, Any]:
    """Both ways of choosing side by side, and in a sentence whether choosing by worth is any better."""
    interval = "" if told.interval is None else words.span("product", *told.interval)
    return {
        "sides": [
            {
                "name": _("By chance") if side.by_chance else _("By worth"),
                "offers": side.offers,
                "taken": side.taken,
                "share": side.share,
                "said": side.said,
            }
            for side in (told.by_worth, told.by_chance)
        ],
        "sentence": words.offers_sentence(told.verdict, policy.least_units),
        "kind": words.OFFER_KINDS[told.verdict],
        "interval": interval,
        "waiting": told.waiting,
    }


def sheet_columns(*, whole: bool) -> list[Column]:
    """Columns of the workbook; how many are held out only for whoever sees the whole bank."""
    columns = [
        Column("measure", _("Measure")),
        Column("arm", _("Group")),
        Column("dimension", _("By")),
        Column("subgroup", _("Subgroup")),
        Column("day", _("Day"), "day"),
        Column("treated", _("Treated"), "number"),
        Column("control", _("Held out"), "number"),
        Column("lift", _("Effect")),
        Column("interval", _("Interval at every look")),
        Column("fixed", _("Interval of a single look")),
        Column("verdict", _("Verdict")),
        Column("why", _("Why")),
    ]
    return columns if whole else [column for column in columns if column.id != "control"]


def sheet_row(row: EffectReadout, tiers: TierNames, *, whole: bool) -> list[Any]:
    """One read-out for the workbook."""
    told = line(row)
    counts = [row.n_treated, row.n_control] if whole else [row.n_treated]
    group = words.group_name(row, tiers) if row.dimension else ""
    return [
        str(told["measure"]), row.arm, str(words.DIMENSIONS.get(row.dimension, "")), group, row.day, *counts,
        told["lift"], told["interval"], told["fixed"], str(told["verdict"]), str(told["why"]),
    ]  # fmt: skip


def global_facts(policy: EffectPolicy, today: date, stories: Sequence[Story]) -> dict[str, Any]:
    """The global control: its share, its stretch, whom it holds out of what, and how often campaigns left it out."""
    months = policy.global_months
    since = global_since(today, months)
    until = next_epoch(since, months)
    left_out = sum(
        int((story.campaign.counts.get("dropped") or {}).get("global_control", 0)) for story in stories
    )
    return {
        "share": policy.global_share,
        "months": months,
        "since": since,
        "until": until,
        "left_out": left_out,
    }


def global_lines(rows: Sequence[EffectReadout], policy: EffectPolicy) -> list[dict[str, Any]]:
    """The global control's looks of the latest day, with the smallest effect groups of these sizes can show."""
    alpha, power = float(policy.final_alpha), float(policy.power)
    return [{**line(row), "visible": words.amount(row.measure, _visible(row, alpha, power))} for row in rows]


def _visible(row: EffectReadout, alpha: float, power: float) -> float | None:
    """What could be seen at the horizon with this error: (z(alpha/2) + z(power)) errors; None without any."""
    return visible_mean(row.error, 2, 2, alpha=alpha, power=power) if row.error else None


def put_on(put: PutOn) -> list[tuple[int, str]]:
    """What came of putting offers on today's list, as messages with their level."""
    if not (put.opened or put.already or put.left):
        return [(level.ERROR, _("Choose customers first."))]
    said = [
        (
            level.SUCCESS, put.opened,
            ngettext("%(n)s offer is on today's list.", "%(n)s offers are on today's list.", put.opened),
        ),
        (
            level.INFO, put.already,
            ngettext("%(n)s was there already.", "%(n)s were there already.", put.already),
        ),
        (
            level.WARNING, put.left,
            ngettext(
                "%(n)s was left: the day is full, or the offer does not hold any more.",
                "%(n)s were left: the day is full, or the offer does not hold any more.",
                put.left,
            ),
        ),
    ]  # fmt: skip
    return [(kind, text % {"n": number}) for kind, number, text in said if number]
