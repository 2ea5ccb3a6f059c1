"""What the lab's pages may be sent: which drafts, which month, how many months."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from guanxi.crm.lab.rules import MOST_DRAFTS, SPANS
from guanxi.crm.lab.services import Tried
from guanxi.web import formats


class StartForm(forms.Form):
    """A simulation to start. `chosen` are keys of what can be tried: d<draft> or v<version>."""

    chosen = forms.MultipleChoiceField(
        label=_("Drafts"), widget=forms.CheckboxSelectMultiple, help_text=_("One to three, side by side.")
    )
    month = forms.ChoiceField(label=_("Month"))
    months = forms.TypedChoiceField(
        label=_("Look back over"), coerce=int, help_text=_("More months show how steady a policy is.")
    )

    def __init__(
        self, data: Any, *, tried: Sequence[Tried], months: Iterable[date], chosen: str = ""
    ) -> None:
        """Offer what can be tried and the closed months."""
        first = {"chosen": [chosen] if chosen else [], "months": 12}
        super().__init__(data, initial=first)
        self._tried = {key_of(one): one for one in tried}
        self._months = {formats.month(month): month for month in months}
        labels = [(key, one.name) for key, one in self._tried.items()]
        self._choose("chosen", labels)
        self._choose("month", [(text, text) for text in self._months])
        spans = [(n, ngettext("%(n)s month", "%(n)s months", n) % {"n": n}) for n in SPANS]
        self._choose("months", spans)

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_chosen(self) -> list[str]:
        """No more than can be compared."""
        chosen: list[str] = self.cleaned_data["chosen"]
        if len(chosen) > MOST_DRAFTS:
            raise forms.ValidationError(_("Three at most."))
        return chosen

    def tried(self) -> list[Tried]:
        """What was chosen, in the order it was offered."""
        return [one for key, one in self._tried.items() if key in self.cleaned_data["chosen"]]

    def asked_month(self) -> date:
        """The month chosen."""
        return self._months[self.cleaned_data["month"]]


def key_of(one: Tried) -> str:
    """How the form knows a content again."""
    return f"d{one.draft}" if one.draft else f"v{one.version}"


class ProposeForm(forms.Form):
    """Why this draft should count."""

    note = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Who decides reads it beside the simulation."),
    )  # fmt: skip
