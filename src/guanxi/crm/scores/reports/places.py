"""Which unit a report is about: within the reader's reach, with the way down to it and what is below."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from guanxi.crm.customers.selectors import within
from guanxi.crm.organisation.models import Unit, UnitScope
from guanxi.crm.organisation.rules import Reach
from guanxi.web.sent import whole

Summed = TypeVar("Summed", bound=Model)


@dataclass(frozen=True)
class Place:
    """A unit with the units above it that the reader may see (`trail`, itself last) and those just below.

    `members`: ids of the unit and of everything below it, all within reach. `branch_of`: for each member the child
    under which it stands; the unit itself stands under itself.
    """

    unit: Unit
    trail: tuple[Unit, ...]
    children: tuple[Unit, ...]
    branch_of: dict[int, int]

    @property
    def members(self) -> list[int]:
        """Every unit of the subtree."""
        return sorted(self.branch_of)


def place_of(reach: Reach, asked: str | None) -> Place | None:
    """The unit asked for by id, else the highest within reach; None for a person who sees a book and no units.

    A unit out of reach answers like one that does not exist: Http404.
    """
    if not reach.unit_ids:
        if asked:
            raise Http404
        return None
    unit_id = _chosen(reach, asked)
    above = UnitScope.objects.filter(member=unit_id, unit__in=reach.unit_ids).select_related("unit")
    trail = tuple(scope.unit for scope in above.order_by("-depth"))
    below = list(UnitScope.objects.filter(unit=unit_id, member__in=reach.unit_ids).select_related("member"))
    children = tuple(
        sorted((scope.member for scope in below if scope.depth == 1), key=lambda unit: unit.unit_no)
    )
    return Place(trail[-1], trail, children, _branches(unit_id, [scope.member for scope in below]))


def _chosen(reach: Reach, asked: str | None) -> int:
    if not asked:
        return _highest(reach)
    unit = whole(asked)
    if unit is None or unit not in reach.unit_ids:
        raise Http404
    return unit


def _highest(reach: Reach) -> int:
    """The unit with the most units of the reach below it; between equals the lowest number."""
    tops = Unit.objects.filter(pk__in=reach.unit_ids).exclude(parent__in=reach.unit_ids)
    return tops.order_by("unit_no").values_list("pk", flat=True)[0]


def _branches(top: int, members: Iterable[Unit]) -> dict[int, int]:
    """For each unit of a subtree, the child of `top` it stands under."""
    parent = {unit.pk: unit.parent_id for unit in members}
    return {unit: _child_above(unit, top, parent) for unit in parent}


def _child_above(unit: int, top: int, parent: dict[int, int | None]) -> int:
    at = unit
    while at != top:
        above = parent[at]
        if above is None or above == top:
            return at
        at = above
    return top


def rows_at(rows: QuerySet[Summed], reach: Reach, place: Place | None) -> QuerySet[Summed]:
    """Rows (with unit and keeper) within reach, of this place when there is one."""
    mine = within(rows, reach)
    return mine if place is None else mine.filter(unit__in=place.members)


def sums_at(rows: QuerySet[Summed], reach: Reach, place: Place) -> QuerySet[Summed]:
    """Rows of sums by unit alone, of the place's units within reach: whoever sees no units sees none."""
    return rows.filter(unit__in=sorted(reach.unit_ids & set(place.members)))
