"""What the pages of key people may send."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.visits.models import Attitude, Bond, KeyPerson, KeyPost, Through, Weight
from guanxi.crm.visits.people.services import PersonDraft

AROUND_A_PERSON = (KeyPost.SELF, KeyPost.FAMILY, KeyPost.ASSISTANT, KeyPost.OTHER)
OF_A_COMPANY = tuple(post for post in KeyPost if post not in AROUND_A_PERSON[:-1])
FIRST_YEAR = 1950
LEAST_DAYS, MOST_DAYS = 7, 366


class StaffChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """People by name and number."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, then number: two people may share a name."""
        return f"{obj.name} ({obj.staff_no})"


class PersonForm(forms.Form):
    """A key person: one of the related customers, or a name; post, weight, attitude."""

    linked = forms.TypedChoiceField(
        label=_("A customer already"), required=False, coerce=int, empty_value=None,
        help_text=_("Related customers on the bank's records; their name is taken from there."),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False,
        help_text=_("Name and post, nothing more: who is no customer has agreed to nothing."),
    )  # fmt: skip
    post = forms.ChoiceField(label=_("Post"))
    weight = forms.ChoiceField(label=_("What their word counts for"), choices=Weight.choices)
    attitude = forms.ChoiceField(label=_("How they stand to us"), choices=Attitude.choices)

    def __init__(self, *told: Any, related: dict[int, Party], company: bool, **more: Any) -> None:
        """Offer the posts of a company or around a person, and the related customers."""
        super().__init__(*told, **more)
        self.related = related
        offered = OF_A_COMPANY if company else AROUND_A_PERSON
        _choose(self, "post", [(post.value, post.label) for post in offered])
        _choose(self, "linked", [("", "—"), *((key, party.name) for key, party in related.items())])
        if not related:
            del self.fields["linked"]

    def clean(self) -> dict[str, Any]:
        """One of both: a customer or a name."""
        told = super().clean() or self.cleaned_data
        if not told.get("linked") and not told.get("name", "").strip():
            self.add_error("name", _("Say who it is."))
        return told

    def draft(self) -> PersonDraft:
        """What was typed, for the service."""
        told = self.cleaned_data
        linked = self.related.get(told.get("linked") or 0)
        return PersonDraft(told["name"], told["post"], told["weight"], told["attitude"], linked)


def initial_of(person: KeyPerson) -> dict[str, Any]:
    """A key person as the form shows them."""
    return {"linked": person.linked_id, "name": person.name, "post": person.post, "weight": person.weight,
            "attitude": person.attitude}  # fmt: skip


class KnownForm(forms.Form):
    """One of ours knows this person."""

    staff = StaffChoice(label=_("Who of ours"), queryset=Staff.objects.none())
    bond = forms.TypedChoiceField(label=_("How well"), choices=Bond.choices, coerce=int)
    through = forms.ChoiceField(label=_("From where"), choices=Through.choices)
    since_year = forms.IntegerField(label=_("Since which year"), required=False, min_value=FIRST_YEAR)

    def __init__(self, *told: Any, people: QuerySet[Staff], **more: Any) -> None:
        """Offer the people of the outlet and above."""
        super().__init__(*told, **more)
        _offer(self, people)


class SponsorForm(forms.Form):
    """Who is the executive sponsor, and how often in touch."""

    staff = StaffChoice(label=_("Executive sponsor"), queryset=Staff.objects.none(), required=False,
                        empty_label=_("No sponsor"))  # fmt: skip
    every_days = forms.IntegerField(
        label=_("In touch every so many days"), min_value=LEAST_DAYS, max_value=MOST_DAYS
    )

    def __init__(self, *told: Any, people: QuerySet[Staff], **more: Any) -> None:
        """Offer the heads of the outlet and above."""
        super().__init__(*told, **more)
        _offer(self, people)


def _choose(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _offer(form: forms.Form, people: QuerySet[Staff]) -> None:
    field = form.fields["staff"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = people
