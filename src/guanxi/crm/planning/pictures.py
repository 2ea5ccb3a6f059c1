"""What the pages of wealth planning and the proposal on paper are told; no request, no markup."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.interactions.policy import language
from guanxi.crm.organisation.models import Staff
from guanxi.crm.planning import rules, selectors
from guanxi.crm.planning.models import CaseState, PlanningCase
from guanxi.crm.planning.policy import group_name
from guanxi.crm.planning.rules import Line, Part, ProposalDraft, Shared
from guanxi.insight.policies.planning import PlanningPolicy
from guanxi.insight.suitability import Verdict, customer_grade
from guanxi.web import formats
from guanxi.web.drawings import Bar, bars

KINDS = {
    CaseState.ASKED: "amber", CaseState.OPEN: "accent", CaseState.PROPOSED: "accent", CaseState.AGREED: "green",
    CaseState.DECLINED: "grey", CaseState.WITHDRAWN: "grey",
}  # fmt: skip
STAND_KINDS = {"below": "amber", "above": "amber", "within": "green", "unknown": "grey"}


def analysis(shared: Shared, policy: PlanningPolicy, today: date) -> dict[str, Any]:
    """Allocation against the risk grade, what is too much in one place, what matures when."""
    parts = rules.allocation(shared, today, policy)
    grade = customer_grade(shared.investor(today), today)
    return {
        "shared": shared,
        "grade": grade,
        "grade_counts": grade.startswith("C"),
        "parts": [_part(part) for part in parts],
        "chart": {
            "categories": [group_name(part.code) for part in parts],
            "series": [{"name": _("Holds"), "values": [float(part.share) for part in parts]},
                       {"name": _("At most for this grade"), "values": [_float(part.high) for part in parts]}],
        },
        "drawing": bars([_bar(part) for part in parts], most=1.0),
        "concentrated": rules.concentration(shared, policy),
        "ladder": rules.ladder(shared, today, policy.steps()),
        "held": [(str(Family(one.family).label), one) for one in shared.holdings],
        "total": rules.room(shared, policy),
    }  # fmt: skip


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _part(part: Part) -> dict[str, Any]:
    words = {
        "below": _("below its range"), "above": _("above its range"), "within": _("within its range"),
        "unknown": _("no grade counts"),
    }  # fmt: skip
    return {
        "name": group_name(part.code), "fen": part.fen, "share": part.share, "low": part.low, "high": part.high,
        "stands": words[part.stands], "kind": STAND_KINDS[part.stands],
    }  # fmt: skip


def _bar(part: Part) -> Bar:
    ranged = "" if part.low is None else f" ({formats.percent(part.low, 0)}-{formats.percent(part.high, 0)})"
    text = f"{formats.percent(part.share)}{ranged}"
    return Bar(group_name(part.code), float(part.share), text, _float(part.high))


def case_page(case: PlanningCase, policy: PlanningPolicy, staff: Staff, today: date) -> dict[str, Any]:
    """A case with its analysis while there is a copy, its proposals, and what this person may do."""
    told = analysis(Shared.from_json(case.shared), policy, today) if case.shared else {"shared": None}
    is_planner, is_manager = case.planner_id == staff.pk, staff.pk in (case.manager_id, case.keeper_id)
    return {
        "case": case,
        "kind": KINDS[CaseState(case.state)],
        "proposals": selectors.proposals_of(case),
        "may_take": is_planner and rules.may_move(case.state, CaseState.OPEN),
        "may_propose": is_planner and rules.may_move(case.state, CaseState.PROPOSED),
        "may_agree": is_manager and rules.may_move(case.state, CaseState.AGREED),
        "may_withdraw": is_manager and rules.may_move(case.state, CaseState.WITHDRAWN),
        **told,
    }


def recording_help(policy: PlanningPolicy) -> str:
    """When a recording's number is asked for, and its form; empty where the policy asks for none."""
    if not policy.recording_families or not (policy.recording_grade or policy.recording_age):
        return ""
    told = {
        "grade": policy.recording_grade or "—", "age": policy.recording_age or "—",
        "form": _("%(prefix)s + day in 8 digits + %(serial)s digits")
        % {"prefix": policy.recording_prefix, "serial": policy.recording_serial},
    }  # fmt: skip
    return _("From grade %(grade)s on, or for a customer of %(age)s or older: %(form)s.") % told


def proposal_sheet(
    case: PlanningCase, shared: Shared, draft: ProposalDraft, judged: Sequence[tuple[Line, Verdict]],
    policy: PlanningPolicy, *, number: int, by: Staff, today: date, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """What a proposal says on paper: all of it taken from the case, so that it can be made again from the record."""
    return {
        "case": case, "number": number, "by": by, "today": today,
        "made_at": formats.moment(timezone.localtime(now)),
        "valid_until": today + timedelta(days=policy.valid_days),
        "lines": [(line, verdict, str(Family(line.offer.family).label)) for line, verdict in judged],
        "sum": sum(line.fen for line in draft.lines),
        "assumptions": [text.strip() for text in draft.assumptions if text.strip()],
        "next_step": draft.next_step, "next_due": draft.next_due, "tongue": language(),
        **analysis(shared, policy, today),
    }  # fmt: skip
