"""Who is to act: on a customer, and on a question above one's own authority."""

from collections.abc import Iterable
from datetime import date

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Post, Staff, Unit
from guanxi.crm.organisation.rules import ROLE_RULES, Right
from guanxi.crm.organisation.selectors import path_to, posts_on


def responsible_for(party: Party, today: date) -> Staff | None:
    """The keeper; without one who can act, the head nearest to the customer's outlet. None when there is no head."""
    if party.keeper is not None and party.keeper.is_active:
        return party.keeper
    return next(iter(heads_of(party.unit, today)), None)


def heads_of(unit: Unit, today: date, *, without: int | None = None) -> list[Staff]:
    """Those who approve offers at this outlet and above it, the nearest first; `without` this person."""
    roles = [role for role, rule in ROLE_RULES.items() if Right.APPROVE_OFFERS in rule.rights]
    above = [one.pk for one in path_to(unit)][::-1]
    posts = posts_on(today, units=above).filter(role__in=roles, staff__is_active=True)
    return _nearest(posts, above, without)


def _nearest(posts: Iterable[Post], above: list[int], without: int | None) -> list[Staff]:
    told = sorted(posts, key=lambda post: (above.index(post.unit_id), post.role, post.staff_id))
    return list({post.staff_id: post.staff for post in told if post.staff_id != without}.values())
