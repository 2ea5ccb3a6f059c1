"""What the wizard's steps may send. Each form reads its part of a plan and gives it back changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.campaigns import words
from guanxi.crm.campaigns.plan import CreditShare, Plan, StepPlan, WavePlan
from guanxi.crm.catalog.models import Family
from guanxi.crm.leads.forms import ContactField, PlainText
from guanxi.web.forms import DayInput, MoneyField

STEPS = 4
WAVES = 3
CREDITED = 3
Choices = list[tuple[str, Any]]


class PlanForm(forms.Form):
    """A part of the plan; `choices`: the options of fields that depend on the bank, by field.

    `of_kind`: fields (by how their names begin) that only some kinds of campaign have.
    """

    of_kind: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, *told: Any, choices: dict[str, Choices] | None = None, **more: Any) -> None:
        """Fill in the options."""
        super().__init__(*told, **more)
        for name, options in (choices or {}).items():
            if name in self.fields:
                self.fields[name].choices = options  # type: ignore[attr-defined]  # choice fields alone are named

    def fit(self, kind: str) -> None:
        """Leave out the fields that this kind of campaign does not have."""
        for beginning, kinds in self.of_kind.items():
            if kind not in kinds:
                for name in [name for name in self.fields if name.startswith(beginning)]:
                    del self.fields[name]

    def changed(self, plan: Plan) -> Plan:
        """The plan with what was typed."""
        raise NotImplementedError


class GoalForm(PlanForm):
    """Name, kind, the figure that is to move, by how much."""

    name = forms.CharField(label=_("Name of the campaign"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind of campaign"), choices=list(words.KINDS.items()))
    purpose = forms.CharField(label=_("Purpose"), max_length=200, required=False)
    metric = forms.ChoiceField(
        label=_("Goal: registered figure"), choices=list(words.METRICS.items()),
        help_text=_("Its published value on the day of handing in becomes the baseline."),
    )  # fmt: skip
    family = forms.ChoiceField(
        label=_("Product family"), choices=[("", "—"), *Family.choices], required=False,
        help_text=_("Whose opening counts as success; needed where the goal is about products."),
    )  # fmt: skip
    target = forms.DecimalField(
        label=_("Rise aimed at (yuan or customers)"), min_value=Decimal(0), max_digits=18, decimal_places=2
    )
    hoped = forms.DecimalField(
        label=_("Lift hoped for, per customer"), min_value=Decimal(0), max_digits=18, decimal_places=4,
        help_text=_("Percentage points where a share is measured (2 = two of a hundred more), else yuan a customer."),
    )  # fmt: skip

    @staticmethod
    def said(plan: Plan) -> dict[str, Any]:
        """The plan's part as initial values."""
        hoped = (
            plan.hoped * 100
            if plan.hoped is not None and plan.measure in ("product", "retention")
            else plan.hoped
        )
        return {
            "name": plan.name, "kind": plan.kind, "purpose": plan.purpose, "metric": plan.metric,
            "family": plan.family, "target": plan.target, "hoped": hoped,
        }  # fmt: skip

    def changed(self, plan: Plan) -> Plan:
        """The plan with another goal; a new figure takes its baseline when handed in."""
        told = dict(self.cleaned_data)
        made = replace(plan, **told)
        if made.measure in ("product", "retention"):
            made = replace(made, hoped=told["hoped"] / 100)
        return made


class AudienceForm(PlanForm):
    """Segment, what sets it off, employer, outlets."""

    of_kind: ClassVar[dict[str, tuple[str, ...]]] = {
        "employer": ("employer",),
        "pilot_units": ("pilot", "launch"),
        "compare_units": ("pilot", "launch"),
    }

    segment = forms.ChoiceField(label=_("Segment"), required=False)
    trigger = forms.ChoiceField(
        label=_("Set off by"), choices=list(words.TRIGGERS.items()), required=False,
        help_text=_("Each night lets in whom it set off; with a segment, those of it alone."),
    )  # fmt: skip
    employer = forms.ChoiceField(label=_("Employer (payroll group)"), required=False)
    pilot_units = forms.MultipleChoiceField(label=_("Pilot outlets"), required=False)
    compare_units = forms.MultipleChoiceField(label=_("Comparable outlets"), required=False)

    @staticmethod
    def said(plan: Plan) -> dict[str, Any]:
        """The plan's part as initial values."""
        told: dict[str, Any] = {
            name: getattr(plan, name) for name in ("trigger", "employer", "pilot_units", "compare_units")
        }
        return told | {"segment": f"{plan.segment}:{plan.segment_version}" if plan.segment else ""}

    def changed(self, plan: Plan) -> Plan:
        """The plan with another audience: the version of the segment as it is now."""
        told = self.cleaned_data
        segment, _colon, version = told["segment"].partition(":")
        return replace(
            plan, segment=segment, segment_version=int(version) if version else None, trigger=told["trigger"],
            employer=told.get("employer", ""), pilot_units=tuple(told.get("pilot_units", ())),
            compare_units=tuple(told.get("compare_units", ())),
        )  # fmt: skip


