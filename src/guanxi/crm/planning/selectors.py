"""Reads of joint cases: by who sees the customer, and by the planner a case is shared with while it is open."""

from datetime import date

from django.db.models import F, Q, QuerySet
from django.http import Http404

from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Role, Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.planning.models import OPEN_STATES, CaseState, PlanningCase, Proposal

SHOWN_TO_PLANNER = (*OPEN_STATES, CaseState.DECLINED)


def cases(reach: Reach) -> QuerySet[PlanningCase]:
    """The cases this person has to do with, the open ones first, by the day of the answer: asked of
    them, or about customers within reach.
    """
    asked = Q(planner=reach.staff_id, state__in=SHOWN_TO_PLANNER)
    seen = Q(unit__in=sorted(reach.unit_ids)) | Q(keeper__in=sorted(reach.staff_ids))
    rows = PlanningCase.objects.filter(asked | seen if reach.sees_customers else asked)
    return rows.select_related("manager", "planner").order_by(
        F("ended_on").desc(nulls_first=True), "answer_by", "-pk"
    )


def case_or_404(reach: Reach, number: int) -> PlanningCase:
    """A case within reach or shared with this person; otherwise as not there at all."""
    found = PlanningCase.objects.select_related("manager", "planner").filter(pk=number).first()
    if found is None or not (reach.covers(found.unit_id, found.keeper_id) or is_shared_with(reach, found)):
        raise Http404
    return found


def is_shared_with(reach: Reach, case: PlanningCase) -> bool:
    """Whether this person is the planner of a case that is still shown to the planner."""
    return case.planner_id == reach.staff_id and case.state in SHOWN_TO_PLANNER


def case_of(reach: Reach, party: Party) -> PlanningCase | None:
    """The latest case of a customer within reach."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    rows = PlanningCase.objects.filter(party=party).select_related("planner", "manager")
    return rows.order_by("-asked_at", "-pk").first()


def proposals_of(case: PlanningCase) -> list[Proposal]:
    """What was handed out in a case, the latest first, without the files."""
    return list(case.proposals.defer("content").select_related("made_by"))


def proposal_or_404(reach: Reach, number: int) -> Proposal:
    """A proposal of a case that this person may see, with its file."""
    found = Proposal.objects.select_related("case", "made_by").filter(pk=number).first()
    if found is None:
        raise Http404
    case_or_404(reach, found.case_id)
    return found


def planners(reach: Reach, today: date) -> QuerySet[Staff]:
    """Who may be asked: the bank's planners, but oneself."""
    posts = posts_on(today).filter(role=Role.PLANNER)
    return Staff.objects.filter(is_active=True, pk__in=posts.order_by().values("staff")).exclude(
        pk=reach.staff_id
    )


def on_sale(today: date) -> QuerySet[Product]:
    """Products sold on this day, by family and name."""
    begun = Q(sold_from=None) | Q(sold_from__lte=today)
    rows = Product.objects.filter(begun, Q(sold_to=None) | Q(sold_to__gte=today))
    return rows.exclude(family__in=("loan", "card")).order_by("family", "name", "product_code")
