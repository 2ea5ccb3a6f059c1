"""Reads of runs and published scores. What is about customers asks for a reach and shows nothing without one."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.organisation.once import once
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import (
    FigureProof,
    LargeChange,
    Maturity,
    NearLine,
    PartyHistory,
    PartyNeed,
    PartyScore,
    PeerNeed,
    Reconciliation,
    RuleCount,
    Run,
    RunStep,
    TierHistory,
    Violation,
)


@dataclass(frozen=True)
class Standing:
    """`current`: shown to people; `latest`: began last, however it ended. Both without manifest and notes."""

    current: Run | None
    latest: Run | None


def standing() -> Standing:
    """The run shown and the one begun last; one query, and one only in a request that reads."""
    return once("standing of runs", _standing)


# Written out because every page asks it: composing the same by the ORM took five times as long as its answer.
_COLUMNS = ("id", "business_date", "as_of", "state", "is_current", "started_at", "finished_at")
_STANDING = f"SELECT {', '.join(_COLUMNS)} FROM scores_run ORDER BY is_current DESC, started_at DESC NULLS LAST LIMIT 2"


def _standing() -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        first = [Run.from_db(connection.alias, _COLUMNS, row) for row in cursor.fetchall()]
    current = first[0] if first and first[0].is_current else None
    begun = [run for run in first if run.started_at is not None]
    return Standing(current, max(begun, key=lambda run: run.started_at, default=current))


def current_run() -> Run | None:
    """The run whose figures people see, without its long manifest and notes; None before the first."""
    return standing().current


def figure_proofs() -> dict[str, FigureProof]:
    """The proofs of the current run by metric id; empty before the first run that proved any."""
    return {proof.metric: proof for proof in FigureProof.objects.filter(run__is_current=True)}


def current_business_date() -> date | None:
    """The day the figures are of (数据截至), the last one counted."""
    current = standing().current
    return current.business_date if current else None


def aged_by(now: datetime) -> datetime:
    """The instant by which ages are judged before anything is deleted: now, but not beyond the day after the figures'.

    That day comes with the bank's files and not from a clock: one that stood a year ahead deletes nothing too early.
    While no night is published, old things stay a little longer. Before the first one there is only the clock.
    """
    business_date = current_business_date()
    if business_date is None:
        return now
    day_after = datetime.combine(business_date + timedelta(days=1), time.max, timezone.get_default_timezone())
    return min(now, day_after)


def latest_run() -> Run | None:
    """The run started last, whatever became of it."""
    return Run.objects.order_by(F("started_at").desc(nulls_last=True)).first()


def runs() -> QuerySet[Run]:
    """All runs, the latest business date first."""
    return Run.objects.order_by("-business_date", F("started_at").desc(nulls_last=True))


def steps_of(run: Run) -> QuerySet[RunStep]:
    """The run's finished steps in the order they ran."""
    return RunStep.objects.filter(run=run).order_by("position", "pk")


def reconciliation_of(run: Run) -> QuerySet[Reconciliation]:
    """The run's totals, by component and view."""
    return Reconciliation.objects.filter(run=run).order_by("component", "currency", "view_name")


def rule_counts_of(run: Run) -> QuerySet[RuleCount]:
    """How often each quality rule was broken, by file, the most frequent first."""
    return RuleCount.objects.filter(run=run).order_by("-rows", "rule", "file")


def violations_of(run: Run, rule: str) -> QuerySet[Violation]:
    """Rows that broke this rule, in file order."""
    return Violation.objects.filter(run=run, rule=rule).order_by("file", "line", "pk")


def scores_within(reach: Reach) -> QuerySet[PartyScore]:
    """The present scores of the customers within reach, the largest AUM first."""
    return within(PartyScore.objects.all(), reach).order_by(F("aum_fen").desc(nulls_last=True), "party")


def score_of(reach: Reach, party: Party) -> PartyScore | None:
    """The present scores of this customer; None when out of reach or not scored yet."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    return getattr(party, "partyscore", None)


_TIERS = "SELECT party_id, tier_scheme, tier_rank FROM scores_partyscore WHERE party_id = ANY(%s)"


def tiers_held_by(reach: Reach, parties: Iterable[Party]) -> dict[int, tuple[str | None, int | None]]:
    """Scheme and rank of these customers' present tiers, by key; who is out of reach or not scored is left out."""
    keys = [party.pk for party in parties if reach.covers(party.unit_id, party.keeper_id)]
    with connection.cursor() as cursor:
        cursor.execute(_TIERS, [keys])
        return {key: (scheme, rank) for key, scheme, rank in cursor.fetchall()}


def history_of(reach: Reach, party: Party) -> PartyHistory | None:
    """The months of this customer, the present one at the end; None when out of reach or without any."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    closed, score = getattr(party, "partyhistory", None), getattr(party, "partyscore", None)
    if closed is not None:
        history: PartyHistory = copy(closed)  # the present month is no part of what is kept
        history.fill_zeros()
    else:
        history = PartyHistory(party=party, months=[], **{name: [] for name in PartyHistory.arrays()})
    present = (score.details or {}).get("present") if score is not None else None
    if present:
        history.add_month(present)
    return history if history.months else None


def tiers_of(reach: Reach, party: Party) -> QuerySet[TierHistory]:
    """The tiers this customer held as known today, the latest first."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return TierHistory.objects.none()
    return TierHistory.objects.filter(party=party, known_to=None).order_by("-valid_from")


def need_of(reach: Reach, party: Party) -> PartyNeed | None:
    """What would help this customer next; None when out of reach or not looked at yet."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    return PartyNeed.objects.filter(party=party).first()


def peers_of(need: PartyNeed) -> dict[str, PeerNeed]:
    """By family: peers without it when the window began, and how many took it."""
    cells = PeerNeed.objects.filter(age_band=need.age_band, area=need.area, tier_rank=need.tier_rank)
    return {cell.family: cell for cell in cells}


def large_changes(reach: Reach) -> QuerySet[LargeChange]:
    """昨日大额变动 within reach, the largest fall first."""
    return within(LargeChange.objects.select_related("party"), reach).order_by("change_fen", "party")


def maturities(reach: Reach) -> QuerySet[Maturity]:
    """近 30 天到期 within reach, the soonest first."""
    return within(Maturity.objects.select_related("party"), reach).order_by("matures_on", "account_no")


def near_lines(reach: Reach, side: str) -> QuerySet[NearLine]:
    """临界客户 within reach on one side of the line (below, above), the nearest first."""
    rows = within(NearLine.objects.filter(side=side).select_related("party"), reach)
    return rows.order_by("gap_fen", "party")
