"""What a campaign is to be (活动方案): one value from goal to measure, and what still lacks before it may be handed in.

Plain values in and out. The hash is over all of it: who approves, approves this and nothing else.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guanxi.insight.effects.assignment import UNITS
from guanxi.insight.policies.base import read_part
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.effect import EffectPolicy

KINDS = ("standard", "bundle", "employer", "referral", "pilot", "joint", "launch")
MEASURES: Mapping[str, str] = {
    "aum": "aum",
    "daily_average": "aum",
    "deposits": "product",
    "wealth_products": "product",
    "active_customers": "retention",
    "contribution": "contribution",
}
"""Registered figures that can be a goal, and how a customer's part in each is measured."""
FAMILIES_OF: Mapping[str, tuple[str, ...]] = {
    "deposits": ("time", "cd", "structured"),
    "wealth_products": ("wealth", "fund", "insurance"),
}
TRIGGERS = ("", "large_inflow", "maturity", "birthday", "payroll", "dormant", "closed")
ONLINE = "event:"
"""Before the code of a registered kind of online event: what a customer did there sets the campaign off."""
CONDITIONS = ("always", "no_contact", "no_reply", "replied", "not_bought", "bought")
WAITING = frozenset({"replied", "bought"})
"""Conditions that may still come true after the step's day; the others are decided on it."""
BY_PEOPLE = ("task", "lead")
"""Kinds of steps that the customer's keeper does: a task with a day, or a deal in the making (商机)."""
SECTIONS = ("goal", "audience", "offer", "steps", "measure", "check")


@dataclass(frozen=True)
class StepPlan:
    """One step: a message (with a template for each arm of an A/B test) or a task, so many days after entering."""

    kind: str
    after_days: int = 0
    condition: str = "always"
    channel: str = ""
    templates: tuple[int, ...] = ()
    minutes: int | None = None
    script: str = ""


@dataclass(frozen=True)
class WavePlan:
    """A part of the audience that enters so many days after the start."""

    after_days: int
    share: Decimal


@dataclass(frozen=True)
class CreditShare:
    """A business line's share of the credit in a cross-line campaign (联动营销)."""

    line: str
    share: Decimal


