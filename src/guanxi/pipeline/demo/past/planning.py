"""A few joint cases of managers with the bank's planners: some waiting, some in planning, some that ended."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.customers.holdings import arranged
from guanxi.crm.customers.models import Holding
from guanxi.crm.customers.rules import age_on
from guanxi.crm.organisation.models import Post, Role
from guanxi.crm.planning.models import CaseState, PlanningCase
from guanxi.crm.planning.policy import planning_policy
from guanxi.crm.planning.rules import Shared, SharedHolding
from guanxi.crm.planning.services import subject_of
from guanxi.crm.scores.models import PartyScore, Run
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.worklist.models import Task

CASES = 10
QUESTIONS = (
    "定期集中在下季度到期，客户想提高收益又怕波动，请给出承接方案。",
    "存款超过五十万元，客户担心集中在一家，请就期限与品种做配置建议。",
    "孩子后年出国留学，请按用款时间安排资金。",
    "客户即将退休，想要稳定的现金流，请评估保障与养老安排。",
)
ENDED = ("客户同意周五面谈", "客户暂不调整", "本周已满，请改约")
STATES = (
    CaseState.ASKED, CaseState.ASKED, CaseState.OPEN, CaseState.OPEN, CaseState.ASKED,
    CaseState.AGREED, CaseState.WITHDRAWN, CaseState.DECLINED, CaseState.AGREED, CaseState.OPEN,
)  # fmt: skip


def tell(*, today: date) -> int:
    """Cases about the wealthiest kept customers; rows written, 0 when told before or without a planner."""
    if PlanningCase.objects.using("pipeline").exists():
        return 0
    posts = (
        Post.objects.using("pipeline").filter(role=Role.PLANNER, valid_to=None).order_by("staff__staff_no")
    )
    planners = list(posts.values_list("staff", flat=True).distinct())
    if not planners:
        return 0
    rows = (
        PartyScore.objects.using("pipeline")
        .filter(keeper__isnull=False, kind="person")
        .exclude(keeper__in=planners)
    )
    scores = list(rows.select_related("party").order_by("-aum_fen", "party")[5 : 5 + CASES])
    cases = [_case(score, number, planners, today) for number, score in enumerate(scores)]
    PlanningCase.objects.using("pipeline").bulk_create(cases)
    tasks = [_task(case, today) for case in cases if case.ended_on is None]
    Task.objects.using("pipeline").bulk_create(tasks)
    return len(cases) + len(tasks)


def _case(score: PartyScore, number: int, planners: list[int], today: date) -> PlanningCase:
    state = STATES[number % len(STATES)]
    asked_on = today - timedelta(days=1 + number % 6)
    ended = state in (CaseState.AGREED, CaseState.WITHDRAWN, CaseState.DECLINED)
    assert score.keeper_id is not None  # asked for above
    return PlanningCase(
        party_id=score.party_id, unit_id=score.unit_id, keeper_id=score.keeper_id, manager_id=score.keeper_id,
        planner_id=planners[number % len(planners)], state=state, question=QUESTIONS[number % len(QUESTIONS)],
        shared={} if ended else _shared(score, today).to_json(), shared_on=asked_on,
        asked_at=timezone.make_aware(datetime.combine(asked_on, time(10, 5))),
        answer_by=asked_on + timedelta(days=planning_policy(today).answer_days),
        ended_on=today - timedelta(days=1) if ended else None, ended_why=ENDED[number % len(ENDED)] if ended else "",
    )  # fmt: skip


def _shared(score: PartyScore, today: date) -> Shared:
    """The copy as the service makes it, without a person asking."""
    party = score.party
    held = arranged(
        Holding.objects.using("pipeline").filter(party=party).order_by("account_no"), today=today
    ).owned
    run = Run.objects.using("pipeline").filter(is_current=True).first()
    return Shared(
        name=party.name, age=age_on(party.birth_date, today),
        tier=str(tier_names(today).label(score.tier_scheme, score.tier_rank)), risk_grade=party.risk_grade,
        risk_expires_on=party.risk_expires_on, professional=False,
        offers_paused=party.offers_paused, as_of=run.business_date if run else None,
        holdings=tuple(
            SharedHolding(
                row.family, row.product_name or row.get_family_display(), row.balance_base_fen or 0, row.matures_on,
                row.rolls_over,
            )
            for row in held
        ),
    )  # fmt: skip


def _task(case: PlanningCase, today: date) -> Task:
    return Task(
        unit_id=case.unit_id, assignee_id=case.planner_id, origin="planning", subject=subject_of(case),
        due_on=case.answer_by, opened_on=min(today, case.shared_on), opened_by_id=case.manager_id,
        reason={"code": "planning_asked", "by": case.manager.name, "text": case.question},
        link=f"planning:case {case.pk}",
    )  # fmt: skip
