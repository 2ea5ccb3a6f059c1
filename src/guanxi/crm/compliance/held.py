"""Where what the store holds about a customer stands (数据归集): for each table, how the rows of a customer are found.

`HELD`: model → lookups, one of which leads to the customer's key. `BY_NUMBER`: tables without a key to customers.
`LEFT_OUT`: tables with a link to a customer whose rows are not handed out, each with the reason in both languages.
A table with a link that stands in none of these fails `tests/test_held.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from guanxi.crm.customers.models import ContactPoint, Identifier, Party


@dataclass(frozen=True)
class Numbers:
    """What names one customer in the store: keys and customer numbers (merged ones too) and protected tokens."""

    keys: tuple[int, ...]
    customer_nos: tuple[str, ...]
    tokens: tuple[str, ...]


def numbers_named(party: Party, *, using: str = "default") -> Numbers:
    """All that names this customer, numbers merged into it included; four columns of three tables."""
    parties = Party.objects.using(using).filter(Q(pk=party.pk) | Q(merged_into=party.pk))
    rows = list(parties.order_by("pk"))
    keys = [row.pk for row in rows]
    tokens = {
        token
        for model in (Identifier, ContactPoint)
        for token in model.objects.using(using).filter(party__in=keys).values_list("token", flat=True)
    }
    return Numbers(tuple(keys), tuple(row.customer_no for row in rows), tuple(sorted(tokens)))


_PARTY = ("party",)
HELD: Mapping[str, tuple[str, ...]] = {
    "customers.Party": ("pk",),
    **dict.fromkeys(
        (
            *("customers.Identifier", "customers.ContactPoint", "customers.Consent", "customers.Holding"),
            *("customers.Credit", "customers.KeeperTerm", "customers.Note", "customers.ProfileChange"),
            *("customers.Document", "customers.StoppedMember", "customers.PartySource"),
            *("scores.PartyScore", "scores.PartyHistory", "scores.PartyNeed", "scores.TierHistory"),
            *("scores.LargeChange", "scores.Maturity", "scores.NearLine"),
            *("foresight.EarlyWarning", "foresight.Signal", "foresight.Change", "foresight.Listing"),
            *("interactions.Contact", "interactions.Promise"),
            *("behaviour.Event", "behaviour.Daily", "behaviour.Recent"),
            *("messaging.Message", "messaging.ConsentEntry", "messaging.Hold", "messaging.Budget"),
            *("messaging.Touch", "messaging.Heard", "messaging.Handed"),
            *("worklist.Task", "segments.Member", "segments.Enrolment", "lab.Move"),
            *("retention.Case", "visits.Visit", "visits.Companion", "visits.VisitPhoto"),
            *("visits.MaintenancePlan", "visits.KeyPerson", "visits.Acquaintance", "visits.Sponsor"),
            *("keeping.PoolEntry", "keeping.HandOverLine", "keeping.ExitProposal"),
            *("keeping.SharedKeeping", "keeping.TierOverride"),
            *("leads.Lead", "leads.Opportunity", "planning.PlanningCase"),
            *("care.Gift", "care.LifeEvent", "care.Voice", "care.ImportantDate"),
            *("campaigns.Recipient", "campaigns.StepDone", "campaigns.Referral", "effects.FirstOffer"),
            *("surveys.SurveyLink", "surveys.Answer", "salons.Invitation"),
            *("compliance.Restriction", "compliance.Restricted"),
            *("counter.Reception", "counter.EntitlementBook", "counter.CounterEvent", "counter.ToldFact"),
            "compliance.SubjectRequest",
        ),
        _PARTY,
    ),
    "customers.Relation": ("party", "other"),
    "customers.IdentityPair": ("left", "right"),
    "customers.IdentityDecision": ("left", "right"),
    "customers.HouseholdHint": ("left", "right"),
    "messaging.Receipt": ("message__party",),
    "retention.CaseOffer": ("case__party",),
    "visits.PlanStep": ("plan__party",),
    "leads.LeadSecret": ("lead__party",),
    "leads.LeadEvent": ("lead__party",),
    "leads.LeadFeedback": ("lead__party",),
    "leads.MapStep": ("lead__party",),
    "planning.Proposal": ("case__party",),
    "counter.EntitlementUse": ("book__party",),
    "compliance.Erasure": ("restriction__party",),
}
BY_NUMBER: Mapping[str, Callable[[Numbers], Q]] = {
    "audit.CustomerView": lambda named: Q(party_key__in=named.keys),
    "audit.ChangeLog": lambda named: Q(
        object_kind="customers.party", object_key__in=[str(key) for key in named.keys]
    ),
    "audit.ExportLog": lambda named: Q(customers__party_keys__overlap=list(named.keys)),
    "customers.PartyLink": lambda named: Q(party_key__in=named.keys) | Q(own_key__in=named.keys),
    "customers.VaultEntry": lambda named: Q(token__in=named.tokens),
    "messaging.Suppression": lambda named: Q(token__in=named.tokens),
}
LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "audit.ExportedCustomers": (
        "文件涉及的客户名单，含其他客户；涉及您的文件已列出",
        "Whom files were about, others too; the files that were about you are given",
    ),
    "compliance.AffectedCustomer": (
        "安全事件的受影响名单，另行通知本人",
        "Who was affected by an incident: told by a notice of its own",
    ),
    "customers.NameGram": (
        "姓名的检索片段，随客户表给出",
        "Pieces of the name for search; the name itself is given",
    ),
    "customers.DocumentContent": (
        "资料原件另附为文件",
        "The documents themselves are files beside the tables",
    ),
    "segments.Moved": (
        "换机构或换管户的临时标记，当晚清空",
        "A mark of a change of unit or keeper, gone by morning",
    ),
    "campaigns.Assignment": (
        "随机分组名单，任何人不得查看，仅用于整体统计",
        "The draw into groups: nobody may read it, it serves sums alone",
    ),
    "leads.LeadLook": ("员工查看线索的记录，属员工行为", "Which colleagues saw a lead: about the colleagues"),
    "leads.LeadDelivery": ("线索推送的投递状态", "Whether the notice of a lead arrived"),
    "compliance.RequestFile": ("待领取的导出文件本身", "The file waiting to be fetched, this one"),
}


def how_found(label: str, named: Numbers) -> Q | None:
    """The condition that finds this customer's rows of a table; None for one that is not handed out."""
    if label in BY_NUMBER:
        return BY_NUMBER[label](named)
    if label not in HELD:
        return None
    found = Q()
    for lookup in HELD[label]:
        found |= Q(**{f"{lookup}__in": named.keys})
    return found
