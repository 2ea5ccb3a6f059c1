"""The pool (待分配池): the program proposes, the head confirms, one by one or many at once."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.keeping import matching, selectors
from guanxi.crm.keeping.load import Load, Minutes, loads
from guanxi.crm.keeping.models import PoolEntry, SharedKeeping
from guanxi.crm.keeping.policy import keeping_policy
from guanxi.crm.organisation.models import Post, Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.scores.models import PartyScore

NOBODY = "the pool is for who decides about keeping"


@transaction.atomic
def propose(*, by: Staff, reach: Reach, today: date) -> int:
    """Write down for every customer of the pool within reach who might keep him and why; returns for how many.

    Nothing counts until somebody confirms. The same pool, people and figures give the same proposal.
    """
    _may_decide(reach)
    entries = list(selectors.pool(reach).select_for_update(of=("self",)).order_by("pk"))
    minutes = Minutes(today)
    keepers = candidates({entry.unit_id for entry in entries}, minutes, today)
    choices = {choice.customer: choice for choice in matching.propose(_waiting(entries, minutes), keepers)}
    for entry in entries:
        choice = choices[entry.pk]
        entry.proposed_id, entry.reason = choice.keeper, {"code": choice.reason}
        entry.save(update_fields=["proposed", "reason"])
    for unit in Unit.objects.filter(pk__in={entry.unit_id for entry in entries}):
        here = [choices[entry.pk] for entry in entries if entry.unit_id == unit.pk]
        found = sum(choice.keeper is not None for choice in here)
        audit.record(by=by, verb="keeping.proposed", on=unit, customers=len(here), with_keeper=found)
    return sum(choice.keeper is not None for choice in choices.values())


@transaction.atomic
def confirm(
    *, by: Staff, reach: Reach, chosen: Mapping[int, Staff], today: date, reason: str = ""
) -> list[PoolEntry]:
    """Give customers of the pool (by entry) to these keepers from today: all of them or, when one may not, none."""
    _may_decide(reach)
    rows = selectors.pool(reach).select_for_update(of=("self",)).filter(pk__in=chosen).order_by("party_id")
    entries = list(rows.select_related("party"))
    if len(entries) != len(chosen):
        raise ValidationError(_("Somebody else has already dealt with one of these customers. Look again."))
    for entry in entries:
        keeper = chosen[entry.pk]
        told = reason or str(entry.reason.get("code", ""))
        followed = keeper.pk == entry.proposed_id
        assign_keeper(by=by, reach=reach, party=entry.party, keeper=keeper, today=today, reason=told[:200])
        PoolEntry.objects.filter(pk=entry.pk).update(closed_on=today, closed_how="assigned")
        SharedKeeping.objects.filter(party=entry.party, until=None).update(until=today, ended_how="assigned")
        audit.record(by=by, verb="keeping.assigned", on=entry, keeper=keeper.staff_no, as_proposed=followed)
    return entries


def candidates(units: Iterable[int], minutes: Minutes, today: date) -> list[matching.Candidate]:
    """Active people who may be proposed in these units: by role as the policy names them, with load and limits."""
    policy = keeping_policy(today)
    posts: dict[int, list[Post]] = {}
    for post in posts_on(today, units=list(units)).filter(
        staff__is_active=True, role__in=policy.keeper_roles
    ):
        posts.setdefault(post.staff_id, []).append(post)
    full = loads(posts, minutes)
    return [
        matching.Candidate(
            key=person, units=frozenset(post.unit_id for post in held),
            minutes=full.get(person, Load()).minutes, customers=full.get(person, Load()).customers,
            minutes_limit=minutes.capacity, customers_limit=policy.book_most,
            preference=min(policy.keeper_roles.index(post.role) for post in held),
        )
        for person, held in posts.items()
    ]  # fmt: skip


def _waiting(entries: Iterable[PoolEntry], minutes: Minutes) -> list[matching.Waiting]:
    rows = list(entries)
    tiers = {
        party: (scheme, rank)
        for party, scheme, rank in PartyScore.objects.filter(
            party__in=[row.party_id for row in rows]
        ).values_list("party_id", "tier_scheme", "tier_rank")
    }
    return [
        matching.Waiting(
            key=row.pk, minutes=minutes.of(*tiers.get(row.party_id, (None, None))), unit=row.unit_id,
            brought_by=row.hints.get("brought_by"), main_outlet=row.hints.get("main_outlet"),
            payroll_outlet=row.hints.get("payroll_outlet"),
        )
        for row in rows
    ]  # fmt: skip


def _may_decide(reach: Reach) -> None:
    if not reach.may(Right.DECIDE_KEEPING):
        raise PermissionDenied(NOBODY)
