"""What is typed about salons, by staff and by guests."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.catalog.models import Family
from guanxi.crm.leads.forms import ContactField, PlainText
from guanxi.crm.organisation.models import Unit
from guanxi.crm.salons.communities import CommunityDraft
from guanxi.crm.salons.models import Channel, Community, Salon, Source
from guanxi.crm.salons.policy import language
from guanxi.crm.salons.services import SalonDraft
from guanxi.insight.policies.salon import SalonPolicy
from guanxi.web.forms import DayInput, MoneyField


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        """Hours and minutes, which the browser prescribes."""
        super().__init__(format="%H:%M")


class SalonForm(forms.Form):
    """A salon about to be planned or changed."""

    title = PlainText(max_length=60, label=gettext_lazy("Title"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind of salon"))
    unit = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Outlet"))
    place = PlainText(max_length=100, label=gettext_lazy("Place"))
    day = forms.DateField(widget=DayInput, label=gettext_lazy("Day"))
    begins = forms.TimeField(widget=TimeInput, label=gettext_lazy("Begins"))
    ends = forms.TimeField(widget=TimeInput, label=gettext_lazy("Ends"))
    seats = forms.IntegerField(min_value=1, label=gettext_lazy("Seats"))
    family = forms.ChoiceField(required=False, label=gettext_lazy("Product family spoken of"))
    budget_fen = MoneyField(required=False, label=gettext_lazy("Budget (yuan)"))
    about = PlainText(
        max_length=400, required=False, label=gettext_lazy("What the salon is about"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    campaign = forms.ChoiceField(required=False, label=gettext_lazy("Part of the campaign"))
    community = forms.ChoiceField(required=False, label=gettext_lazy("For the community"))
    is_open = forms.BooleanField(required=False, label=gettext_lazy("The community may sign up by code"))

    def __init__(
        self, data: Any = None, *, units: Iterable[Unit], policy: SalonPolicy, campaigns: Iterable[tuple[str, str]],
        communities: Iterable[Community] = (), initial: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Offer units, kinds and campaigns."""
        super().__init__(data, initial=initial)
        self._units = list(units)
        self._communities = {str(one.uuid): one for one in communities}
        tongue = language()
        _offer(self, "kind", [(one.code, one.label(tongue)) for one in policy.salon_kinds])
        _offer(self, "unit", [(unit.pk, unit.name) for unit in self._units])
        _offer(self, "family", [("", _("none")), *Family.choices])
        _offer(self, "campaign", [("", _("none")), *campaigns])
        named = [(key, f"{one.unit.name} · {one.name}") for key, one in self._communities.items()]
        _offer(self, "community", [("", _("none")), *named])

    def draft(self) -> SalonDraft:
        """What was typed, as the service takes it."""
        told = dict(self.cleaned_data)
        day, begins, ends = told.pop("day"), told.pop("begins"), told.pop("ends")
        unit = next(one for one in self._units if one.pk == told.pop("unit"))
        told["budget_fen"] = told["budget_fen"] or 0
        told["community"] = self._communities.get(told["community"])
        return SalonDraft(unit=unit, starts_at=_moment(day, begins), ends_at=_moment(day, ends), **told)


def initial_of(salon: Salon) -> dict[str, Any]:
    """A salon as the form shows it."""
    begins, ends = timezone.localtime(salon.starts_at), timezone.localtime(salon.ends_at)
    names = ("title", "kind", "place", "day", "seats", "family", "budget_fen", "about", "is_open")
    told = {name: getattr(salon, name) for name in names}
    return told | {
        "unit": salon.unit_id, "begins": begins.time(), "ends": ends.time(), "campaign": str(salon.campaign or ""),
        "community": str(salon.community.uuid) if salon.community else "",
    }  # fmt: skip


class InviteForm(forms.Form):
    """Whom to invite, and how."""

    source = forms.ChoiceField(widget=forms.RadioSelect, initial=Source.BOOK, label=gettext_lazy("Whom"))
    rank = forms.ChoiceField(required=False, label=gettext_lazy("From tier"))
    segment = forms.ChoiceField(required=False, label=gettext_lazy("Segment"))
    numbers = forms.CharField(
        required=False, max_length=4000, label=gettext_lazy("Customer numbers"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    channel = forms.ChoiceField(choices=Channel.choices, initial=Channel.CALL, label=gettext_lazy("How"))

    def __init__(
        self, data: Any = None, *, segments: Iterable[tuple[str, str]], tiers: Iterable[tuple[int, str]],
        has_book: bool, of_campaign: bool, of_community: bool = False,
    ) -> None:  # fmt: skip
        """Offer only what this person has."""
        super().__init__(data)
        kept = [Source.BOOK] if has_book else []
        own = [Source.COMMUNITY] if of_community else []
        offered = [*own, *kept, Source.SEGMENT, Source.PICKED, *([Source.CAMPAIGN] if of_campaign else [])]
        if of_campaign:  # whoever else were invited would spoil the comparison
            offered = [Source.CAMPAIGN]
        _offer(self, "source", [(one.value, one.label) for one in offered])
        self.fields["source"].initial = offered[0].value
        _offer(self, "segment", list(segments))
        _offer(self, "rank", [(str(rank), label) for rank, label in tiers])

    def clean(self) -> dict[str, Any]:
        """What the chosen source needs must be there."""
        told = super().clean() or {}
        needed = {Source.SEGMENT: "segment", Source.PICKED: "numbers"}.get(told.get("source", ""))
        if needed and not told.get(needed):
            self.add_error(needed, _("This is missing."))
        return told


class GuestForm(forms.Form):
    """Who signs up: a name, a number, and the words agreed to."""

    name = PlainText(max_length=40, label=gettext_lazy("Your name"))
    contact = ContactField(max_length=40, label=gettext_lazy("Mobile number"))
    agreed = forms.BooleanField(
        label="",
        error_messages={
            "required": gettext_lazy("Without your consent we may not keep your name and number.")
        },
    )


class CommunityForm(forms.Form):
    """A community about to be kept: its outlet, its name, the villages customers declare."""

    unit = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Outlet"))
    name = PlainText(max_length=40, label=gettext_lazy("Name of the community"))
    villages = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Villages and communities"),
        error_messages={"required": gettext_lazy("Choose at least one village.")},
    )  # fmt: skip
    about = PlainText(max_length=200, required=False, label=gettext_lazy("What to know about it"))

    def __init__(
        self, data: Any = None, *, units: Iterable[Unit], villages: Iterable[tuple[str, int]],
        initial: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Offer units, and villages with how many customers declare them."""
        super().__init__(data, initial=initial)
        self._units = list(units)
        _offer(self, "unit", [(unit.pk, unit.name) for unit in self._units])
        named = [(name, _("%(name)s (%(n)s customers)") % {"name": name, "n": n}) for name, n in villages]
        _offer(self, "villages", named)

    def draft(self) -> CommunityDraft:
        """What was typed, as the service takes it."""
        told = self.cleaned_data
        unit = next(one for one in self._units if one.pk == told["unit"])
        return CommunityDraft(unit, told["name"], tuple(told["villages"]), told["about"])


class ReasonForm(forms.Form):
    """Why."""

    reason = PlainText(max_length=200, label=gettext_lazy("Reason"))


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def _offer(form: forms.Form, name: str, offered: list[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = offered
