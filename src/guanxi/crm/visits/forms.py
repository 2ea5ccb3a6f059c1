"""What the pages of visits may send."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.crm.interactions.models import Channel
from guanxi.crm.interactions.policy import family_name, known_policy, language, outcome_name, step_name
from guanxi.crm.interactions.services import OTHER_STEP, PromiseDraft
from guanxi.crm.organisation.models import Staff
from guanxi.crm.visits.models import Visit
from guanxi.crm.visits.plans import StepDraft
from guanxi.crm.visits.services import Record, VisitDraft
from guanxi.insight.policies.visit import VisitPolicy
from guanxi.web.forms import DayInput, MoneyField

QUARTER = 15


class HourInput(forms.TimeInput):
    """The browser's own clock, in quarters of an hour."""

    input_type = "time"

    def __init__(self) -> None:
        """Fix the format, which the browser prescribes."""
        super().__init__({"step": QUARTER * 60}, format="%H:%M")


class PersonChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """People by name and number."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, then number: two people may share a name."""
        return f"{obj.name} ({obj.staff_no})"


def moment(day: date, hour: Any) -> datetime:
    """Day and hour as typed here, as an instant."""
    return timezone.make_aware(datetime.combine(day, hour))


class VisitForm(forms.Form):
    """When, where, how long and what for."""

    day = forms.DateField(label=_("Day"), widget=DayInput())
    hour = forms.TimeField(label=_("Begins at"), widget=HourInput())
    length = forms.TypedChoiceField(label=_("Takes"), coerce=int)
    place = forms.CharField(label=_("Place"), max_length=120)
    aims = forms.MultipleChoiceField(
        label=_("Aims"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the visit is for.")},
    )  # fmt: skip
    aim_note = forms.CharField(
        label=_("What is to be reached"), max_length=200, required=False,
        help_text=_("In your own words, so that it can be said afterwards whether it was."),
    )  # fmt: skip
    companions = PersonChoices(
        label=_("Comes along"),
        queryset=Staff.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *told: Any, policy: VisitPolicy, people: QuerySet[Staff], today: date, **more: Any
    ) -> None:
        """Offer the policy's aims and lengths and the people who may come along."""
        super().__init__(*told, **more)
        words = language()
        lengths = range(QUARTER, policy.longest_minutes + 1, QUARTER)
        _choose(self, "length", [(number, _("%(n)s minutes") % {"n": number}) for number in lengths])
        _choose(self, "aims", [(aim.code, aim.label(words)) for aim in policy.aims])
        field = self.fields["companions"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = people
        self.fields["day"].widget.attrs["min"] = today.isoformat()

    def draft(self) -> VisitDraft:
        """What was typed, for the service."""
        told = self.cleaned_data
        return VisitDraft(
            starts_at=moment(told["day"], told["hour"]), minutes=told["length"], place=told["place"],
            aims=told["aims"], aim_note=told["aim_note"], companions=list(told["companions"]),
        )  # fmt: skip


def initial_of(visit: Visit) -> dict[str, Any]:
    """A planned visit as the form shows it."""
    local = timezone.localtime(visit.starts_at)
    return {
        "day": visit.day, "hour": local.time(), "length": visit.minutes_long, "place": visit.place,
        "aims": visit.aims, "aim_note": visit.aim_note,
        "companions": list(visit.companions.values_list("staff", flat=True)),
    }  # fmt: skip


class WhyForm(forms.Form):
    """A reason in one line."""

    why = forms.CharField(label=_("Reason"), max_length=200, error_messages={"required": _("Say why.")})


class MinutesForm(forms.Form):
    """Minutes and appraisal: what was spoken of, which aims were reached, what was promised."""

    day = forms.DateField(label=_("Day"), widget=DayInput())
    hour = forms.TimeField(label=_("Begins at"), widget=HourInput())
    outcome = forms.ChoiceField(label=_("Outcome"))
    place = forms.CharField(
        label=_("Where it really was"), max_length=120, required=False,
        help_text=_("Counts as evidence; leave it empty when you do not know."),
    )  # fmt: skip
    minutes = forms.CharField(
        label=_("Minutes"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what was spoken of.")},
    )  # fmt: skip
    reached = forms.MultipleChoiceField(
        label=_("Aims reached"), required=False, widget=forms.CheckboxSelectMultiple
    )
    appraisal = forms.CharField(
        label=_("Appraisal"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What went well, what to do otherwise next time."),
    )  # fmt: skip
    intent_family = forms.ChoiceField(label=_("Wants to take"), required=False)
    intent_fen = MoneyField(label=_("About how much"), required=False)
    step = forms.ChoiceField(label=_("Next step"), required=False)
    promise = forms.CharField(label=_("What you promised"), max_length=200, required=False)
    due_on = forms.DateField(label=_("By"), widget=DayInput(), required=False)

    def __init__(
        self, *told: Any, visit: Visit, policy: VisitPolicy, today: date, as_typed: bool = False, **more: Any
    ) -> None:
        """Offer the outcomes a visit may have and the aims this one had; `as_typed` shows what was sent unjudged."""
        self._as_typed = as_typed
        local = timezone.localtime(visit.starts_at)
        more["initial"] = {"day": visit.day, "hour": local.time(), "place": ""} | more.get("initial", {})
        super().__init__(*told, **more)
        words, rule = language(), known_policy(today)
        outcomes = rule.outcomes_on(Channel.VISIT) if rule else ()
        _choose(self, "outcome", [(one.outcome, outcome_name(rule, one.outcome)) for one in outcomes])
        aims = [aim for aim in policy.aims if aim.code in visit.aims]
        _choose(self, "reached", [(aim.code, aim.label(words)) for aim in aims])
        families = rule.intent_families if rule else ()
        _choose(self, "intent_family", [("", "—"), *((code, family_name(code)) for code in families)])
        steps = rule.next_steps if rule else ()
        _choose(self, "step", [("", "—"), *((one.step, step_name(rule, one.step)) for one in steps)])
        self.fields["day"].widget.attrs["max"] = today.isoformat()
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()

    def full_clean(self) -> None:
        """Judge what was sent, unless it is only shown again as it was typed."""
        if self._as_typed:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def clean(self) -> dict[str, Any]:
        """A promise needs words and a day; one without the other is asked for."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("promise") and not told.get("due_on"):
            self.add_error("due_on", _("Say by when."))
        if told.get("due_on") and not told.get("promise"):
            self.add_error("promise", _("Say what was promised."))
        return told

    def record(self) -> Record:
        """What was typed, for the service."""
        told = self.cleaned_data
        promise = None
        if told["promise"]:
            promise = PromiseDraft(told["promise"], told["due_on"], told["step"] or OTHER_STEP)
        return Record(
            began_at=moment(told["day"], told["hour"]), outcome=told["outcome"], minutes=told["minutes"],
            place=told["place"], reached=told["reached"], appraisal=told["appraisal"], promise=promise,
            intent_family=told["intent_family"], intent_fen=told["intent_fen"],
        )  # fmt: skip


class MaintenanceForm(forms.Form):
    """The tasks of a maintenance plan, one line each; a line without words is left out."""

    aim = forms.CharField(label=_("What the plan is to reach"), max_length=200, required=False)

    def __init__(
        self, *told: Any, steps: Sequence[StepDraft], spare: int = 2, today: date, **more: Any
    ) -> None:
        """A line for each task of the template, and some empty ones."""
        super().__init__(*told, **more)
        self._lines = len(steps) + spare
        for number in range(self._lines):
            step = steps[number] if number < len(steps) else None
            self.fields[f"text_{number}"] = forms.CharField(
                label=_("Task"), max_length=120, required=False, initial=step.text if step else ""
            )
            self.fields[f"channel_{number}"] = forms.ChoiceField(
                label=_("How"), choices=Channel.choices, initial=step.channel if step else Channel.CALL
            )
            self.fields[f"due_{number}"] = forms.DateField(
                label=_("By"), required=False, initial=step.due_on if step else None,
                widget=DayInput({"min": today.isoformat()}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Each task with words has its day."""
        told: dict[str, Any] = super().clean() or {}
        for number in range(self._lines):
            if told.get(f"text_{number}", "").strip() and not told.get(f"due_{number}"):
                self.add_error(f"due_{number}", _("Say by when."))
        return told

    def lines(self) -> Iterator[tuple[Any, Any, Any]]:
        """The fields line by line, as the page draws them."""
        for number in range(self._lines):
            yield self[f"text_{number}"], self[f"channel_{number}"], self[f"due_{number}"]

    def steps(self) -> list[StepDraft]:
        """The tasks that were kept."""
        told = self.cleaned_data
        return [
            StepDraft(told[f"channel_{number}"], told[f"text_{number}"], told[f"due_{number}"])
            for number in range(self._lines)
            if told[f"text_{number}"].strip()
        ]


class WeekForm(forms.Form):
    """What the week is about."""

    focus = forms.CharField(label=_("Focus of the week"), max_length=200, required=False)


class WordForm(forms.Form):
    """The supervisor's word on a plan; asked for when it is returned."""

    word = forms.CharField(label=_("A word on it"), max_length=200, required=False)


def _choose(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
