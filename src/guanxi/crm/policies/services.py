"""Writes on policies: proposed by one person, approved by another, active from a day that is not past."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import stand_ins
from guanxi.crm.organisation.services import require
from guanxi.crm.policies import rules
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.selectors import in_force, policy_of, version_in_force
from guanxi.insight.policies import Policy, PolicyError, load_policy, read_policy
from guanxi.insight.policies.base import payload_hash

__all__ = ["activate", "approve", "in_force", "propose", "reject", "seed_from_bank", "withdraw"]
LONGEST = 500  # signs of a reason that are kept


@transaction.atomic
def seed_from_bank(payloads: Mapping[str, Mapping[str, Any]], *, valid_from: date) -> list[PolicyVersion]:
    """Make version 1 of every kind the store has none of; a file that says something new becomes a proposal.

    Payloads by kind, as the bank's folder has them; what a file is silent about because it is older than the program
    is filled in, and is nothing new. Raises PolicyError when one cannot be read or is unsound.
    Returns the versions made: none when the files say nothing new.
    """
    made = []
    for kind, payload in payloads.items():
        policy = _sound(load_policy(kind, payload))
        known = list(PolicyVersion.objects.filter(kind=kind))
        if any(_says(version, policy) for version in known):
            continue
        first = not known
        version = _new_version(policy, state=State.ACTIVE if first else State.PROPOSED, note="bank folder")
        version.valid_from = valid_from if first else None
        version.save()
        audit.record(by=None, verb="policies.seeded" if first else "policies.proposed", on=version)
        made.append(version)
    return made


@transaction.atomic
def propose(
    *, by: Staff, today: date, now: datetime, kind: str, payload: Mapping[str, Any], note: str
) -> PolicyVersion:
    """A new version for somebody else to decide; ValidationError says in plain words what is wrong with it."""
    require(by, Right.PROPOSE_POLICY, today)
    try:
        policy = _sound(read_policy(kind, payload))
    except PolicyError as error:
        raise ValidationError(str(error)) from error
    _alone_with(kind)
    standing = version_in_force(kind, today)
    if standing is not None and standing.content_hash == policy.content_hash():
        raise ValidationError(_("This is what already counts; nothing would change."))
    version = _new_version(policy, state=State.PROPOSED, note=note.strip()[:LONGEST])
    version.proposed_by, version.proposed_at = by, now
    version.save()
    audit.record(by=by, verb="policies.proposed", on=version, content_hash=version.content_hash)
    return version


@transaction.atomic
def approve(
    *, by: Staff, today: date, now: datetime, version: PolicyVersion, content_hash: str
) -> PolicyVersion:
    """Approve exactly what was read: `content_hash` comes from the page, and must still be the payload's."""
    locked = _decidable(by, today, version)
    if not content_hash == locked.content_hash == payload_hash(locked.kind, locked.payload):
        raise ValidationError(_("This version is no longer what you have read. Read it again."))
    return _decide(locked, by=by, now=now, state=State.APPROVED, note="", verb="policies.approved")


