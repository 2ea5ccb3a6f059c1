"""Tiers set by hand (人工调整) and protections (保护期): one person proposes, a second approves, the night reads."""

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.keeping import rules, selectors
from guanxi.crm.keeping.models import OverrideState, TierOverride
from guanxi.crm.keeping.policy import keeping_policy
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.scores.tiers import tier_names


@transaction.atomic
def propose(
    *, by: Staff, reach: Reach, party: Party, rank: int | None, scheme: str, reason: str, valid_from: date,
    valid_to: date, today: date, now: datetime,
) -> TierOverride:  # fmt: skip
    """Ask that a customer within reach be shown in tier `rank` from a day to a day, both included; None: protect only.

    ValidationError without a reason, for a tier that the policy does not know, a beginning in the past, longer than the
    policy lets, or while another decision is asked for or stands in these days.
    """
    if not reach.may(Right.KEEP_CASES) or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not ask for another tier here")
    _check(party, rank, scheme, reason, valid_from, valid_to, today)
    made = TierOverride.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, scheme=scheme, tier_rank=rank,
        reason=reason.strip()[:300], valid_from=valid_from, valid_to=valid_to, proposed_by=by, proposed_at=now,
    )  # fmt: skip
    audit.record(
        by=by, verb="keeping.override_proposed", on=made, party=party.pk, rank=rank, valid_from=valid_from,
        valid_to=valid_to, reason=made.reason,
    )  # fmt: skip
    return made


def _check(
    party: Party, rank: int | None, scheme: str, reason: str, valid_from: date, valid_to: date, today: date
) -> None:
    if not reason.strip():
        raise ValidationError(_("Say why."))
    names = tier_names(today)
    if names.scheme(scheme) is None or (rank is not None and names.band(scheme, rank) is None):
        raise ValidationError(_("The tier policy has no such tier."))
    policy = keeping_policy(today)
    most = policy.protection_days if rank is None else policy.override_days
    if valid_from < today or valid_to < valid_from:
        raise ValidationError(_("It begins today or later and ends on or after the day it begins."))
    if (valid_to - valid_from).days + 1 > most:
        raise ValidationError(_("The policy lets it last %(days)s days at most.") % {"days": most})
    standing = TierOverride.objects.select_for_update(of=("self",)).filter(party=party)
    if standing.filter(state=OverrideState.PROPOSED).exists():
        raise ValidationError(_("A change by hand already waits for a second person."))
    if standing.filter(
        state=OverrideState.APPROVED, valid_to__gte=valid_from, valid_from__lte=valid_to
    ).exists():
        raise ValidationError(_("A change by hand already counts in these days. End it first."))


@transaction.atomic
def decide(
    *, by: Staff, reach: Reach, override: TierOverride, approve: bool, note: str, today: date, now: datetime
) -> TierOverride:
    """Approve or turn down as the second person. What should have begun before the approval begins today instead."""
    if not reach.may(Right.DECIDE_KEEPING):
        raise PermissionDenied(f"{by.staff_no} does not decide about tiers")
    locked = _locked(reach, override)
    if locked.proposed_by_id == by.pk:
        raise PermissionDenied("Who asked for a tier does not approve it.")
    check_second_person(by, (locked.proposed_by_id,), today)
    if not approve and not note.strip():
        raise ValidationError(_("Say why."))
    if approve and locked.valid_to < today:
        raise ValidationError(_("Its last day has passed; it can only be turned down."))
    _move(locked, OverrideState.APPROVED if approve else OverrideState.REFUSED)
    locked.decided_by, locked.decided_at, locked.note = by, now, note.strip()[:300]
    locked.valid_from = max(locked.valid_from, today) if approve else locked.valid_from
    locked.save()
    audit.record(
        by=by, verb=f"keeping.override_{locked.state}", on=locked, party=locked.party_id, note=locked.note
    )
    return locked


@transaction.atomic
def take_back(*, by: Staff, reach: Reach, override: TierOverride, today: date) -> TierOverride:
    """Take back what one has asked for and nobody has answered."""
    locked = _locked(reach, override)
    if locked.proposed_by_id != by.pk:
        raise PermissionDenied("only who asked takes it back")
    _move(locked, OverrideState.WITHDRAWN)
    locked.save(update_fields=["state"])
    audit.record(by=by, verb="keeping.override_withdrawn", on=locked, party=locked.party_id, day=today)
    return locked


@transaction.atomic
def end(*, by: Staff, reach: Reach, override: TierOverride, note: str, today: date) -> TierOverride:
    """End an approved one early, with the reason: yesterday was its last day, the rule counts from the next night."""
    if not reach.may(Right.DECIDE_KEEPING):
        raise PermissionDenied(f"{by.staff_no} does not decide about tiers")
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = _locked(reach, override)
    _move(locked, OverrideState.ENDED)
    locked.valid_to = min(locked.valid_to, today - timedelta(days=1))
    locked.note = note.strip()[:300]
    locked.save(update_fields=["state", "valid_to", "note"])
    audit.record(by=by, verb="keeping.override_ended", on=locked, party=locked.party_id, note=locked.note)
    return locked


def _locked(reach: Reach, override: TierOverride) -> TierOverride:
    locked = (
        selectors.overrides(reach)
        .select_related(None)
        .select_for_update(of=("self",))
        .filter(pk=override.pk)
        .first()
    )
    if locked is None:
        raise PermissionDenied("no such change within reach")
    return locked


def _move(override: TierOverride, state: str) -> None:
    if not rules.may_move(rules.OVERRIDE_MOVES, override.state, state):
        raise ValidationError(_("Somebody else has already dealt with it. Look again."))
    override.state = state
