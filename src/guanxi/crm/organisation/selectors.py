"""Reads of the tree, the people, and how far each of them sees."""

from collections.abc import Iterable
from datetime import date

from django.db import connections
from django.db.models import Q, QuerySet

from guanxi.crm.organisation import rules
from guanxi.crm.organisation.models import Cover, Post, Staff, Unit, UnitScope
from guanxi.crm.organisation.rules import HeldPost, Reach, Sight


def _in_force(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


# Written out because every request asks them: composing the same by the ORM took ten times as long as its answer.
_POSTS_HELD = """
SELECT post.staff_id, post.unit_id, post.role, unit.name, CASE WHEN post.role = ANY(%(over_units)s) THEN ARRAY(
    SELECT scope.member_id FROM organisation_unitscope AS scope WHERE scope.unit_id = post.unit_id
  ) END
FROM organisation_post AS post JOIN organisation_unit AS unit ON unit.id = post.unit_id
WHERE post.valid_from <= %(on)s AND (post.valid_to IS NULL OR post.valid_to > %(on)s)
  AND post.staff_id = ANY(%(staff)s::bigint || ARRAY(
    SELECT cover.absent_id FROM organisation_cover AS cover
    JOIN organisation_staff AS absent ON absent.id = cover.absent_id AND absent.is_active
    WHERE cover.covering_id = %(staff)s AND cover.first_day <= %(on)s AND cover.last_day >= %(on)s
  ))
ORDER BY unit.unit_no, post.role
"""
_OVER_UNITS = [role for role, rule in rules.ROLE_RULES.items() if rule.sight is Sight.UNITS]
_PERSON = [field.attname for field in Staff._meta.concrete_fields]  # noqa: SLF001  # Django's own way
_BY_KEY = f"SELECT {', '.join(_PERSON)} FROM organisation_staff WHERE id = %s"


def by_key(key: int) -> Staff | None:
    """The person with this key, active or not; None when there is none."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_BY_KEY, [key])
        row = cursor.fetchone()
    return None if row is None else Staff.from_db("default", _PERSON, row)


def reach_of(staff: Staff, on: date, *, using: str = "default") -> Reach:
    """How far `staff` sees on that day, by the posts and leave cover then in force; nobody signed out sees anything."""
    if not staff.is_active:
        return Reach(staff.pk)
    with connections[using].cursor() as cursor:
        cursor.execute(_POSTS_HELD, {"staff": staff.pk, "on": on, "over_units": _OVER_UNITS})
        rows = cursor.fetchall()
    posts = [HeldPost(*row[:4]) for row in rows]
    units = frozenset(member for row in rows for member in row[4] or ())
    whole = False
    if of_banks := rules.units_with_sight(posts, Sight.BANK):
        units |= _entities_of(of_banks, using)
        whole = Unit.objects.using(using).count() == len(units)
    return rules.reach_from(staff.pk, posts, units, whole_bank=whole)


def _entities_of(units: frozenset[int], using: str) -> frozenset[int]:
    """Every unit of the legal entities that these units belong to."""
    scopes = UnitScope.objects.using(using)
    entities = scopes.filter(member__in=units, unit__parent=None)
    return frozenset(scopes.filter(unit__in=entities.values("unit")).values_list("member_id", flat=True))


def units_within(reach: Reach) -> QuerySet[Unit]:
    """The units whose figures this person may see, by number; managers see their own unit's name only."""
    return Unit.objects.filter(pk__in=reach.unit_ids | reach.post_unit_ids)


def members_of(unit: Unit) -> frozenset[int]:
    """The unit's id with those of all units below it."""
    return frozenset(UnitScope.objects.filter(unit=unit).values_list("member_id", flat=True))


def path_to(unit: Unit) -> list[Unit]:
    """From the root down to this unit: a breadcrumb."""
    scopes = UnitScope.objects.filter(member=unit).select_related("unit").order_by("-depth")
    return [scope.unit for scope in scopes]


def posts_on(on: date, *, units: Iterable[int] | None = None) -> QuerySet[Post]:
    """Posts in force on that day, with person and unit; of these units only, when given."""
    posts = (
        Post.objects.filter(_in_force(on))
        .select_related("staff", "unit")
        .order_by("unit__unit_no", "role", "staff")
    )
    return posts if units is None else posts.filter(unit__in=units)


def posts_of(staff: Staff) -> QuerySet[Post]:
    """All posts of a person, newest first."""
    return Post.objects.filter(staff=staff).select_related("unit").order_by("-valid_from", "-id")


def covers_on(on: date) -> QuerySet[Cover]:
    """Leave cover in force on that day."""
    return Cover.objects.filter(first_day__lte=on, last_day__gte=on).select_related("absent", "covering")


def keepers_in(units: Iterable[int], on: date) -> QuerySet[Staff]:
    """Active people who may keep customers in these units on that day."""
    roles = [role for role, rule in rules.ROLE_RULES.items() if rule.sight in {Sight.BOOK, Sight.UNITS}]
    posts = Post.objects.filter(_in_force(on), unit__in=units, role__in=roles)
    return Staff.objects.filter(is_active=True, pk__in=posts.values("staff"))
