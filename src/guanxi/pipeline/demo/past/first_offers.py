"""First offers of a summer (首推往事): what managers saw first for their customers, by worth and, for a few, by chance.

Made up from what peers take and what the customer did not hold on that day; whether it was taken is the ledger's word.
The ledger knows nothing of these offers: both ways of choosing differ by whom and what they picked, by nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.crm.campaigns.policy import effect_policy
from guanxi.crm.effects.models import FirstOffer
from guanxi.insight.effects.assignment import BUCKETS, bucket
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.pipeline.demo.past._campaign_cast import USING
from guanxi.pipeline.demo.trials import KEY, unit

STRETCH = 30  # days over which they were seen, the last of them just old enough to count
LATELY = 40  # every so many saw theirs too lately
MOST = 4_000
FAMILIES = ("time", "cd", "wealth", "fund", "insurance")
# Families held on the day, and how many of the peers took each of the others.
_WHOM = """
SELECT party.id, party.unit_id, party.keeper_id, party.customer_no,
       ARRAY(SELECT DISTINCT held.family FROM customers_holding AS held
             WHERE held.party_id = party.id AND held.role = 'holder' AND held.opened_on <= %(last)s
               AND (held.closed_on IS NULL OR held.closed_on > %(last)s)),
       COALESCE((SELECT jsonb_object_agg(peer.family, peer.rate) FROM scores_peerneed AS peer
        WHERE peer.age_band = need.age_band AND peer.area = need.area AND peer.tier_rank = need.tier_rank), '{}')::text
FROM customers_party AS party
JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.is_active
JOIN scores_partyneed AS need ON need.party_id = party.id
WHERE party.state = 'active' AND party.kind = 'person' AND party.merged_into_id IS NULL AND party.since < %(first)s
ORDER BY md5(party.customer_no) LIMIT %(most)s
"""


def tell(*, today: date) -> int:
    """First offers of kept customers; rows written, 0 when they are told, or without the policy or peers."""
    if FirstOffer.objects.using(USING).exists():
        return 0
    try:
        policy = effect_policy(today)
    except KeyError:
        return 0
    last = today - timedelta(days=policy.horizon_days + 1)
    with connections[USING].cursor() as cursor:
        cursor.execute(_WHOM, {"first": last - timedelta(days=STRETCH), "last": last, "most": MOST})
        rows = cursor.fetchall()
    made = list(_offers(rows, policy, last, today))
    FirstOffer.objects.using(USING).bulk_create(made)
    return len(made)


def _offers(rows: Sequence[Any], policy: EffectPolicy, last: date, today: date) -> Iterator[FirstOffer]:
    for number, (party, outlet, keeper, customer, held, peers) in enumerate(rows):
        rates: Mapping[str, float] = json.loads(peers)
        open_to = sorted(set(FAMILIES) & set(rates) - set(held))
        if not open_to:
            continue
        by_chance = bucket(KEY, "first offers", unit(customer)) < int(policy.exploration * BUCKETS)
        best = max(open_to, key=lambda family: (rates[family], family))
        any_of = open_to[bucket(KEY, "which offer", unit(customer)) % len(open_to)]
        day = today - timedelta(days=9) if number % LATELY == 0 else last - timedelta(days=number % STRETCH)
        family = any_of if by_chance else best
        chance = Decimal(str(round(rates[family], 8)))
        yield FirstOffer(
            party_id=party, unit_id=outlet, keeper_id=keeper, month=day.replace(day=1), day=day, family=family,
            chance=chance, points=round(chance * policy.offer_amount * policy.offer_margin, 2), by_chance=by_chance,
        )  # fmt: skip
