"""Exits (客户退出): the rule proposes in the night, a person decides, the keeper may appeal once to another person.

The night carries out what a person decided when the notice has run (pipeline/publish/keeping.py); the database refuses
an exit without a person.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.keeping import rules, selectors
from guanxi.crm.keeping.models import ExitProposal, ExitState, PoolEntry
from guanxi.crm.keeping.policy import keeping_policy, scope_policy
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.insight.workdays import add_workdays


@transaction.atomic
def decide(
    *, by: Staff, reach: Reach, proposals: Iterable[int], leave: bool, note: str, today: date, now: datetime
) -> list[ExitProposal]:
    """Decide proposals of one's units, one or many, each with the reason: out after the notice, or kept.

    A keeper does not decide about his own book. Either all are decided or none.
    """
    _may_decide(reach)
    if not note.strip():
        raise ValidationError(_("Say why."))
    chosen = set(proposals)
    rows = list(_locked(reach, chosen))
    if len(rows) != len(chosen) or not chosen:
        raise ValidationError(_("Somebody else has already dealt with one of these customers. Look again."))
    notice = timedelta(days=scope_policy(today).notice_days)
    for row in rows:
        if row.book_id == by.pk:
            raise PermissionDenied("Nobody decides about the exit of customers of his own book.")
        _move(row, ExitState.NOTICED if leave else ExitState.KEPT)
        row.decided_by, row.decided_at, row.decided_on = by, now, today
        row.decision_note = note.strip()[:300]
        row.leaves_on = today + notice if leave else None
        row.closed_on = None if leave else today
        row.save()
        audit.record(
            by=by, verb=f"keeping.exit_{row.state}", on=row, party=row.party_id, note=row.decision_note,
            leaves_on=row.leaves_on,
        )  # fmt: skip
    return rows


@transaction.atomic
def appeal(*, by: Staff, reach: Reach, proposal: int, note: str, today: date) -> ExitProposal:
    """The keeper's word against a decision: once, within the days of the policy."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    row = _one(reach, proposal)
    if row.book_id != by.pk and not (row.book_id in reach.staff_ids and row.decided_by_id != by.pk):
        raise PermissionDenied("only the keeper of the book appeals")
    days = keeping_policy(today).appeal_days
    if not rules.may_appeal(
        state=row.state,
        appealed_before=row.appealed_on is not None,
        decided_on=row.decided_on,
        today=today,
        days=days,
    ):
        raise ValidationError(
            _("An appeal is possible once, within %(days)s days of the decision.") % {"days": days}
        )
    _move(row, ExitState.APPEALED)
    row.appealed_by, row.appealed_on, row.appeal_note = by, today, note.strip()[:300]
    row.save()
    audit.record(by=by, verb="keeping.exit_appealed", on=row, party=row.party_id, note=row.appeal_note)
    return row


@transaction.atomic
def hear(*, by: Staff, reach: Reach, proposal: int, leave: bool, note: str, today: date) -> ExitProposal:
    """Answer an appeal as another person than the one who decided and the one who appealed."""
    _may_decide(reach)
    if not note.strip():
        raise ValidationError(_("Say why."))
    row = _one(reach, proposal)
    if by.pk in {row.decided_by_id, row.appealed_by_id, row.book_id}:
        raise PermissionDenied("an appeal is heard by another person")
    check_second_person(by, (row.decided_by_id, row.appealed_by_id), today)
    if row.state != ExitState.APPEALED:
        raise ValidationError(_("Nobody waits for an answer to an appeal here."))
    _move(row, ExitState.NOTICED if leave else ExitState.KEPT)
    row.heard_by, row.heard_on, row.heard_note = by, today, note.strip()[:300]
    row.closed_on = None if leave else today
    if leave and row.leaves_on is not None:
        row.leaves_on = max(row.leaves_on, today)
    row.save()
    audit.record(
        by=by, verb="keeping.exit_heard", on=row, party=row.party_id, upheld=leave, note=row.heard_note
    )
    return row


@transaction.atomic
def take_back(*, by: Staff, reach: Reach, shared: int, note: str, today: date) -> PoolEntry:
    """Bring a customer of shared keeping back (再次入管): he stands in the pool from today, with the reason."""
    _may_decide(reach)
    if not note.strip():
        raise ValidationError(_("Say why."))
    row = (
        selectors.shared(reach)
        .select_related(None)
        .select_for_update(of=("self",))
        .filter(pk=shared, until=None)
        .first()
    )
    if row is None:
        raise PermissionDenied("no such customer within reach")
    row.until, row.ended_how = today, "asked"
    row.save(update_fields=["until", "ended_how"])
    entry, _made = PoolEntry.objects.get_or_create(
        party_id=row.party_id, closed_on=None,
        defaults={
            "unit_id": row.unit_id, "keeper_id": row.keeper_id, "since": today, "why": "re_entry",
            "due_on": add_workdays(today, keeping_policy(today).pool_workdays),
        },
    )  # fmt: skip
    audit.record(by=by, verb="keeping.re_entry", on=row, party=row.party_id, note=note.strip()[:300])
    return entry


def _may_decide(reach: Reach) -> None:
    if not reach.may(Right.DECIDE_KEEPING):
        raise PermissionDenied("needs the right to decide about keeping")


def _locked(reach: Reach, keys: Iterable[int]) -> Iterable[ExitProposal]:
    rows = selectors.exits(reach).select_related(None)
    return rows.select_for_update(of=("self",)).filter(pk__in=keys, state=ExitState.PROPOSED).order_by("pk")


def _one(reach: Reach, key: int) -> ExitProposal:
    row = selectors.exits(reach).select_related(None).select_for_update(of=("self",)).filter(pk=key).first()
    if row is None:
        raise PermissionDenied("no such exit within reach")
    return row


def _move(row: ExitProposal, state: str) -> None:
    if not rules.may_move(rules.EXIT_MOVES, row.state, state):
        raise ValidationError(_("Somebody else has already dealt with it. Look again."))
    row.state = state