@transaction.atomic
def reject(*, by: Staff, today: date, now: datetime, version: PolicyVersion, note: str) -> PolicyVersion:
    """Turn a proposal down, with the reason."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = _decidable(by, today, version)
    return _decide(
        locked, by=by, now=now, state=State.REJECTED, note=note.strip()[:LONGEST], verb="policies.rejected"
    )


@transaction.atomic
def activate(*, by: Staff, today: date, version: PolicyVersion, valid_from: date) -> PolicyVersion:
    """Let an approved version count from `valid_from` on, today or later; what it replaces counts until then."""
    require(by, Right.APPROVE_POLICY, today)
    _alone_with(version.kind)
    locked = PolicyVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if not rules.may_activate(state=locked.state, valid_from=valid_from, today=today):
        raise ValidationError(_("Only an approved version can be activated, and not from a day past."))
    counting = PolicyVersion.objects.filter(kind=locked.kind, state__in=(State.ACTIVE, State.RETIRED))
    if counting.filter(valid_from=valid_from).exists():
        raise ValidationError(_("Another version already counts from that day."))
    locked.state, locked.valid_from = State.ACTIVE, valid_from
    locked.save(update_fields=["state", "valid_from"])
    _retire_replaced(locked.kind, today)
    audit.record(by=by, verb="policies.activated", on=locked, valid_from=valid_from)
    return locked


@transaction.atomic
def withdraw(*, by: Staff, today: date, now: datetime, version: PolicyVersion, note: str) -> PolicyVersion:
    """Take back a version that does not count yet: a proposal by its author, later by an approver too."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = PolicyVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if locked.proposed_by_id != by.pk:
        require(by, Right.APPROVE_POLICY, today)
    if not rules.may_withdraw(
        state=locked.state, valid_from=locked.valid_from, today=today, own=locked.proposed_by_id == by.pk
    ):
        raise ValidationError(_("Only a version that does not count yet can be taken back."))
    locked.state, locked.valid_from, locked.decided_note = State.REJECTED, None, note.strip()[:LONGEST]
    locked.decided_at = now
    locked.save(update_fields=["state", "valid_from", "decided_note", "decided_at"])
    audit.record(
        by=by,
        verb="policies.withdrawn",
        on=locked,
        content_hash=locked.content_hash,
        note=locked.decided_note,
    )
    return locked


def _alone_with(kind: str) -> None:
    """Hold a kind's versions: of two proposals or two activations at once the second finds what the first one left."""
    list(
        PolicyVersion.objects.select_for_update(of=("self",))
        .filter(kind=kind)
        .order_by("pk")
        .values_list("pk")
    )


def _sound(policy: Policy) -> Policy:
    problems = policy.problems(get_language() or "zh")
    if problems:
        raise PolicyError(" ".join(problems))
    return policy


def _says(version: PolicyVersion, policy: Policy) -> bool:
    """Whether a version says what a policy says, what is filled into an older one included."""
    if version.content_hash == policy.content_hash():
        return True
    try:
        return policy_of(version) == policy
    except PolicyError:  # so old that the program cannot read it any more
        return False


def _new_version(policy: Policy, *, state: State, note: str) -> PolicyVersion:
    last = PolicyVersion.objects.filter(kind=policy.kind).aggregate(last=Max("version"))["last"] or 0
    return PolicyVersion(
        kind=policy.kind,
        version=last + 1,
        payload=policy.to_payload(),
        content_hash=policy.content_hash(),
        schema_version=policy.schema_version,
        state=state,
        note=note,
    )


def _decidable(by: Staff, today: date, version: PolicyVersion) -> PolicyVersion:
    """The version locked for a decision by this person; of two deciding at once the second finds it decided."""
    require(by, Right.APPROVE_POLICY, today)
    locked = PolicyVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if locked.state != State.PROPOSED:
        raise ValidationError(_("This version has been decided already."))
    delegates = stand_ins((locked.proposed_by_id,), today)
    if not rules.may_decide(
        state=locked.state, proposer=locked.proposed_by_id, decider=by.pk, delegates=delegates
    ):
        raise PermissionDenied(
            "Who proposed a version, or stands in for that person, does not decide about it."
        )
    return locked


def _decide(
    version: PolicyVersion, *, by: Staff, now: datetime, state: State, note: str, verb: str
) -> PolicyVersion:
    version.state, version.decided_by, version.decided_at, version.decided_note = state, by, now, note
    version.save(update_fields=["state", "decided_by", "decided_at", "decided_note"])
    audit.record(by=by, verb=verb, on=version, content_hash=version.content_hash, note=note)
    return version


def _retire_replaced(kind: str, today: date) -> None:
    """Mark versions that no longer count today nor will again; they keep counting for the days they counted on."""
    standing = version_in_force(kind, today)
    if standing is not None:
        older = PolicyVersion.objects.filter(
            kind=kind, state=State.ACTIVE, valid_from__lt=standing.valid_from
        )
        older.update(state=State.RETIRED)
