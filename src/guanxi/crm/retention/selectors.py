"""Reads of cases. Each asks for a reach and shows nothing without one; row security is behind it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of, within
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.retention.models import Case, CaseOffer, CaseState, OfferState


@dataclass(frozen=True)
class Span:
    """Days of the report, both included."""

    first: date
    last: date


def cases(reach: Reach) -> QuerySet[Case]:
    """Every case within reach, with whom it is about."""
    return within(Case.objects.all(), reach).select_related(
        "party", "keeper", "unit", "opened_by", "closed_by"
    )


def open_cases(reach: Reach) -> QuerySet[Case]:
    """Those still in hand, the earliest due first."""
    return cases(reach).filter(state=CaseState.OPEN).order_by("due_on", "-amount_fen", "pk")


def closed_between(reach: Reach, span: Span) -> QuerySet[Case]:
    """Those that ended on a day of the span, the latest first."""
    rows = cases(reach).exclude(state=CaseState.OPEN)
    return rows.filter(closed_on__gte=span.first, closed_on__lte=span.last).order_by("-closed_on", "-pk")


def case_or_404(reach: Reach, number: int) -> Case:
    """The case of this number; out of reach answers exactly as not there at all."""
    rows = Case.objects.select_related(
        "party", "party__unit", "party__keeper", "keeper", "unit", "opened_by", "closed_by"
    )
    found = rows.filter(pk=number).first()
    if found is None or not reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    return found


def cases_of(reach: Reach, party: Party, *, most: int = 3) -> list[Case]:
    """The latest cases of a customer and of the numbers merged into it; one query."""
    if nothing_in(party, Case) or not reach.covers(party.unit_id, party.keeper_id):
        return []
    return list(Case.objects.filter(party__in=numbers_of(party)).order_by("-opened_on", "-pk")[:most])


def open_case_of(reach: Reach, party: Party) -> Case | None:
    """The case in hand of this customer, when there is one and the customer is within reach."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    return Case.objects.filter(party=party, state=CaseState.OPEN).first()


def offers_of(reach: Reach, case: Case) -> QuerySet[CaseOffer]:
    """What was offered in a case, the latest first."""
    rows = CaseOffer.objects.select_related("product", "made_by", "decided_by")
    return (
        rows.filter(case=case).order_by("-pk") if reach.covers(case.unit_id, case.keeper_id) else rows.none()
    )


def offers_waiting(reach: Reach) -> QuerySet[CaseOffer]:
    """Offers above somebody's authority that wait for a word, within reach, the oldest first."""
    rows = CaseOffer.objects.filter(state=OfferState.ASKED, case__in=within(Case.objects.all(), reach))
    return rows.select_related("case", "case__party", "product", "made_by").order_by("made_at", "pk")


def counts(reach: Reach, today: date) -> dict[str, int]:
    """How many cases are in hand, how many of them are late, and how many have ended; one query."""
    rows = within(Case.objects.all(), reach)
    is_open = Q(state=CaseState.OPEN)
    return rows.aggregate(
        open=Count("pk", filter=is_open),
        late=Count("pk", filter=is_open & Q(due_on__lt=today)),
        closed=Count("pk", filter=~is_open),
    )


Cell = dict[str, Any]
ENDING_FIGURES = ("cases", "fen", "judged", "held", "apart")


def autopsy(reach: Reach, span: Span, *, ending: str, by: tuple[str, ...]) -> list[Cell]:
    """Cases that ended so in the span, counted and summed (fen) by these columns, the most money first."""
    rows = within(Case.objects.filter(state=ending), reach)
    rows = rows.filter(closed_on__gte=span.first, closed_on__lte=span.last)
    summed = rows.values(*by).annotate(cases=Count("pk"), fen=Sum("amount_fen"))
    return list(summed.order_by("-fen", *by))


def endings(reach: Reach, span: Span) -> dict[str, dict[str, int]]:
    """By ending: cases, money, how many the ledger has judged, how many it found kept, and disagreements; one query."""
    rows = within(Case.objects.exclude(state=CaseState.OPEN), reach)
    ended = rows.filter(closed_on__gte=span.first, closed_on__lte=span.last).values("state")
    summed = ended.annotate(
        cases=Count("pk"),
        fen=Sum("amount_fen"),
        judged=Count("judged_on"),
        held=Count("pk", filter=Q(kept=True)),
        apart=Count("pk", filter=Q(agrees=False)),
    )
    told = summed.values_list("state", "cases", "fen", "judged", "held", "apart")
    return {state: dict(zip(ENDING_FIGURES, figures, strict=True)) for state, *figures in told}
