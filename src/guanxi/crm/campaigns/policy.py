"""The policies this room needs, as in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy


def campaign_policy(on: date) -> CampaignPolicy:
    """Hold-out shares, horizon, costs and triggers as they count on that day. KeyError when the bank has none."""
    return cast("CampaignPolicy", active(CampaignPolicy.kind, on))


def suitability_policy(on: date) -> SuitabilityPolicy:
    """Which product may be offered to whom on that day; KeyError when the bank has no such policy."""
    return cast("SuitabilityPolicy", active(SuitabilityPolicy.kind, on))


def effect_policy(on: date) -> EffectPolicy:
    """How sure a read-out must be, the usual horizon, the global control; KeyError when the bank has none."""
    return cast("EffectPolicy", active(EffectPolicy.kind, on))
