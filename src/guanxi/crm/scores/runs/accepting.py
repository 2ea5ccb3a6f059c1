"""Accepting a changed volume (数据量异常确认): what a stopped run found, asked for by one person, decided by another.

It is an exception from the quality policy for one night, so those who propose policies ask and those who approve
policies decide. The night itself is then started again; it finds the accepted files by its own id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import stand_ins
from guanxi.crm.organisation.services import require
from guanxi.crm.scores.models import AcceptanceState, Run, RunState, VolumeAcceptance

COUNTED = ("file", "rows_before", "rows_now")
LONGEST = 500  # signs of a reason that are kept


@dataclass(frozen=True)
class Change:
    """A file whose number of rows changed beyond the policy, as the run that it stopped found it."""

    file: str
    rows_before: int
    rows_now: int

    @property
    def share(self) -> float:
        """The change as a share of the rows before; negative when the file shrank."""
        return (self.rows_now - self.rows_before) / self.rows_before


def changes_of(run: Run) -> list[Change]:
    """What two persons may accept of this run; empty unless it was stopped by such a change."""
    if run.state != RunState.STOPPED:
        return []
    return [Change(*(note[name] for name in COUNTED)) for note in run.notes if set(COUNTED) <= note.keys()]


def stopped_otherwise(run: Run) -> bool:
    """Whether something also stopped the run that nobody can accept, a missing file or a broken total."""
    return any(not set(COUNTED) <= note.keys() for note in run.notes)


def accepted_files(run: str) -> frozenset[str]:
    """The contract files of this run whose changed volume two persons have accepted."""
    accepted = VolumeAcceptance.objects.filter(run=run, state=AcceptanceState.ACCEPTED)
    return frozenset(accepted.values_list("file", flat=True))


@transaction.atomic
def ask(*, by: Staff, today: date, now: datetime, run: Run, file: str, reason: str) -> VolumeAcceptance:
    """Ask (经办) that a file's change be accepted, with the reason; somebody else decides."""
    require(by, Right.PROPOSE_POLICY, today)
    if not reason.strip():
        raise ValidationError(_("Say why."))
    locked = Run.objects.select_for_update().get(pk=run.pk)
    change = next((one for one in changes_of(locked) if one.file == file), None)
    if change is None:
        raise ValidationError(_("This run was not stopped by this file's number of rows."))
    if locked.acceptances.filter(file=file).exclude(state=AcceptanceState.REFUSED).exists():
        raise ValidationError(_("Somebody has asked for this already."))
    asked = VolumeAcceptance.objects.create(
        run=locked, file=file, rows_before=change.rows_before, rows_now=change.rows_now,
        reason=reason.strip()[:LONGEST], asked_by=by, asked_at=now,
    )  # fmt: skip
    audit.record(by=by, verb="runs.acceptance_asked", on=asked, **_particulars(asked), reason=asked.reason)
    return asked


def accept(*, by: Staff, today: date, now: datetime, asked: VolumeAcceptance) -> VolumeAcceptance:
    """Accept (复核) what somebody else asked for: the next start of the run lets this file pass."""
    return _decide(by, today, now, asked, AcceptanceState.ACCEPTED, "")


def refuse(*, by: Staff, today: date, now: datetime, asked: VolumeAcceptance, note: str) -> VolumeAcceptance:
    """Turn a request down, with the reason; it may be asked for again."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    return _decide(by, today, now, asked, AcceptanceState.REFUSED, note.strip()[:LONGEST])


@transaction.atomic
def _decide(
    by: Staff, today: date, now: datetime, asked: VolumeAcceptance, state: AcceptanceState, note: str
) -> VolumeAcceptance:
    require(by, Right.APPROVE_POLICY, today)
    locked = VolumeAcceptance.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if locked.state != AcceptanceState.ASKED:
        raise ValidationError(_("This has been decided already."))
    if by.pk in stand_ins((locked.asked_by_id,), today):
        raise PermissionDenied("Who asked, or stands in for that person, does not decide.")
    locked.state, locked.decided_by, locked.decided_at, locked.decided_note = state, by, now, note
    locked.save(update_fields=["state", "decided_by", "decided_at", "decided_note"])
    audit.record(
        by=by, verb=f"runs.acceptance_{state.value}", on=locked, **_particulars(locked), reason=locked.reason, note=note
    )  # fmt: skip
    return locked


def _particulars(asked: VolumeAcceptance) -> dict[str, Any]:
    return {"run": asked.run_id, **{name: getattr(asked, name) for name in COUNTED}}


@dataclass(frozen=True)
class Offered:
    """A file's change as one person meets it on the run's page."""

    change: Change
    asked: VolumeAcceptance | None
    may_ask: bool
    may_decide: bool
    own: bool

    @property
    def accepted(self) -> bool:
        """Whether two persons have accepted it."""
        return self.asked is not None and self.asked.state == AcceptanceState.ACCEPTED


def offered(run: Run, *, by: Staff, rights: Iterable[Right]) -> list[Offered]:
    """What stopped the run by its volume, or was accepted before it went through, with what `by` may do now."""
    latest = {one.file: one for one in run.acceptances.select_related("asked_by", "decided_by")}
    changes = {one.file: one for one in changes_of(run)}
    for file, one in latest.items():
        changes.setdefault(file, Change(file, one.rows_before, one.rows_now))
    held = frozenset(rights)
    return [_offered(change, latest.get(file), by, held, run) for file, change in sorted(changes.items())]


def _offered(
    change: Change, asked: VolumeAcceptance | None, by: Staff, held: frozenset[Right], run: Run
) -> Offered:
    state = asked.state if asked else None
    own = asked is not None and asked.asked_by_id == by.pk
    stopped = run.state == RunState.STOPPED
    return Offered(
        change,
        asked,
        may_ask=stopped and state in (None, AcceptanceState.REFUSED) and Right.PROPOSE_POLICY in held,
        may_decide=stopped and state == AcceptanceState.ASKED and not own and Right.APPROVE_POLICY in held,
        own=own,
    )
