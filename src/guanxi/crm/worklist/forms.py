"""What the day's list asks: until when and why, to whom, and a task by hand."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.interactions.policy import language
from guanxi.crm.organisation.models import Staff
from guanxi.insight.policies.worklist import WorklistPolicy
from guanxi.web.forms import DayInput


class SnoozeForm(forms.Form):
    """Put off: why, and until when."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), widget=forms.RadioSelect)
    until = forms.DateField(label=gettext_lazy("Put off to"), widget=DayInput)

    def __init__(self, *args: Any, policy: WorklistPolicy, today: date, **more: Any) -> None:
        """Offer the policy's reasons and days."""
        more.setdefault("initial", {"until": today + timedelta(days=1)})
        super().__init__(*args, **more)
        chinese = language() == "zh"
        choices = [(one.code, one.label_zh if chinese else one.label_en) for one in policy.snooze_reasons]
        _offer(self, "reason", choices)
        latest = today + timedelta(days=policy.snooze_days)
        limits = {"min": (today + timedelta(days=1)).isoformat(), "max": latest.isoformat()}
        self.fields["until"].widget.attrs.update(limits)


class HandForm(forms.Form):
    """To whom a task goes."""

    to = forms.ChoiceField(label=gettext_lazy("Colleague"))

    def __init__(self, *args: Any, people: list[tuple[Staff, str]], **more: Any) -> None:
        """Offer the colleagues who see the customer, each with the post."""
        super().__init__(*args, **more)
        _offer(self, "to", [(str(person.pk), f"{person.name} · {post}") for person, post in people])


class TaskForm(forms.Form):
    """A task by hand: what, by when, how long."""

    text = forms.CharField(label=gettext_lazy("What is to be done"), max_length=200, strip=True)
    due_on = forms.DateField(label=gettext_lazy("Due"), widget=DayInput)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes each"), min_value=1, max_value=480, required=False
    )

    to_keeper = forms.BooleanField(required=False)

    def __init__(self, *args: Any, today: date, keeper: Staff | None, **more: Any) -> None:
        """Due today when nothing is said, and never before; a head may give it to the customer's keeper."""
        more.setdefault("initial", {"due_on": today, "to_keeper": keeper is not None})
        super().__init__(*args, **more)
        if keeper is None:
            del self.fields["to_keeper"]
        else:
            self.fields["to_keeper"].label = _("For the keeper, %(name)s") % {"name": keeper.name}
        self._today = today
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()

    def clean_due_on(self) -> date:
        """Not in the past."""
        due: date = self.cleaned_data["due_on"]
        if due < self._today:
            raise forms.ValidationError(_("Choose today or a later day."))
        return due


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    chosen = form.fields[name]
    assert isinstance(chosen, forms.ChoiceField)
    chosen.choices = choices
