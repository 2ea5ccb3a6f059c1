"""Units and people as their pages show them, limited to what the reader may see."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from guanxi.crm.organisation import selectors, words
from guanxi.crm.organisation.models import Cover, Post, Staff, Unit, UnitScope
from guanxi.crm.organisation.rules import Reach, Right

MOST_FOUND = 50


def units_shown(reach: Reach) -> QuerySet[Unit]:
    """Units whose people this person may see: their legal entity for who changes or checks people, else their own."""
    if reach.may(Right.CHANGE_PEOPLE) or reach.may(Right.SEE_AUDIT):
        roots = UnitScope.objects.filter(member__in=reach.post_unit_ids, unit__parent=None).values("unit")
        members = UnitScope.objects.filter(unit__in=roots).values("member")
        return Unit.objects.filter(pk__in=members)
    return Unit.objects.filter(pk__in=reach.unit_ids | reach.post_unit_ids)


def staff_shown(reach: Reach) -> QuerySet[Staff]:
    """People with a post, past or present, in these units; who changes people also meets those who never had one."""
    held = Post.objects.filter(staff=OuterRef("pk"))
    here = Q(Exists(held.filter(unit__in=units_shown(reach).values("pk"))))
    if reach.may(Right.CHANGE_PEOPLE) or reach.may(Right.SEE_AUDIT):
        here |= ~Q(Exists(held))
    return Staff.objects.filter(here)


@dataclass
class Branch:
    """A unit in the tree with the number of people in it and below it."""

    unit: Unit
    here: int
    below: int
    branches: list["Branch"] = field(default_factory=list)


def tree_of(reach: Reach, today: date) -> list[Branch]:
    """The tree of the units shown, from the top down; two queries."""
    units = list(units_shown(reach).order_by("unit_no"))
    held = (
        selectors.posts_on(today, units=[unit.pk for unit in units]).filter(staff__is_active=True).order_by()
    )
    counts = Counter(unit for unit, _staff in set(held.values_list("unit_id", "staff_id")))
    known = {unit.pk for unit in units}
    children: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        children[unit.parent_id if unit.parent_id in known else None].append(unit)
    return [_branch(unit, children, counts) for unit in children[None]]


def _branch(unit: Unit, children: Mapping[int | None, list[Unit]], counts: Mapping[int, int]) -> Branch:
    branches = [_branch(child, children, counts) for child in children[unit.pk]]
    here = counts.get(unit.pk, 0)
    return Branch(unit, here, here + sum(branch.below for branch in branches), branches)


def find(reach: Reach, typed: str) -> list[Staff]:
    """People whose number is, or whose name contains, what was typed."""
    told = typed.strip()
    if not told:
        return []
    return list(staff_shown(reach).filter(Q(staff_no=told) | Q(name__icontains=told))[:MOST_FOUND])


def without_post(reach: Reach, today: date) -> list[Staff]:
    """People who may sign in but hold no post today: they see nothing until given one."""
    held = selectors.posts_on(today).order_by().values("staff")
    return list(staff_shown(reach).filter(is_active=True).exclude(pk__in=held)[:MOST_FOUND])


@dataclass(frozen=True)
class Held:
    """A post as it is listed: where it stands in time."""

    post: Post
    role: str
    state: str  # now, ahead, past


def held(posts: Iterable[Post], today: date) -> list[Held]:
    """Posts with their role in words and whether they are held today."""
    return [Held(post, words.role_name(post.role), _when(post, today)) for post in posts]


def _when(post: Post, today: date) -> str:
    if post.valid_from > today:
        return "ahead"
    return "past" if post.valid_to is not None and post.valid_to <= today else "now"


def covers_around(staff: Iterable[Staff], today: date) -> list[Cover]:
    """Leave cover of these people, now and to come, either way, the next to end first."""
    ids = [one.pk for one in staff]
    rows = Cover.objects.filter(Q(absent__in=ids) | Q(covering__in=ids), last_day__gte=today)
    return list(rows.select_related("absent", "covering").order_by("last_day", "pk"))


def may_cover(reach: Reach, staff: Staff, today: date) -> bool:
    """Whether this person may set leave cover for `staff`: as the service will judge again."""
    if staff.pk == reach.staff_id:
        return False
    heads = reach.may(Right.ASSIGN_KEEPER)
    there = selectors.posts_on(today, units=reach.unit_ids).filter(staff=staff).exists() if heads else False
    return reach.may(Right.CHANGE_PEOPLE) or there


def colleagues_of(staff: Staff, today: date) -> QuerySet[Staff]:
    """Who could stand in: active people of the same units and of those right above, without the person."""
    units = selectors.posts_on(today).filter(staff=staff).order_by().values("unit")
    near = UnitScope.objects.filter(member__in=units).values("unit")
    posts = selectors.posts_on(today).filter(unit__in=near).order_by()
    return Staff.objects.filter(is_active=True, pk__in=posts.values("staff")).exclude(pk=staff.pk)