class OfferForm(PlanForm):
    """Products and words."""

    of_kind: ClassVar[dict[str, tuple[str, ...]]] = {
        "reward": ("referral",),
        "line_": ("joint",),
        "share_": ("joint",),
    }

    products = forms.MultipleChoiceField(
        label=_("Products"), required=False,
        help_text=_("Whom none of them suits is left out, with a count."),
    )  # fmt: skip
    offer = forms.CharField(
        label=_("What is offered, in a sentence"), max_length=200, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    reward = forms.CharField(label=_("Reward (member gets member)"), max_length=100, required=False)

    def __init__(self, *told: Any, **more: Any) -> None:
        """A line and a share for each of those who may share the credit."""
        super().__init__(*told, **more)
        for number in range(CREDITED):
            self.fields[f"line_{number}"] = forms.ChoiceField(
                label=_("Line %(n)s that shares the credit") % {"n": number + 1},
                choices=[("", "—"), *words.LINES.items()], required=False,
            )  # fmt: skip
            self.fields[f"share_{number}"] = forms.DecimalField(
                label=_("Its share (%)"),
                min_value=Decimal(0),
                max_value=Decimal(100),
                decimal_places=2,
                required=False,
            )

    @staticmethod
    def said(plan: Plan) -> dict[str, Any]:
        """The plan's part as initial values."""
        told: dict[str, Any] = {"products": plan.products, "offer": plan.offer, "reward": plan.reward}
        for number, one in enumerate(plan.credit[:CREDITED]):
            told |= {f"line_{number}": one.line, f"share_{number}": _percent(one.share)}
        return told

    def changed(self, plan: Plan) -> Plan:
        """The plan with another offer; whether the shares add up is asked when it is handed in."""
        told = self.cleaned_data
        credit = tuple(
            CreditShare(told[f"line_{number}"], (told[f"share_{number}"] or Decimal(0)) / 100)
            for number in range(CREDITED)
            if told.get(f"line_{number}")
        )
        return replace(
            plan,
            products=tuple(told["products"]),
            offer=told["offer"],
            reward=told.get("reward", ""),
            credit=credit,
        )


class StepsForm(PlanForm):
    """Up to four steps: a message with one or two templates, or a task."""

    def __init__(self, *told: Any, choices: dict[str, Choices] | None = None, **more: Any) -> None:
        """A row of fields for each step."""
        super().__init__(*told, **more)
        templates = [("", "—"), *(choices or {}).get("templates", [])]
        for number in range(STEPS):
            self.fields[f"kind_{number}"] = forms.ChoiceField(
                label=_("What"), choices=[("", "—"), *words.STEP_KINDS.items()], required=False
            )
            self.fields[f"after_{number}"] = forms.IntegerField(
                label=_("Days after entering"), min_value=0, max_value=365, required=False
            )
            self.fields[f"condition_{number}"] = forms.ChoiceField(
                label=_("Condition"), choices=list(words.CONDITIONS.items()), required=False
            )
            self.fields[f"template_{number}"] = forms.ChoiceField(
                label=_("Template"), choices=templates, required=False
            )
            self.fields[f"rival_{number}"] = forms.ChoiceField(
                label=_("Second template (A/B)"), choices=templates, required=False
            )
            self.fields[f"script_{number}"] = forms.CharField(
                label=_("Script for the keeper"), max_length=500, required=False
            )

    @staticmethod
    def said(plan: Plan) -> dict[str, Any]:
        """The plan's part as initial values."""
        told: dict[str, Any] = {}
        for number, step in enumerate(plan.steps[:STEPS]):
            keys = [f"{step.channel}:{template}" for template in step.templates] + ["", ""]
            told |= {
                f"kind_{number}": step.kind, f"after_{number}": step.after_days, f"condition_{number}": step.condition,
                f"template_{number}": keys[0], f"rival_{number}": keys[1], f"script_{number}": step.script,
            }  # fmt: skip
        return told

    def rows(self) -> list[list[forms.BoundField]]:
        """The fields step by step."""
        names = ("kind", "after", "condition", "template", "rival", "script")
        return [[self[f"{name}_{number}"] for name in names] for number in range(STEPS)]

    def changed(self, plan: Plan) -> Plan:
        """The plan with these steps, in the order of their days."""
        made = [self._step(number) for number in range(STEPS) if self.cleaned_data.get(f"kind_{number}")]
        return replace(plan, steps=tuple(sorted(made, key=lambda step: step.after_days)))

    def _step(self, number: int) -> StepPlan:
        told = {
            name: self.cleaned_data.get(f"{name}_{number}") or "" for name in ("template", "rival", "script")
        }
        kind = self.cleaned_data[f"kind_{number}"]
        channel, _colon, first = told["template"].partition(":")
        rival = told["rival"].partition(":")[2]
        message = kind == "message"
        return StepPlan(
            kind=kind, after_days=self.cleaned_data.get(f"after_{number}") or 0,
            condition=self.cleaned_data.get(f"condition_{number}") or "always", channel=channel if message else "",
            templates=tuple(int(key) for key in (first, rival) if key) if message else (), script=told["script"],
        )  # fmt: skip


class MeasureForm(PlanForm):
    """Days, budget, how long is measured, who is held out, waves."""

    starts_on = forms.DateField(label=_("First day"), widget=DayInput())
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput())
    budget = MoneyField(label=_("Budget (yuan)"))
    horizon_days = forms.IntegerField(label=_("Measured for (days)"), min_value=1, max_value=730)
    holdout = forms.DecimalField(
        label=_("Held out of customers nobody keeps (%)"), min_value=0, max_value=90, decimal_places=2
    )
    managed_holdout = forms.DecimalField(
        label=_("Held out of kept customers (%)"), min_value=0, max_value=90, decimal_places=2
    )
    exempt_large = forms.BooleanField(
        label=_("Exempt the very wealthy from holding out"), required=False,
        help_text=_("They are then in no read-out. The second person approves this too."),
    )  # fmt: skip
    cluster = forms.ChoiceField(
        label=_("Drawn together"), choices=list(words.CLUSTERS.items()),
        help_text=_("Where word gets round, whole households, employers or books are held out."),
    )  # fmt: skip
    wave_count = forms.IntegerField(label=_("Waves"), min_value=1, max_value=WAVES, initial=1)
    wave_days = forms.IntegerField(label=_("Days between waves"), min_value=1, max_value=90, initial=7)

    @staticmethod
    def said(plan: Plan) -> dict[str, Any]:
        """The plan's part as initial values."""
        waves = plan.waves or (WavePlan(0, Decimal(1)),)
        return {
            "starts_on": plan.starts_on, "ends_on": plan.ends_on,
            "budget": int(plan.budget * 100) if plan.budget is not None else None,
            "horizon_days": plan.horizon_days, "holdout": _percent(plan.holdout_share),
            "managed_holdout": _percent(plan.managed_holdout_share), "exempt_large": plan.exempt_large,
            "cluster": plan.cluster, "wave_count": len(waves),
            "wave_days": waves[1].after_days if len(waves) > 1 else 7,
        }  # fmt: skip

    def changed(self, plan: Plan) -> Plan:
        """The plan with another measure."""
        told = self.cleaned_data
        number = told["wave_count"]
        each = (Decimal(1) / number).quantize(Decimal("0.0001"))
        shares = [each] * (number - 1) + [1 - each * (number - 1)]
        return replace(
            plan, starts_on=str(told["starts_on"]), ends_on=str(told["ends_on"]),
            budget=Decimal(told["budget"]) / 100, horizon_days=told["horizon_days"],
            holdout_share=told["holdout"] / 100, managed_holdout_share=told["managed_holdout"] / 100,
            exempt_large=told["exempt_large"], cluster=told["cluster"],
            waves=tuple(WavePlan(place * told["wave_days"], share) for place, share in enumerate(shares)),
        )  # fmt: skip


class NewcomerForm(forms.Form):
    """Whom a customer brings: a name, a number, the words agreed to."""

    name = PlainText(max_length=40, label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    contact = ContactField(max_length=40, label=_("Mobile number"))
    agreed = forms.BooleanField(
        label=_("The newcomer has agreed"),
        error_messages={"required": _("Without the newcomer's consent we may not keep the name and number.")},
    )


class NoteForm(forms.Form):
    """Why, in a line."""

    note = forms.CharField(label=_("Reason"), max_length=200)


FORMS: dict[str, type[PlanForm]] = {
    "goal": GoalForm,
    "audience": AudienceForm,
    "offer": OfferForm,
    "steps": StepsForm,
    "measure": MeasureForm,
}


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else (share * 100).quantize(Decimal("0.01"))
