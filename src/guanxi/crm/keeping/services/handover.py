"""Hand-over (客户移交): drawn with its files, signed by giver, taker and supervisor in this order, then watched."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.customers.services import assign_keeper, check_may_keep
from guanxi.crm.foresight.models import EarlyWarning, ListState
from guanxi.crm.keeping import rules, selectors
from guanxi.crm.keeping.files import files_of
from guanxi.crm.keeping.models import (
    MOVING,
    HandOver,
    HandOverLine,
    HandOverState,
    Signature,
)
from guanxi.crm.keeping.policy import keeping_policy
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.worklist.models import Origin
from guanxi.crm.worklist.services import open_task
from guanxi.insight.workdays import add_workdays


@transaction.atomic
def draw(
    *, by: Staff, reach: Reach, giver: Staff, taker: Staff, unit: Unit, parties: Iterable[int] | None, why: str,
    note: str, today: date,
) -> HandOver:  # fmt: skip
    """Draw a hand-over of the giver's customers at `unit` (all of them, or those of these keys) with their files.

    The whole book is everybody who is not on his way to somebody already. An open case of the giver at this unit
    becomes it when the whole book goes; else the case stays for the rest.
    ValidationError when nobody is left to hand over, a chosen one is on his way already, or the taker may not keep.
    """
    _may_decide(reach)
    if unit.pk not in reach.unit_ids:
        raise PermissionDenied("no such unit within reach")
    if giver.pk == taker.pk:
        raise ValidationError(_("Giver and taker are two people."))
    chosen = _book(reach, giver, unit, None if parties is None else set(parties))
    check_may_keep(taker, chosen[0], today)
    policy = keeping_policy(today)
    case = HandOver.objects.select_for_update(of=("self",)).filter(
        giver=giver, unit=unit, state=HandOverState.OPEN
    ).first()  # fmt: skip
    if case is None or parties is not None:
        case = HandOver(unit=unit, giver=giver, why=why, opened_on=today, opened_by=by, due_on=today)
    case.taker, case.state, case.note = taker, HandOverState.DRAWN, note.strip()[:200]
    case.due_on = add_workdays(today, policy.sign_workdays)
    case.save()
    case.file_hash = _write_files(case, reach, chosen, today, int(policy.visit_from * 100))
    case.save(update_fields=["file_hash"])
    audit.record(
        by=by, verb="keeping.handover_drawn", on=case, giver=giver.staff_no, taker=taker.staff_no,
        customers=len(chosen), file_hash=case.file_hash, why=why,
    )  # fmt: skip
    return case


@transaction.atomic
def sign(
    *, by: Staff, reach: Reach, handover: HandOver, file_hash: str, today: date, now: datetime
) -> HandOver:
    """The next signature, of exactly the files that were read. The third one moves the customers.

    A giver who holds no post here any more is signed for by the head, who then does not sign as supervisor.
    """
    locked = _locked(reach, handover)
    if locked.state not in rules.SIGNS:
        raise ValidationError(_("Nothing waits for a signature here."))
    if file_hash != locked.file_hash:
        raise ValidationError(_("The file is no longer what you have read. Read it again."))
    side, after = rules.SIGNS[locked.state]
    for_giver = _check_signer(by, reach, locked, side, today)
    if Signature.objects.filter(handover=locked, staff=by).exists():
        raise PermissionDenied("nobody signs twice")
    Signature.objects.create(
        handover=locked, side=side, staff=by, at=now, for_giver=for_giver, file_hash=file_hash
    )
    locked.state = after
    if after == HandOverState.DONE:
        _finish(locked, by, reach, today)
    locked.save()
    audit.record(
        by=by, verb="keeping.handover_signed", on=locked, side=side, for_giver=for_giver, file_hash=file_hash
    )
    return locked


@transaction.atomic
def cancel(*, by: Staff, reach: Reach, handover: HandOver, note: str, today: date) -> HandOver:
    """Stop a hand-over before its last signature, with the reason; a leaver's book goes back to an open case."""
    _may_decide(reach)
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = _locked(reach, handover)
    if locked.state not in MOVING:
        raise ValidationError(_("Nothing can be stopped here."))
    locked.state, locked.note = HandOverState.CANCELLED, note.strip()[:200]
    locked.save(update_fields=["state", "note"])
    audit.record(by=by, verb="keeping.handover_cancelled", on=locked, note=locked.note)
    if (
        locked.why == "post_ended"
        and not HandOver.objects.filter(
            giver=locked.giver, unit=locked.unit, state=HandOverState.OPEN
        ).exists()
    ):
        again = HandOver.objects.create(
            unit=locked.unit, giver=locked.giver, why=locked.why, opened_on=today, due_on=today, opened_by=by
        )
        audit.record(by=by, verb="keeping.handover_opened", on=again, giver=locked.giver.staff_no)
    return locked


