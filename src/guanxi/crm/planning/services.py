"""Writes on joint cases: asked with a copy of what is shared, taken or not, proposed, agreed. Each audited."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.holdings import arranged
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import age_on
from guanxi.crm.organisation import licences
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.planning import rules, selectors
from guanxi.crm.planning.models import CaseState, PlanningCase, Proposal
from guanxi.crm.planning.pictures import proposal_sheet
from guanxi.crm.planning.policy import planning_policy, policy_hash, suitability_policy
from guanxi.crm.planning.rules import Line, ProposalDraft, Shared, SharedHolding
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.selectors import current_run, need_of
from guanxi.crm.worklist.models import Origin
from guanxi.crm.worklist.services import close_for, open_task
from guanxi.insight.policies.planning import PlanningPolicy
from guanxi.insight.suitability import Verdict
from guanxi.web.pdf import pdf_bytes


@transaction.atomic
def ask_planner(
    *, by: Staff, party: Party, planner: Staff, question: str, today: date, now: datetime
) -> PlanningCase:
    """Share one customer within reach with a planner for a question; one open case a customer.

    The planner sees the copy made here and nothing else of the customer, for as long as the case is open.
    """
    reach = reach_of(by, today)
    if not reach.may(Right.ASK_PLANNER) or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not share this customer")
    if not question.strip():
        raise ValidationError(_("Say what the planner is asked."))
    if not selectors.planners(reach, today).filter(pk=planner.pk).exists():
        raise ValidationError(_("Choose one of the bank's planners."))
    known = selectors.case_of(reach, party)
    if known is not None and known.ended_on is None:
        raise ValidationError(_("This customer has an open case already."))
    answer_by = today + timedelta(days=planning_policy(today).answer_days)
    case = PlanningCase.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, manager=by, planner=planner,
        question=question.strip()[:400], shared=share(reach, party, today).to_json(), shared_on=today, asked_at=now,
        answer_by=answer_by,
    )  # fmt: skip
    audit.record(by=by, verb="planning.asked", on=case, planner=planner.staff_no, party=party.pk)
    # Without the customer: the planner's list must not name somebody whom the planner may not see. A task that is
    # about nobody is seen by its assignee alone, so it is written as seen from there.
    with acting_as(planner, today=today):
        open_task(
            by=by, origin=Origin.PLANNING, assignee=planner, unit=party.unit, subject=subject_of(case),
            due_on=answer_by, reason={"code": "planning_asked", "by": by.name, "text": case.question},
            link=f"planning:case {case.pk}", today=today,
        )  # fmt: skip
    return case


def share(reach: Reach, party: Party, today: date) -> Shared:
    """The copy of a customer that a planner is given: no number, no address, no account, no day of birth."""
    picture = Picture(reach, party, today, current_run())
    score, need = picture.score, need_of(reach, party)
    held = (
        SharedHolding(
            row.family, row.product_name or row.get_family_display(), row.balance_base_fen or 0, row.matures_on,
            row.rolls_over,
        )
        for row in arranged(picture.holdings, today=today).owned
    )  # fmt: skip
    return Shared(
        name=party.name, age=age_on(party.birth_date, today),
        tier=str(picture.names.label(score.tier_scheme, score.tier_rank)) if score else "",
        risk_grade=party.risk_grade, risk_expires_on=party.risk_expires_on,
        professional=any(one.get("professional") for one in need.needs) if need else False,
        offers_paused=party.offers_paused,
        as_of=picture.run.business_date if picture.run else None, holdings=tuple(held),
    )  # fmt: skip


@transaction.atomic
def accept(*, by: Staff, case: PlanningCase, today: date) -> PlanningCase:
    """The planner takes the case."""
    locked = _as_planner(case, by, today, CaseState.OPEN)
    locked.state = CaseState.OPEN
    locked.save(update_fields=["state"])
    audit.record(by=by, verb="planning.accepted", on=locked)
    return locked


@transaction.atomic
def decline(*, by: Staff, case: PlanningCase, why: str, today: date, now: datetime) -> PlanningCase:
    """The planner does not take it, with the reason; what was shared is taken away at once."""
    locked = _as_planner(case, by, today, CaseState.DECLINED)
    return _end(locked, CaseState.DECLINED, by, why, today, now)


@transaction.atomic
def withdraw(*, by: Staff, case: PlanningCase, why: str, today: date, now: datetime) -> PlanningCase:
    """The manager takes the customer back, with the reason."""
    locked = _as_manager(case, by, today, CaseState.WITHDRAWN)
    return _end(locked, CaseState.WITHDRAWN, by, why, today, now)


@transaction.atomic
def propose(*, by: Staff, case: PlanningCase, draft: ProposalDraft, today: date, now: datetime) -> Proposal:
    """A proposal, kept as the file handed out with its fingerprint. What does not suit the customer is refused, and so
    is what the planner holds no licence (从业资格) for."""
    locked = _as_planner(case, by, today, CaseState.PROPOSED)
    shared, policy = Shared.from_json(locked.shared), planning_policy(today)
    judged = rules.verdicts(draft.lines, shared, today, suitability_policy(today))
    _check(draft, judged, shared, today)
    recording_no = _recording_of(draft, shared, policy, today)
    licences.check(
        by, {line.offer.family for line, _verdict in judged}, suitability_policy(today).licences, today
    )
    number = locked.proposals.count() + 1
    told = proposal_sheet(locked, shared, draft, judged, policy, number=number, by=by, today=today, now=now)
    told["recording_no"] = recording_no
    content = pdf_bytes("planning/proposal_print.html", told)
    made = Proposal.objects.create(
        case=locked, number=number, assumptions=list(draft.assumptions), next_step=draft.next_step.strip(),
        lines=[[line.code, line.name, line.fen, verdict.answer, verdict.reason] for line, verdict in judged],
        next_due=draft.next_due, valid_until=told["valid_until"], made_by=by, made_at=now,
        policy_hash=policy_hash(today), recording_no=recording_no, content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    locked.state = CaseState.PROPOSED
    locked.save(update_fields=["state"])
    audit.record(by=by, verb="planning.proposed", on=made, sha256=made.sha256, lines=made.lines,
                 recording_no=recording_no)  # fmt: skip
    return made


@transaction.atomic
def agree(*, by: Staff, case: PlanningCase, today: date, now: datetime) -> PlanningCase:
    """The manager takes the latest proposal's next step as a task; the case ends and the copy with it."""
    locked = _as_manager(case, by, today, CaseState.AGREED)
    proposal = selectors.proposals_of(locked)[0]
    open_task(
        by=by, origin=Origin.PLANNING, assignee=locked.manager, party=locked.party, unit=locked.party.unit,
        subject=f"proposal:{proposal.pk}", due_on=max(today, proposal.next_due), urgency=2,
        reason={"code": "planning_step", "text": proposal.next_step}, link=f"planning:case {locked.pk}", today=today,
    )  # fmt: skip
    return _end(locked, CaseState.AGREED, by, proposal.next_step, today, now)


