"""Decisions on who is one person. They open nothing and close nothing by themselves: the next run reads them."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.identity.models import (
    About,
    HouseholdHint,
    IdentityDecision,
    IdentityPair,
    PairState,
    Verdict,
)
from guanxi.crm.customers.identity.selectors import both_within, numbers_of
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right


@transaction.atomic
def decide(
    *, by: Staff, reach: Reach, pair: IdentityPair, verdict: Verdict, reason: str, today: date
) -> IdentityDecision:
    """Say of a pair that it is one person, two people, or to be looked at later.

    PermissionDenied without the right or when a side is out of reach; ValidationError without a reason, or when two
    valid identity numbers differ: then one of them is wrong at its source and has to be put right there first.
    """
    _check(reach, both_within(IdentityPair.objects.filter(pk=pair.pk), reach).exists(), by, reason)
    if verdict is Verdict.MERGE and pair.conflict:
        raise ValidationError(
            _("Two valid identity numbers differ: correct the wrong one in its system first.")
        )
    if verdict is Verdict.APART and pair.state == PairState.MERGED:
        return _part(by, pair, reason.strip(), today)
    made = _write(by, About.PERSON, pair.left, pair.right, verdict, reason.strip(), today)
    audit.record(
        by=by, verb=f"customers.identity_{verdict}", on=pair, left=pair.left.customer_no,
        right=pair.right.customer_no, posterior=pair.posterior, reason=reason.strip(),
    )  # fmt: skip
    return made


@transaction.atomic
def answer_household(
    *, by: Staff, reach: Reach, hint: HouseholdHint, verdict: Verdict, reason: str, today: date
) -> IdentityDecision:
    """Confirm that two people are one household, or that they are not."""
    _check(reach, both_within(HouseholdHint.objects.filter(pk=hint.pk), reach).exists(), by, reason)
    made = _write(by, About.HOUSEHOLD, hint.left, hint.right, verdict, reason.strip(), today)
    audit.record(
        by=by, verb=f"customers.household_{verdict}", on=hint, left=hint.left.customer_no,
        right=hint.right.customer_no, reason=reason.strip(),
    )  # fmt: skip
    return made


def _part(by: Staff, pair: IdentityPair, reason: str, today: date) -> IdentityDecision:
    """Take one number out of a person: it is told apart from every other number of that person."""
    leaving = pair.right if pair.right.merged_into_id else pair.left
    head = leaving.merged_into or leaving
    staying = [number for number in numbers_of(head) if number.pk != leaving.pk]
    made = [_write(by, About.PERSON, leaving, other, Verdict.APART, reason, today) for other in staying]
    audit.record(
        by=by, verb="customers.identity_parted", on=pair, number=leaving.customer_no,
        person=head.customer_no, from_numbers=[other.customer_no for other in staying], reason=reason,
    )  # fmt: skip
    return made[0]


def _check(reach: Reach, seen: bool, by: Staff, reason: str) -> None:
    if not reach.may(Right.RESOLVE_IDENTITY) or not seen:
        raise PermissionDenied(f"{by.staff_no} may not decide on this pair")
    if not reason.strip():
        raise ValidationError(_("Say what convinced you."))


def _write(
    by: Staff, about: About, one: Party, other: Party, verdict: Verdict, reason: str, today: date
) -> IdentityDecision:
    left, right = sorted((one, other), key=lambda party: party.customer_no)
    return IdentityDecision.objects.create(
        about=about, left=left, right=right, left_no=left.customer_no, right_no=right.customer_no,
        verdict=verdict, reason=reason[:200], staff=by, staff_no=by.staff_no, decided_on=today,
    )  # fmt: skip
