"""What a run publishes: its own record, each customer's present scores and history, and the bank's tables."""

from guanxi.crm.scores.models.acceptances import AcceptanceState, VolumeAcceptance
from guanxi.crm.scores.models.needs import LifetimeCheck, PartyNeed, PeerNeed, Problem
from guanxi.crm.scores.models.parties import (
    LargeChange,
    Maturity,
    NearLine,
    PartyHistory,
    PartyScore,
    TierHistory,
)
from guanxi.crm.scores.models.runs import (
    FigureProof,
    Reconciliation,
    RuleCount,
    Run,
    RunState,
    RunStep,
    Violation,
)
from guanxi.crm.scores.models.sums import (
    AccountBand,
    AgeChannel,
    Attrition,
    Care,
    Concentration,
    HoldingCount,
    Migration,
    SaveRate,
    UnitBand,
    UnitDay,
    UnitMonth,
    UnitTier,
)

__all__ = [
    "AcceptanceState",
    "AccountBand",
    "AgeChannel",
    "Attrition",
    "Care",
    "Concentration",
    "FigureProof",
    "HoldingCount",
    "LargeChange",
    "LifetimeCheck",
    "Maturity",
    "Migration",
    "NearLine",
    "PartyHistory",
    "PartyNeed",
    "PartyScore",
    "PeerNeed",
    "Problem",
    "Reconciliation",
    "RuleCount",
    "Run",
    "RunState",
    "RunStep",
    "SaveRate",
    "TierHistory",
    "UnitBand",
    "UnitDay",
    "UnitMonth",
    "UnitTier",
    "Violation",
    "VolumeAcceptance",
]