def has_left(giver: Staff, unit_id: int, today: date) -> bool:
    """Whether this person holds no post that sees customers of the unit any more."""
    theirs = reach_of(giver, today)
    return not giver.is_active or not (
        theirs.sees_customers and unit_id in theirs.post_unit_ids | theirs.unit_ids
    )


def _check_signer(by: Staff, reach: Reach, case: HandOver, side: str, today: date) -> bool:
    """PermissionDenied unless `by` may sign as `side` now; True when it is for a giver who has left."""
    if side == "taker":
        if by.pk != case.taker_id:
            raise PermissionDenied("the taker signs")
        return False
    heads = reach.may(Right.DECIDE_KEEPING) and case.unit_id in reach.unit_ids
    if side == "giver":
        if by.pk == case.giver_id:
            return False
        if heads and by.pk != case.taker_id and has_left(case.giver, case.unit_id, today):
            return True
        raise PermissionDenied("the giver signs, or the head for one who has left")
    if not heads or by.pk in {case.giver_id, case.taker_id}:
        raise PermissionDenied("the supervisor signs")
    return False


def _book(reach: Reach, giver: Staff, unit: Unit, keys: set[int] | None) -> list[Party]:
    rows = visible_to(reach).select_for_update(of=("self",)).filter(keeper=giver, unit=unit).order_by("pk")
    moving = selectors.moving(giver, unit)
    if keys is not None and keys & moving:
        raise ValidationError(_("Some of these customers are in a hand-over already."))
    chosen = list(rows.exclude(pk__in=moving) if keys is None else rows.filter(pk__in=keys))
    if not chosen or (keys is not None and len(chosen) != len(keys)):
        raise ValidationError(_("Choose customers whom the giver keeps at this outlet."))
    return chosen


def _write_files(case: HandOver, reach: Reach, parties: list[Party], today: date, visit_from: int) -> str:
    """Freeze each customer's file; returns the digest over all of them, which the signatures are about."""
    files = files_of(reach, parties, today)
    listed = EarlyWarning.objects.filter(party__in=files, state=ListState.LISTED)
    warned = set(listed.values_list("party_id", flat=True))
    lines = []
    for party in parties:
        file, digest = rules.frozen(files[party.pk])
        aum = file["aum_fen"]
        lines.append(
            HandOverLine(
                handover=case, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, file=file,
                file_hash=digest, aum_fen=aum, warned=party.pk in warned,
                visit_together=aum is not None and aum >= visit_from,
            )
        )  # fmt: skip
    HandOverLine.objects.bulk_create(lines)
    return rules.frozen({"files": sorted(line.file_hash for line in lines)})[1]


def _finish(case: HandOver, by: Staff, reach: Reach, today: date) -> None:
    """Move the customers, with what is open about them, to the taker; let them be told and visited."""
    taker, policy = case.taker, keeping_policy(today)
    assert taker is not None
    for line in selectors.lines_of(case).select_related("party", "party__unit"):
        if line.party.keeper_id != case.giver_id:
            continue  # somebody else's since: not this hand-over's to give
        assign_keeper(
            by=by, reach=reach, party=line.party, keeper=taker, today=today, reason=f"hand-over {case.pk}"
        )
        HandOverLine.objects.filter(pk=line.pk).update(moved=True)
        _open_tasks(case, line, by, taker, today, add_workdays(today, policy.visit_workdays))
    case.done_on, case.watch_until = today, today + timedelta(days=policy.watch_days)


def _open_tasks(
    case: HandOver, line: HandOverLine, by: Staff, taker: Staff, today: date, visit_by: date
) -> None:
    told = {"giver": case.giver.name}
    about: dict[str, Any] = {
        "by": by, "origin": Origin.HANDOVER, "party": line.party, "unit": line.party.unit, "today": today,
        "value_fen": line.aum_fen or 0, "link": f"keeping:handover {case.pk}",
    }  # fmt: skip
    if not line.visit_together:
        open_task(
            **about, assignee=taker, subject=f"tell-{case.pk}", due_on=max(today, case.due_on),
            reason={"code": "handover_tell", **told},
        )  # fmt: skip
        return
    open_task(
        **about, assignee=taker, subject=f"visit-{case.pk}", due_on=visit_by, urgency=2,
        reason={"code": "handover_visit", **told},
    )  # fmt: skip
    if not has_left(case.giver, case.unit_id, today):
        open_task(
            **about, assignee=case.giver, subject=f"bring-{case.pk}", due_on=visit_by,
            reason={"code": "handover_bring", "taker": taker.name},
        )  # fmt: skip


def _may_decide(reach: Reach) -> None:
    if not reach.may(Right.DECIDE_KEEPING):
        raise PermissionDenied("needs the right to decide about keeping")


def _locked(reach: Reach, handover: HandOver) -> HandOver:
    rows = selectors.handovers(reach).select_related(None).select_for_update(of=("self",))
    locked = rows.filter(pk=handover.pk).first()
    if locked is None:
        raise PermissionDenied("no such hand-over within reach")
    return locked
