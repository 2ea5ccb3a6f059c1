"""Reads of the lab. Sums are of the whole bank and for those who propose or decide; customers by name are by reach."""

from datetime import date

from django.db.models import Min, QuerySet

from guanxi.crm.customers.selectors import within
from guanxi.crm.lab.models import Attachment, Draft, Move, Simulation
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.scores.models import UnitTier
from guanxi.crm.scores.selectors import current_business_date
from guanxi.insight.months import month_end


def drafts_of(kind: str) -> QuerySet[Draft]:
    """Drafts that can be tried, the latest first."""
    return Draft.objects.filter(kind=kind, dropped=False).select_related("made_by")


def proposals_of(kind: str) -> QuerySet[PolicyVersion]:
    """Versions that somebody has proposed or approved and that do not count yet."""
    waiting = PolicyVersion.objects.filter(kind=kind, state__in=(State.PROPOSED, State.APPROVED))
    return waiting.select_related("proposed_by").order_by("-version")


def simulations() -> QuerySet[Simulation]:
    """All simulations, the latest first, without their figures."""
    return Simulation.objects.select_related("requested_by", "active_version").defer("result", "policies")


def closed_months() -> list[date]:
    """Months that have published figures and had ended on the day of the data, the latest first."""
    day = current_business_date()
    if day is None:
        return []
    months = UnitTier.objects.order_by("-month").values_list("month", flat=True).distinct()
    return [month for month in months if month_end(month) <= day]


def moves_within(reach: Reach, simulation: Simulation, number: int) -> QuerySet[Move]:
    """Customers within reach who would stand elsewhere under a draft, those with the most money first."""
    rows = within(Move.objects.filter(simulation=simulation, draft=number), reach)
    return rows.select_related("party", "unit", "keeper").order_by("-aum_fen", "party_id")


def attachment_of(version: PolicyVersion) -> Attachment | None:
    """The simulation that was laid under this version."""
    return Attachment.objects.filter(version=version).select_related("simulation", "attached_by").first()


def finished_with(version: PolicyVersion) -> Simulation | None:
    """The latest finished simulation that tried exactly this content."""
    tried = Simulation.objects.filter(
        kind=version.kind, state="done", drafts__contains=[{"content_hash": version.content_hash}]
    )
    return tried.order_by("-pk").first()


def counted_until(version: PolicyVersion) -> date | None:
    """The first day on which another version took this one's place; None while it counts."""
    later = PolicyVersion.objects.filter(
        kind=version.kind, state__in=(State.ACTIVE, State.RETIRED), valid_from__gt=version.valid_from
    )
    day: date | None = later.aggregate(day=Min("valid_from"))["day"]
    return day


def unit_names() -> dict[str, str]:
    """Names of units by their numbers."""
    return dict(Unit.objects.values_list("unit_no", "name"))


def staff_names() -> dict[str, str]:
    """Names of people by their numbers."""
    return dict(Staff.objects.values_list("staff_no", "name"))


def units_in(reach: Reach) -> frozenset[str]:
    """Numbers of the units within reach, for loads of keepers: sums that name a person are by reach too."""
    return frozenset(Unit.objects.filter(pk__in=reach.unit_ids).values_list("unit_no", flat=True))