def subject_of(case: PlanningCase) -> str:
    """What the planner's task is known by."""
    return f"case:{case.pk}"


def _check(draft: ProposalDraft, judged: Sequence[tuple[Line, Verdict]], shared: Shared, today: date) -> None:
    if not judged or any(line.fen <= 0 for line, _verdict in judged):
        raise ValidationError(_("Name at least one product with an amount above nothing."))
    refused = [line.name for line, verdict in judged if not verdict.may_be_offered]
    if refused:
        told = {"products": "、".join(refused)}
        raise ValidationError(_("Does not suit this customer and may not be proposed: %(products)s.") % told)
    if sum(line.fen for line, _verdict in judged) > rules.room(shared, planning_policy(today)):
        raise ValidationError(_("More is proposed than the customer holds here."))
    if not [text for text in draft.assumptions if text.strip()]:
        raise ValidationError(_("Say what the proposal rests on."))
    if not draft.next_step.strip() or draft.next_due < today:
        raise ValidationError(_("A next step needs words and a day not past."))


def _recording_of(draft: ProposalDraft, shared: Shared, policy: PlanningPolicy, today: date) -> str:
    """The recording's number as it is kept; ValidationError where one is asked for and missing, or of another form."""
    number = draft.recording_no.strip().upper()
    if wrong := _wrong_recording(number, draft, shared, policy, today):
        raise ValidationError({"recording_no": wrong})
    return number


def _wrong_recording(
    number: str, draft: ProposalDraft, shared: Shared, policy: PlanningPolicy, today: date
) -> str:
    """What is wrong with the recording's number, in words; empty when it may stand."""
    if number:
        if rules.is_recording(number, policy, today):
            return ""
        told = {"prefix": policy.recording_prefix, "n": str(policy.recording_serial)}
        return (
            _("A recording's number is %(prefix)s, its day as yyyymmdd (not ahead), then %(n)s digits.")
            % told
        )
    why = rules.recording_asked(draft.lines, shared, policy)
    if why == rules.GRADE:
        told = {"grade": policy.recording_grade}
        return _("A product of %(grade)s or above is sold on record: enter its number.") % told
    if why == rules.AGE:
        told = {"age": str(policy.recording_age)}
        return _("A customer of %(age)s or older is sold to on record: enter its number.") % told
    return ""


def _as_planner(case: PlanningCase, by: Staff, today: date, to: str) -> PlanningCase:
    """The case locked, when this is its planner and it may take that state."""
    locked = PlanningCase.objects.select_for_update(of=("self",)).filter(pk=case.pk).first()
    if locked is None or locked.planner_id != by.pk or not reach_of(by, today).may(Right.ADVISE):
        raise PermissionDenied(f"{by.staff_no} is not the planner of this case")
    return _movable(locked, to)


def _as_manager(case: PlanningCase, by: Staff, today: date, to: str) -> PlanningCase:
    """The case locked, when this person asked (or keeps the customer now) and it may take that state."""
    rows = PlanningCase.objects.select_for_update(of=("self",)).select_related("party__unit", "manager")
    locked = rows.filter(pk=case.pk).first()
    mine = locked is not None and by.pk in (locked.manager_id, locked.keeper_id)
    if locked is None or not mine or not reach_of(by, today).covers(locked.unit_id, locked.keeper_id):
        raise PermissionDenied(f"{by.staff_no} does not keep this case")
    return _movable(locked, to)


def _movable(case: PlanningCase, to: str) -> PlanningCase:
    if not rules.may_move(case.state, to):
        raise ValidationError(_("This case stands elsewhere by now; open it again."))
    return case


def _end(case: PlanningCase, to: str, by: Staff, why: str, today: date, now: datetime) -> PlanningCase:
    """End a case and empty the copy; the planner's task ends with it."""
    if not why.strip():
        raise ValidationError(_("Say why."))
    case.state, case.ended_on, case.ended_why, case.shared = to, today, why.strip()[:200], {}
    case.save(update_fields=["state", "ended_on", "ended_why", "shared"])
    audit.record(by=by, verb=f"planning.{to}", on=case, why=case.ended_why)
    with acting_as(case.planner, today=today):
        close_for(origin=Origin.PLANNING, subject=subject_of(case), by=by, now=now, today=today, outcome=to)
    return case
