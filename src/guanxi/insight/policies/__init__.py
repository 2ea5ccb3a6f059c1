"""Policies (政策参数): every number a bank may change, by kind. A new kind registers itself by a line in KINDS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.insight.policies.access import AccessPolicy
from guanxi.insight.policies.archive import ArchivePolicy
from guanxi.insight.policies.aum import AumPolicy
from guanxi.insight.policies.base import Policy, PolicyError, PolicyTable
from guanxi.insight.policies.behaviour import BehaviourPolicy
from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy
from guanxi.insight.policies.benchmark import BenchmarkPolicy
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.care import CarePolicy
from guanxi.insight.policies.churn import ChurnPolicy
from guanxi.insight.policies.compliance import CompliancePolicy
from guanxi.insight.policies.contact import ContactPolicy
from guanxi.insight.policies.contribution import ContributionPolicy
from guanxi.insight.policies.counter import CounterPolicy
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.insight.policies.filling import Added, filled, fillings
from guanxi.insight.policies.identity import IdentityPolicy
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.insight.policies.keeping import KeepingPolicy
from guanxi.insight.policies.lead import LeadPolicy
from guanxi.insight.policies.lifetime import LifetimePolicy
from guanxi.insight.policies.lists import ListsPolicy
from guanxi.insight.policies.need import NeedPolicy
from guanxi.insight.policies.performance import PerformancePolicy
from guanxi.insight.policies.planning import PlanningPolicy
from guanxi.insight.policies.playbook import PlaybookPolicy
from guanxi.insight.policies.protection import ProtectionPolicy
from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.policies.relation import RelationPolicy
from guanxi.insight.policies.relationship import RelationshipPolicy
from guanxi.insight.policies.reminder import ReminderPolicy
from guanxi.insight.policies.retention import RetentionPolicy
from guanxi.insight.policies.salon import SalonPolicy
from guanxi.insight.policies.scope import ScopePolicy
from guanxi.insight.policies.sending import SendingPolicy
from guanxi.insight.policies.stage import StagePolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.policies.survey import SurveyPolicy
from guanxi.insight.policies.tier import TierPolicy
from guanxi.insight.policies.value import ValuePolicy
from guanxi.insight.policies.visit import VisitPolicy
from guanxi.insight.policies.warning import WarningPolicy
from guanxi.insight.policies.workbench import WorkbenchPolicy
from guanxi.insight.policies.worklist import WorklistPolicy

__all__ = [
    "KINDS",
    "Added",
    "Policy",
    "PolicyError",
    "PolicyTable",
    "load_policy",
    "missing_in",
    "read_policy",
]

KINDS: dict[str, type[Policy]] = {
    "access": AccessPolicy,
    "archive": ArchivePolicy,
    "aum": AumPolicy,
    "behaviour": BehaviourPolicy,
    "behaviour_event": BehaviourEventPolicy,
    "benchmark": BenchmarkPolicy,
    "campaign": CampaignPolicy,
    "care": CarePolicy,
    "churn": ChurnPolicy,
    "compliance": CompliancePolicy,
    "contact": ContactPolicy,
    "contribution": ContributionPolicy,
    "counter": CounterPolicy,
    "effect": EffectPolicy,
    "identity": IdentityPolicy,
    "interaction": InteractionPolicy,
    "lead": LeadPolicy,
    "keeping": KeepingPolicy,
    "lifetime": LifetimePolicy,
    "lists": ListsPolicy,
    "need": NeedPolicy,
    "performance": PerformancePolicy,
    "planning": PlanningPolicy,
    "playbook": PlaybookPolicy,
    "protection": ProtectionPolicy,
    "quality": QualityPolicy,
    "relation": RelationPolicy,
    "relationship": RelationshipPolicy,
    "reminder": ReminderPolicy,
    "retention": RetentionPolicy,
    "salon": SalonPolicy,
    "scope": ScopePolicy,
    "sending": SendingPolicy,
    "stage": StagePolicy,
    "suitability": SuitabilityPolicy,
    "survey": SurveyPolicy,
    "tier": TierPolicy,
    "value": ValuePolicy,
    "visit": VisitPolicy,
    "warning": WarningPolicy,
    "workbench": WorkbenchPolicy,
    "worklist": WorklistPolicy,
}


def load_policy(kind: str, payload: Mapping[str, Any]) -> Policy:
    """Read what is stored as a policy of this kind, with what the program asks for only since it was written.

    Raises PolicyError when the kind or the payload is unknown.
    """
    known = _kind(kind)
    return known.from_payload(filled(known, payload))


def read_policy(kind: str, payload: Mapping[str, Any]) -> Policy:
    """Read what somebody proposes: every entry the kind declares must be there. Raises PolicyError as above."""
    return _kind(kind).from_payload(payload)


def missing_in(kind: str, payload: Mapping[str, Any]) -> list[Added]:
    """What `load_policy` fills into this payload; PolicyError for a kind there is none of."""
    return fillings(_kind(kind), payload)


def _kind(kind: str) -> type[Policy]:
    if kind not in KINDS:
        raise PolicyError(f"there is no policy kind {kind}")
    return KINDS[kind]
