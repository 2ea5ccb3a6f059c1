"""The second person (复核人) of what others made: neither a maker, nor who stands in for one or is stood in for."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.crm.organisation.models import Cover, Staff


def stand_ins(makers: Iterable[int | None], today: date) -> frozenset[int]:
    """Who stands in for one of these people on that day, or is stood in for by one, with the people themselves."""
    people = {who for who in makers if who is not None}
    if not people:
        return frozenset()
    covers = Cover.objects.filter(
        Q(absent__in=people) | Q(covering__in=people), first_day__lte=today, last_day__gte=today
    )
    return frozenset(people.union(*covers.values_list("absent_id", "covering_id")))


def check_second_person(by: Staff, makers: Iterable[int | None], today: date) -> None:
    """Raise ValidationError where `by` stands in for one of those who made it today, or they for `by`.

    That nobody decides about the own deed is asked before, by each room in its own words.
    """
    if by.pk in stand_ins(makers, today):
        raise ValidationError(
            _("You stand in for who made this, or they for you: another person has to decide.")
        )