@dataclass(frozen=True)
class Plan:
    """The whole content. Amounts in the base currency; days as YYYY-MM-DD; shares 0…1.

    `hoped`: the lift hoped for, a share for `product` and `retention`, yuan a customer for `aum` and `contribution`.
    """

    name: str = ""
    kind: str = "standard"
    purpose: str = ""
    metric: str = ""
    family: str = ""
    target: Decimal | None = None
    hoped: Decimal | None = None
    baseline: Decimal | None = None
    baseline_day: str = ""
    segment: str = ""
    segment_version: int | None = None
    employer: str = ""
    trigger: str = ""
    products: tuple[str, ...] = ()
    offer: str = ""
    reward: str = ""
    steps: tuple[StepPlan, ...] = ()
    waves: tuple[WavePlan, ...] = ()
    starts_on: str = ""
    ends_on: str = ""
    budget: Decimal | None = None
    horizon_days: int | None = None
    holdout_share: Decimal | None = None
    managed_holdout_share: Decimal | None = None
    exempt_large: bool = False
    cluster: str = "customer"
    pilot_units: tuple[str, ...] = ()
    compare_units: tuple[str, ...] = ()
    credit: tuple[CreditShare, ...] = ()

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Plan:
        """A stored plan; raises PolicyError for one that is none."""
        return read_part(cls, dict(payload), "plan")

    def payload(self) -> dict[str, Any]:
        """As it is stored."""
        told: dict[str, Any] = _plain(dataclasses.asdict(self))
        return told

    def content_hash(self) -> str:
        """SHA-256 of the content, the same for equal plans on any machine."""
        return hashlib.sha256(
            json.dumps(self.payload(), sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest()

    @property
    def measure(self) -> str:
        """How a customer's outcome is measured: aum | product | retention | contribution; empty without a goal."""
        return MEASURES.get(self.metric, "")

    @property
    def event(self) -> str:
        """The kind of online event that sets it off; empty for other triggers and none."""
        return self.trigger.removeprefix(ONLINE) if self.trigger.startswith(ONLINE) else ""

    @property
    def families(self) -> tuple[str, ...]:
        """The families whose opening counts as success: the named one, or those of the goal's figure."""
        return (self.family,) if self.family else FAMILIES_OF.get(self.metric, ())

    @property
    def sends(self) -> bool:
        """Whether any step is a message."""
        return any(step.kind == "message" for step in self.steps)

    @property
    def visits(self) -> bool:
        """Whether any step is a person's task."""
        return any(step.kind in BY_PEOPLE for step in self.steps)

    @property
    def arms(self) -> tuple[str, ...]:
        """The treated arms: one, or a, b, … when messages are tried against each other."""
        most = max((len(step.templates) for step in self.steps if step.kind == "message"), default=1)
        return ("treated",) if most < 2 else tuple("abcdef"[:most])

    def days(self) -> tuple[date, date] | None:
        """First and last day; None while one is missing."""
        if not (self.starts_on and self.ends_on):
            return None
        return date.fromisoformat(self.starts_on), date.fromisoformat(self.ends_on)

    def with_defaults(self, policy: CampaignPolicy, effect: EffectPolicy) -> Plan:
        """With the policies' hold-out, horizon and one wave where nothing else is said."""
        return replace(
            self,
            horizon_days=self.horizon_days or effect.horizon_days,
            holdout_share=policy.holdout_share if self.holdout_share is None else self.holdout_share,
            managed_holdout_share=effect.managed_share
            if self.managed_holdout_share is None
            else self.managed_holdout_share,
            waves=self.waves or (WavePlan(0, Decimal(1)),),
        )


def shares_of(control: Decimal, arms: tuple[str, ...]) -> dict[str, int]:
    """Arm → buckets of 10,000: the held-out share first, the rest in even parts, the odd ones to the last arm."""
    held = int(control * 10_000)
    each = (10_000 - held) // len(arms)
    shares = {"control": held, **dict.fromkeys(arms, each)}
    shares[arms[-1]] += 10_000 - held - each * len(arms)
    return shares


def problems(plan: Plan, policy: CampaignPolicy, effect: EffectPolicy, today: date) -> dict[str, list[str]]:
    """What lacks, as codes by section of the wizard; empty when it may be handed in."""
    found = {
        "goal": _goal_problems(plan),
        "audience": _audience_problems(plan),
        "offer": offer_problems(plan),
        "steps": _step_problems(plan, policy),
        "measure": _measure_problems(plan.with_defaults(policy, effect), policy, today),
    }
    return {section: codes for section, codes in found.items() if codes}


def _goal_problems(plan: Plan) -> list[str]:
    said = [] if plan.name.strip() else ["no_name"]
    if plan.metric not in MEASURES:
        said.append("no_goal")
    elif plan.target is None or plan.target <= 0:
        said.append("no_target")
    elif plan.baseline is None:
        said.append("no_baseline")
    if plan.hoped is None or plan.hoped <= 0:
        said.append("no_hope")
    elif plan.measure in ("product", "retention") and plan.hoped >= 1:
        said.append("hope_is_share")
    return said


def _audience_problems(plan: Plan) -> list[str]:
    if plan.trigger not in TRIGGERS and not plan.event:
        return ["no_trigger"]
    if plan.kind == "employer":
        return [] if plan.employer else ["no_employer"]
    if plan.kind in ("pilot", "launch") and not (plan.pilot_units and plan.compare_units):
        return ["no_pilots"]
    return [] if plan.segment or plan.trigger else ["no_audience"]


def _step_problems(plan: Plan, policy: CampaignPolicy) -> list[str]:
    if not plan.steps:
        return ["no_steps"]
    said = []
    if len(plan.steps) > policy.steps_most:
        said.append("too_many_steps")
    if plan.steps[0].condition != "always":
        said.append("first_step_waits")
    for step in plan.steps:
        if (
            step.kind not in ("message", *BY_PEOPLE)
            or step.condition not in CONDITIONS
            or step.after_days < 0
        ):
            said.append("strange_step")
        if step.kind == "message" and not (step.channel and step.templates):
            said.append("no_template")
        if step.kind == "lead" and not (plan.family or plan.families):
            said.append("lead_of_what")
    return sorted(set(said))


def offer_problems(plan: Plan) -> list[str]:
    """What is offered, and in a cross-line campaign who shares the credit: each line once, all of it given out."""
    said = [] if plan.products or plan.offer.strip() else ["no_offer"]
    lines = [one.line for one in plan.credit]
    if plan.kind == "joint" and len(lines) < 2:
        said.append("no_credit")
    whole = sum((one.share for one in plan.credit), Decimal(0)) == 1 and all(
        one.share > 0 for one in plan.credit
    )
    if plan.credit and (len(set(lines)) < len(lines) or not whole):
        said.append("credit_not_whole")
    return said


def _measure_problems(plan: Plan, policy: CampaignPolicy, today: date) -> list[str]:
    said = []
    days = plan.days()
    if days is None or days[1] < days[0]:
        said.append("no_days")
    elif days[1] < today:
        said.append("days_over")
    if plan.budget is None or plan.budget < 0:
        said.append("no_budget")
    if not 1 <= (plan.horizon_days or 0) <= policy.horizon_most_days:
        said.append("horizon_out_of_range")
    if not 0 < (plan.holdout_share or 0) <= policy.mass_holdout_most:
        said.append("holdout_out_of_range")
    if not policy.managed_holdout_least <= (plan.managed_holdout_share or 0) <= policy.managed_holdout_most:
        said.append("managed_holdout_out_of_range")
    if plan.cluster not in UNITS:
        said.append("no_cluster")
    shares = sum((wave.share for wave in plan.waves), Decimal(0))
    if shares != 1 or any(wave.share <= 0 or wave.after_days < 0 for wave in plan.waves):
        said.append("waves_not_whole")
    return said


def credit_of(fen: int, credit: Sequence[CreditShare]) -> dict[str, int]:
    """An outcome given out to the lines in whole fen that add up to it: the odd ones to the largest shares."""
    exact = {one.line: fen * one.share for one in credit}
    told = {line: int(part) for line, part in exact.items()}
    odd = fen - sum(told.values()) if told else 0
    for line in sorted(exact, key=lambda line: (told[line] - exact[line], line))[:odd]:
        told[line] += 1
    return told


def measured_until(entered_on: date, plan: Plan) -> date:
    """The last day on which an outcome of somebody who entered then counts."""
    return entered_on + timedelta(days=plan.horizon_days or 0)


def _plain(value: Any) -> Any:
    """As JSON has it: nothing that is unknown, decimals as text."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
