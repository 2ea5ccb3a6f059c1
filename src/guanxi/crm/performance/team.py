"""Who belongs to a team, and the place a head looks at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import covers_on, posts_on
from guanxi.crm.performance.rules import WORKING
from guanxi.crm.scores.reports.places import Place, place_of


@dataclass(frozen=True)
class Member:
    """A person whose work is looked at, with the post that makes him or her one."""

    staff: Staff
    unit: Unit
    role: str
    away_until: date | None = None
    covered_by: str = ""

    @property
    def key(self) -> int:
        """The person's key."""
        return self.staff.pk


def place_asked(reach: Reach, asked: str | None) -> Place:
    """The unit a head looks at: the one asked for, else the highest. Http404 out of reach."""
    place = place_of(reach, asked)
    assert place is not None  # who may see a team's work sees units
    return place


def team_of(units: Iterable[int] | None, on: date) -> list[Member]:
    """The people at work in these units (None: everywhere) on a day, by unit and name; two queries."""
    away = {cover.absent_id: cover for cover in covers_on(on)}
    found: dict[int, Member] = {}
    for post in posts_on(on, units=units).filter(role__in=WORKING, staff__is_active=True):
        cover = away.get(post.staff_id)
        until, by = (cover.last_day, cover.covering.name) if cover else (None, "")
        found.setdefault(post.staff_id, Member(post.staff, post.unit, post.role, until, by))
    return sorted(found.values(), key=lambda one: (one.unit.unit_no, *by_name(one.staff)))


def by_name(staff: Staff) -> tuple[bytes, str]:
    """Sorts people by name: the common Chinese characters stand in this encoding by their sound."""
    return staff.name.encode("gb18030", "replace"), staff.staff_no


def member_self(staff: Staff, reach: Reach) -> Member:
    """One's own post among those that have a list of the day; the first one held where there are several."""
    working = [post for post in reach.posts if post.role in WORKING] or list(reach.posts)
    return Member(staff, Unit(pk=working[0].unit_id, name=working[0].unit_name), working[0].role)
