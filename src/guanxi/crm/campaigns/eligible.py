"""Who of an audience may be assigned at all, why the others not, and who is assigned together. Reads, then plain rules.

The first reason that fits counts. What is asked at the instant of sending (consent, budget, quiet hours) is not asked
here: whoever it stops stays in the arm the draw put them in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy as _

from guanxi.crm.campaigns.plan import BY_PEOPLE, Plan
from guanxi.crm.catalog.models import Product
from guanxi.insight.effects.assignment import unit_of
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.suitability import Investor, Offer, suitable

CHUNK = 20_000
REASONS = {
    "not_active": _("no longer a customer"),
    "no_keeper": _("nobody keeps them, and the first step is a task"),
    "unsuitable": _("no product of the offer suits them today"),
    "asked_lately": _("in a campaign for the same product within the days of rest"),
    "global_control": _("in the bank's global control group"),
    "already": _("already in this campaign"),
}

_ROWS = """
SELECT party.id, party.unit_id, party.keeper_id, party.state, party.merged_into_id, party.risk_grade,
       party.risk_expires_on, party.birth_date, party.offers_paused, COALESCE(score.aum_fen, 0),
       (SELECT MIN(work.other_id) FROM customers_relation AS work
        WHERE work.party_id = party.id AND work.kind = 'employee' AND work.valid_to IS NULL),
       (SELECT LEAST(party.id, MIN(kin.other_id)) FROM customers_relation AS kin
        WHERE kin.party_id = party.id AND kin.kind IN ('spouse', 'child', 'parent') AND kin.valid_to IS NULL),
       EXISTS (SELECT 1 FROM campaigns_recipient AS other JOIN campaigns_campaign AS its ON its.id = other.campaign_id
               WHERE other.party_id = party.id AND its.id <> %(campaign)s AND its.family = %(family)s
                 AND %(family)s <> '' AND other.entered_on > %(rest_from)s)
FROM customers_party AS party LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.id = ANY(%(parties)s) ORDER BY party.id
"""


@dataclass(frozen=True)
class Candidate:
    """A customer as the draw needs it; `products`: those of the offer that may be offered, by code."""

    party: int
    unit: int
    keeper: int | None
    cluster: str
    aum_fen: int
    products: tuple[str, ...] = ()

    @property
    def managed(self) -> bool:
        """Whether somebody keeps this customer."""
        return self.keeper is not None


@dataclass
class Eligible:
    """Who may be assigned, and how many were left out by reason."""

    rows: list[Candidate] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def eligible_of(
    plan: Plan, parties: Sequence[int], policy: CampaignPolicy, rules: SuitabilityPolicy, today: date, *,
    campaign: int, in_global: Callable[[int], bool], taken: frozenset[int] = frozenset(), using: str = "default",
) -> Eligible:  # fmt: skip
    """Everybody of `parties` who may be assigned; `taken` are assigned already, `in_global` asks the global control."""
    found = Eligible()
    told: dict[str, Any] = {
        "campaign": campaign, "family": plan.family or (plan.families or ("",))[0],
        "rest_from": today - timedelta(days=policy.again_days),
    }  # fmt: skip
    products = products_of(plan, using=using)
    judge = _Judge(plan, products, rules, today, in_global, taken)
    for at in range(0, len(parties), CHUNK):
        with connections[using].cursor() as cursor:
            cursor.execute(_ROWS, {**told, "parties": list(parties[at : at + CHUNK])})
            for row in cursor.fetchall():
                judge.take(row, found)
    return found


def products_of(plan: Plan, *, using: str = "default") -> Mapping[str, Offer]:
    """The offer's products as suitability asks about them, by code."""
    rows = Product.objects.using(using).filter(product_code__in=plan.products)
    return {row.product_code: row.offer for row in rows}


class _Judge:
    """The reasons in their order, asked of one row after the other."""

    def __init__(
        self, plan: Plan, products: Mapping[str, Offer], rules: SuitabilityPolicy, today: date,
        in_global: Callable[[int], bool], taken: frozenset[int],
    ) -> None:  # fmt: skip
        self.plan, self.products, self.rules, self.today = plan, products, rules, today
        self.in_global, self.taken = in_global, taken
        self.by_person = bool(plan.steps) and plan.steps[0].kind in BY_PEOPLE
        self.known: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def take(self, row: tuple[Any, ...], found: Eligible) -> None:
        party, unit, keeper, state, merged, *_investor, aum, employer, household, lately = row
        offered, paused = self._suitable(row[5:9]), row[8]
        checks: Iterable[tuple[str, bool]] = (
            ("not_active", state != "active" or merged is not None),
            ("already", party in self.taken),
            ("no_keeper", self.by_person and keeper is None),
            (
                "unsuitable",
                self._offers_products() and (paused or (bool(self.plan.products) and not offered)),
            ),
            ("asked_lately", lately),
            ("global_control", keeper is None and self.in_global(party)),
        )
        reason = next((code for code, holds in checks if holds), "")
        if reason:
            found.dropped[reason] += 1
            return
        cluster = unit_of(self.plan.cluster, party, household, employer, keeper)
        found.rows.append(Candidate(party, unit, keeper, cluster, aum, offered))

    def _offers_products(self) -> bool:
        """Whether the campaign is about products at all: one that only informs leaves nobody out for them."""
        return bool(self.plan.products or self.plan.family or self.plan.families)

    def _suitable(self, told: tuple[Any, ...]) -> tuple[str, ...]:
        """The products that may be named; a message needs one that suits without a second person's word."""
        if told not in self.known:
            answers = ("suitable", "confirm") if self.by_person else ("suitable",)
            investor = Investor(told[0], told[1], told[2], offers_paused=told[3])
            self.known[told] = tuple(
                code
                for code, product in self.products.items()
                if suitable(investor, product, self.today, self.rules).answer in answers
            )
        return self.known[told]
