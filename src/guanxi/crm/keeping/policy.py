"""The two policies this room goes by, as they count on a day."""

from datetime import date

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.keeping import KeepingPolicy
from guanxi.insight.policies.scope import ScopePolicy


def keeping_policy(on: date) -> KeepingPolicy:
    """Pool, hand-over, exit, tiers by hand; KeyError in a bank that has none."""
    policy = active(KeepingPolicy.kind, on)
    assert isinstance(policy, KeepingPolicy)
    return policy


def scope_policy(on: date) -> ScopePolicy:
    """The managed scope: line, notice, minutes of a tier."""
    policy = active(ScopePolicy.kind, on)
    assert isinstance(policy, ScopePolicy)
    return policy
