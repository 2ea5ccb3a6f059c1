"""What became of those whom customers brought (老带新兑现): customers by the lead, rewarded by the ledger.

Within the campaign's transaction, as the pipeline's login. The same night again finds everything done.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connections

from guanxi.crm.audit import services as audit
from guanxi.crm.campaigns.models import Campaign, Referral
from guanxi.crm.campaigns.plan import Plan
from guanxi.insight.policies.campaign import CampaignPolicy

USING = "pipeline"

# A newcomer: the lead's customer, on the bank's books no earlier than the day of being brought, and not the referrer.
_BECAME = """
UPDATE campaigns_referral AS r SET brought_id = lead.party_id
FROM leads_lead AS lead JOIN customers_party AS party ON party.id = lead.party_id
WHERE lead.id = r.lead_id AND r.campaign_id = %(campaign)s AND r.brought_id IS NULL
  AND lead.state IN ('won', 'known') AND party.since >= r.noted_on AND lead.party_id <> r.party_id
"""
_QUALIFIED = """
SELECT r.id, SUM(held.balance_base_fen)
FROM campaigns_referral AS r
JOIN customers_holding AS held ON held.party_id = r.brought_id AND held.role = 'holder' AND held.family <> 'loan'
 AND held.opened_on BETWEEN r.noted_on AND LEAST(%(today)s, r.noted_on + %(days)s)
WHERE r.campaign_id = %(campaign)s AND r.rewarded_on IS NULL AND NOT EXISTS (
    SELECT 1 FROM campaigns_referral AS other WHERE other.brought_id = r.brought_id AND other.rewarded_on IS NOT NULL)
GROUP BY r.id, r.noted_on HAVING SUM(held.balance_base_fen) >= %(least)s
ORDER BY r.noted_on, r.id
"""


def settle_referrals(campaign: Campaign, plan: Plan, policy: CampaignPolicy, today: date) -> int:
    """Whom the ledger shows to be customers, and whose referrer has earned the reward; how many rewards."""
    told: dict[str, Any] = {
        "campaign": campaign.pk, "today": today, "days": policy.referral_days,
        "least": int(policy.referral_amount * 100),
    }  # fmt: skip
    with connections[USING].cursor() as cursor:
        cursor.execute(_BECAME, told)
        cursor.execute(_QUALIFIED, told)
        earned = {number: int(fen) for number, fen in cursor.fetchall()}
    seen: set[int | None] = set()
    rewarded = 0
    for row in Referral.objects.using(USING).filter(pk__in=earned).order_by("noted_on", "pk"):
        if row.brought_id in seen:  # brought by two: the first has it
            continue
        seen.add(row.brought_id)
        row.qualified_fen, row.reward, row.rewarded_on = earned[row.pk], plan.reward, today
        row.save(using=USING, update_fields=["qualified_fen", "reward", "rewarded_on"])
        audit.record(
            by=None, verb="campaigns.rewarded", on=row, using=USING, party=row.party_id, reward=plan.reward
        )
        rewarded += 1
    return rewarded
