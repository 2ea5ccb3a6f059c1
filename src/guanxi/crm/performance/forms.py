"""What the pages of this room may send."""

from collections.abc import Iterable
from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.models import Staff
from guanxi.crm.performance.models import DecisionState, DisputeState, Measure

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DecisionForm(forms.Form):
    """What was decided, who does it, by when."""

    text = forms.CharField(
        label=_("What was decided"), max_length=300, error_messages={"required": _("Say what was decided.")}
    )
    owner = forms.ChoiceField(label=_("Who does it"))
    due_on = forms.DateField(label=_("By when"), widget=DAY)

    def __init__(self, *told: object, people: Iterable[Staff], today: date, **more: object) -> None:
        """Offer these people; by default in a week."""
        super().__init__(*told, **more)  # type: ignore[arg-type]
        offered = self.fields["owner"]
        assert isinstance(offered, forms.ChoiceField)
        offered.choices = [(str(one.pk), one.name) for one in people]
        self.fields["due_on"].initial = today + timedelta(days=7)


class OutcomeForm(forms.Form):
    """What came of a decision."""

    state = forms.ChoiceField(
        label=_("Result"),
        choices=[one for one in DecisionState.choices if one[0] != DecisionState.OPEN],
    )
    outcome = forms.CharField(
        label=_("What came of it"), max_length=300, error_messages={"required": _("Say what came of it.")}
    )


class AdviceForm(forms.Form):
    """Advice about one measure and what was agreed."""

    measure = forms.ChoiceField(label=_("About"), choices=Measure.choices)
    advice = forms.CharField(label=_("Advice"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    action = forms.CharField(label=_("Agreed action"), max_length=300)
    joint = forms.BooleanField(label=_("Visit together"), required=False)


class ReviewForm(forms.Form):
    """What came of advice."""

    outcome = forms.CharField(label=_("What came of it"), max_length=300)


class DisputeForm(forms.Form):
    """Which figure is doubted, and why."""

    measure = forms.ChoiceField(label=_("Which figure"), choices=Measure.choices)
    text = forms.CharField(
        label=_("What is wrong with it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class AnswerForm(forms.Form):
    """What the head found."""

    state = forms.ChoiceField(
        label=_("Result"), choices=[one for one in DisputeState.choices if one[0] != DisputeState.OPEN]
    )
    answer = forms.CharField(label=_("Answer"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
