"""The policies this room needs, as in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy

_known: dict[str, CampaignPolicy] = {}  # by content hash: a policy's payload never changes


def campaign_policy(on: date) -> CampaignPolicy:
    """Hold-out shares, horizon, costs and triggers as they count on that day. KeyError when the bank has none."""
    content = hash_in_force(CampaignPolicy.kind, on)
    if content is None:
        raise KeyError(CampaignPolicy.kind)
    if content not in _known:
        _known[content] = cast("CampaignPolicy", active(CampaignPolicy.kind, on))
    return _known[content]


def suitability_policy(on: date) -> SuitabilityPolicy:
    """Which product may be offered to whom on that day; KeyError when the bank has no such policy."""
    return cast("SuitabilityPolicy", active(SuitabilityPolicy.kind, on))


def effect_policy(on: date) -> EffectPolicy:
    """How sure a read-out must be, the usual horizon, the global control; KeyError when the bank has none."""
    return cast("EffectPolicy", active(EffectPolicy.kind, on))
