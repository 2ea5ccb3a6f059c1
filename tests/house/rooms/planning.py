"""A customer shared with a planner, with a proposal."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.planning.models import PlanningCase, Proposal
from guanxi.crm.planning.rules import Shared

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
CONTENT = b"%PDF-"


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`planning_case` asked by the keeper of somebody else, `planning_proposal` in it."""
    testing.make_policies("planning", "suitability")
    shared = Shared(
        "王建国", 52, "金卡客户", "C3", testing.TODAY.replace(year=2027), False, testing.BUSINESS_DATE, ()
    )
    with testing.everything():
        planner = testing.make_staff("planner", party.unit, name="理财师")
        case = PlanningCase.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, manager=keeper, planner=planner,
            question="到期资金如何安排", shared=shared.to_json(), shared_on=testing.TODAY, asked_at=NOON,
            answer_by=testing.TODAY,
        )  # fmt: skip
        proposal = Proposal.objects.create(
            case=case, number=1, lines=[], assumptions=[], next_step="…", next_due=testing.TODAY,
            valid_until=testing.TODAY, made_by=planner, made_at=NOON, policy_hash="", content=CONTENT,
            sha256=hashlib.sha256(CONTENT).hexdigest(),
        )  # fmt: skip
    return {"planning_case": case.pk, "planning_proposal": proposal.pk}
