"""The yearly symposium (客户座谈会): each outlet owes so many a year; what is held, planned and missing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q

from guanxi.crm.organisation.models import Unit, UnitKind
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.salons.models import Salon
from guanxi.crm.salons.policy import salon_policy
from guanxi.crm.salons.rules import Stage


@dataclass(frozen=True)
class Owed:
    """One outlet's symposiums of a calendar year."""

    unit: Unit
    owed: int
    held: int
    planned_on: date | None

    @property
    def is_met(self) -> bool:
        """Whether as many are held as are owed."""
        return self.held >= self.owed

    @property
    def colour(self) -> str:
        """Green when held, amber when one is planned, red when nothing is."""
        return "green" if self.is_met else "amber" if self.planned_on else "red"


def symposiums(reach: Reach, today: date) -> list[Owed]:
    """The outlets within one's units with what they owe and have, what is missing first; for who sees the team's work.

    A symposium counts when it is ended, in the year of its day. Two queries; none where the policy asks for none.
    """
    if not reach.may(Right.SEE_TEAM_WORK):
        return []
    policy = salon_policy(today)
    if not policy.symposiums_a_year:
        return []
    year = today.replace(month=1, day=1), today.replace(month=12, day=31)
    rows = Salon.objects.filter(kind=policy.symposium_kind, day__range=year).values("unit")
    told = {
        row["unit"]: row
        for row in rows.annotate(
            held=Count("pk", filter=Q(state=Stage.ENDED)), next=Min("day", filter=Q(state=Stage.PLANNED))
        )
    }
    units = Unit.objects.filter(pk__in=sorted(reach.unit_ids), kind=UnitKind.OUTLET).order_by("unit_no")
    nothing: dict[str, Any] = {"held": 0, "next": None}
    each = [(unit, told.get(unit.pk, nothing)) for unit in units]
    found = [Owed(unit, policy.symposiums_a_year, row["held"], row["next"]) for unit, row in each]
    return sorted(found, key=lambda one: (one.is_met, one.planned_on is not None))
