"""What kinds of policy, their entries and their codes are called on the screen."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.models import Role
from guanxi.crm.policies.entries import ENTRIES
from guanxi.crm.policies.models import State
from guanxi.insight.completeness import FACTS as RECORD_FACTS
from guanxi.insight.policies import words as spoken
from guanxi.insight.policies.archive import FORMATS
from guanxi.insight.policies.aum import COMPONENTS, FAMILY_LABELS, KIND_LABELS
from guanxi.insight.policies.behaviour import CHANNELS, PROFILES, PURPOSES
from guanxi.insight.policies.behaviour_event import EVENT_PURPOSES, MEANINGS, PROPERTY_TYPES
from guanxi.insight.policies.behaviour_event import SOURCES as EVENT_SOURCES
from guanxi.insight.policies.care import MOOD_LABELS
from guanxi.insight.policies.churn import LABELS
from guanxi.insight.policies.contact import CONTACT_PURPOSES, ID_TYPES, REACHING_CHANNELS, SENDING_CHANNELS
from guanxi.insight.policies.contribution import LOAN_CLASSES, SIDES
from guanxi.insight.policies.counter import BASES as LEGAL_BASES
from guanxi.insight.policies.counter import CONSENTS, EVENTS, FACTS, PERIODS, PROMPTS
from guanxi.insight.policies.interaction import CONTACT_CHANNELS
from guanxi.insight.policies.planning import GROUPS as PLANNING_GROUPS
from guanxi.insight.policies.playbook import STAGES as LIFE_STAGES
from guanxi.insight.policies.protection import ASSESSED
from guanxi.insight.policies.retention import OFFERS, OUTCOMES
from guanxi.insight.policies.stage import MEASURES
from guanxi.insight.policies.suitability import CUSTOMER_GRADES, LICENCES, PRODUCT_GRADES
from guanxi.insight.policies.suitability import FAMILIES as GRADED_FAMILIES
from guanxi.insight.policies.tier import BASES, HOLDS, RESIDENT_NAMES, RESIDENT_TYPES, SIZES
from guanxi.insight.policies.value import CODED_INPUTS, RELATION_GROUPS, RELATION_KINDS, RENOWN_KINDS
from guanxi.insight.policies.visit import REASONS as VISIT_REASONS
from guanxi.insight.policies.warning import DESTINATIONS, SIGNALS
from guanxi.insight.policies.worklist import FACTS as TASK_FACTS
from guanxi.insight.policies.worklist import ORIGINS as TASK_ORIGINS
from guanxi.insight.staging.contract import FAMILIES

KINDS: Mapping[str, tuple[Promise, Promise]] = {
    "identity": (
        _("Merging customers"),
        _("When two customer numbers are one person, and whose entry counts"),
    ),
    "tier": (_("Tiers"), _("Who is in which tier, by which lines, and how one comes down")),
    "scope": (_("Managed scope"), _("Whom a manager keeps, how one leaves, and what it costs in minutes")),
    "keeping": (
        _("Keeping and hand-over"),
        _("The pool, hand-overs, exits, and tiers set by hand"),
    ),
    "stage": (_("Life-cycle stages"), _("When a customer is new, growing, declining, lost or won back")),
    "value": (_("Value card"), _("Weights of contribution, risk, renown and relatedness")),
    "contribution": (_("Contribution"), _("Margins, expected loss, taxes and the cost to serve")),
    "aum": (_("What counts as wealth"), _("Which products count, for whom, and how old a rate may be")),
    "behaviour": (_("Behaviour and preference"), _("Own postings, active channels, preference, ages")),
    "behaviour_event": (
        _("Events on our channels"),
        _("Which events are taken, what each may say, how long it is kept"),
    ),
    "lists": (_("Daily lists and bands"), _("Large changes, maturities, near lines, balance bands")),
    "warning": (_("Early warning"), _("When each signal speaks, and how short the list stays")),
    "campaign": (
        _("Campaigns"),
        _("Who is held out, how long is measured, what a contact costs, what sets a campaign off"),
    ),
    "churn": (_("What counts as leaving"), _("The four labels, and how the scorer is trained")),
    "relationship": (
        _("Four indices of a relationship"),
        _("What satisfaction, loyalty, contribution and dependence rest on"),
    ),
    "relation": (_("Employers from salaries"), _("When salary payments make somebody an employee")),
    "quality": (_("Gates of the night"), _("How far files may differ before the night stops")),
    "lifetime": (
        _("Lifetime value and potential"),
        _("What a relationship may still bring, and who is a peer"),
    ),
    "need": (_("Next need"), _("Which families are looked at, and what holds an offer back")),
    "suitability": (_("Suitability"), _("Which product grades may be offered to whom")),
    "planning": (_("Wealth planning"), _("Ranges by risk grade, concentration, how long a proposal holds")),
    "playbook": (
        _("Playbooks"),
        _("What is done and said for each stage, for new customers and for a segment"),
    ),
    "visit": (_("Visits"), _("How often whom, what for, what is evidence, and what follows")),
    "performance": (
        _("Team work and coaching"),
        _("When work is stuck, who is coached with what, and what is flagged"),
    ),
    "interaction": (
        _("Contacts and promises"),
        _("Outcomes and next steps, days of promises, when an intent is a deal"),
    ),
    "reminder": (
        _("Account reminders"),
        _("How long before a card expires or a debit is made, and from which gap on"),
    ),
    "retention": (
        _("Retention"),
        _("Days to act, what may be offered by whom, why and where to customers leave"),
    ),
    "care": (_("Care"), _("Gifts and their limits, news of customers, suggestions and their answers")),
    "compliance": (
        _("Compliance"),
        _("By when requests about personal information are answered, how soon incidents are reported"),
    ),
    "counter": (_("The counter"), _("One prompt, how each tier is received, what it may ask for how often")),
    "worklist": (
        _("The day's list"),
        _("What a person can do in a day, how tasks are weighed, what the night opens"),
    ),
    "contact": (
        _("Contact rules"),
        _("Quiet hours, how often a customer is reached over all channels, sender and opt-out"),
    ),
    "sending": (_("Sending"), _("Leases, brakes and waits of the machine that sends messages")),
    "lead": (_("Leads"), _("Protection, limits, how leads are given out, credit and plan")),
    "salon": (_("Salons"), _("Kinds, seats and guests, when one may come in, what guests agree to")),
    "survey": (_("Surveys"), _("What is shown, what is a low score, whom one may ask how often")),
    "effect": (_("Measuring effects"), _("How sure one must be, who is held out, and what is tried")),
    "workbench": (_("Analysts' workbench"), _("Smallest group shown, and how much one question may ask")),
    "benchmark": (_("Benchmarks"), _("Figures of others that own figures and surveys are set beside")),
    "archive": (
        _("Customer archive"),
        _("Which documents are kept for how long, and what a whole record has"),
    ),
    "protection": (
        _("Protection of personal information"),
        _("Where data may go, contracts with processors, what begins only with an impact assessment"),
    ),
    "access": (_("Export and numbers in full"), _("Rows a role may take away; how many looks are usual")),
}
STATES: Mapping[str, tuple[Promise, str]] = {
    State.DRAFT: (_("Draft"), "grey"),
    State.PROPOSED: (_("waiting for a decision"), "amber"),
    State.APPROVED: (_("approved, no day yet"), "amber"),
    State.ACTIVE: (_("counts"), "green"),
    State.RETIRED: (_("replaced"), "grey"),
    State.REJECTED: (_("turned down"), "red"),
}
UNITS: Mapping[str, Promise] = {
    "yuan": _("yuan"),
    "days": _("days"),
    "months": _("months"),
    "rows": _("rows"),
    "bytes": _("bytes"),
    "minutes": _("minutes"),
}
_OTHERS: Mapping[str, Promise] = {
    "daily_average": _("daily average of the month"),
    "month_end": _("month-end amount"),
    "standing": _("points within the size"),
    "aum": _("wealth at month end"),
    "deposits_average": _("daily average of deposits"),
    "deposits": _("deposits at month end"),
    "large": _("Large"),
    "medium": _("Medium"),
    "small": _("Small"),
    "micro": _("Micro"),
    "deposit": _("Deposits"),
    "counter": _("Counter"),
    "self_service": _("Self-service machines"),
    "mobile": _("Mobile bank"),
    "web": _("Online bank"),
    "phone": _("Phone bank"),
    "third_party": _("Third-party payment"),
    "atm": _("Cash machine"),
    "pos": _("Card terminal"),
    "system": _("The bank's own system"),
    "demand": _("Demand"),
    "time": _("Time"),
    "structured": _("Structured"),
    "wealth": _("Wealth products"),
    "fund": _("Funds"),
    "insurance": _("Insurance"),
    "employment": _("Work"),
    "control": _("Control"),
    "guarantee": _("Guarantee"),
    "service": _("Service"),
    "month": _("Calendar month"),
    "quarter": _("Calendar quarter"),
    "year": _("Calendar year"),
}
_FAMILY_GROUP: Mapping[str, Promise] = {"family": _("Family"), "loan": _("Loans"), "other": _("Other")}
_RISK_INPUTS = ("overdue_days", "pd", "expired_days", *CODED_INPUTS)
_LABELS: Mapping[str, Mapping[str, str]] = {
    "families": FAMILY_LABELS,
    "kinds": KIND_LABELS,
    "purposes": spoken.PURPOSES,
    "loan_classes": spoken.LOAN_CLASSES,
    "renown": spoken.RENOWN_KINDS,
    "relations": spoken.RELATIONS,
    "inputs": spoken.RISK_INPUTS,
    "grades": spoken.CUSTOMER_GRADES,
    "signals": SIGNALS,
    "contacts": CONTACT_CHANNELS,
    "reached": {"": "全部渠道", **REACHING_CHANNELS},
    "contact_purposes": CONTACT_PURPOSES,
    "id_types": ID_TYPES,
    "allocations": PLANNING_GROUPS,
    "assessed": ASSESSED,
    "visit_reasons": {"": "无", **VISIT_REASONS},
    "life_stages": {"": "不限阶段", **LIFE_STAGES},
    "offered_families": {"": "不推荐产品", **FAMILY_LABELS},
    "destinations": DESTINATIONS,
    "labels": LABELS,
    "origins": {code: zh for code, (zh, _en) in TASK_ORIGINS.items()},
    "task_facts": {code: zh for code, (zh, _en) in TASK_FACTS.items()},
    "residents": RESIDENT_NAMES,
    "holds": HOLDS,
    "licences": LICENCES,
    "offers": OFFERS,
    "outcomes": OUTCOMES,
    "prompts": PROMPTS,
    "events": EVENTS,
    "consents": CONSENTS,
    "moods": {code: zh for code, (zh, _en) in MOOD_LABELS.items()},
    "legal_bases": {code: zh for code, (zh, _en) in LEGAL_BASES.items()},
    "facts": FACTS,
    "record_facts": {code: zh for code, (zh, _en) in RECORD_FACTS.items()},
    "event_meanings": {code: zh for code, (zh, _en) in MEANINGS.items()},
    "event_purposes": {code: zh for code, (zh, _en) in EVENT_PURPOSES.items()},
    "event_types": {code: zh for code, (zh, _en) in PROPERTY_TYPES.items()},
    "event_sources": {code: zh for code, (zh, _en) in EVENT_SOURCES.items()},
}
VOCABULARIES: Mapping[str, tuple[str, Iterable[str]]] = {
    "signal": ("signals", tuple(SIGNALS)),
    "destination": ("destinations", tuple(DESTINATIONS)),
    "leaving": ("destinations", tuple(DESTINATIONS)),
    "person_roles": ("roles", tuple(Role.values)),
    "company_roles": ("roles", tuple(Role.values)),
    "matured_families": ("families", FAMILIES),
    "intent_families": ("families", FAMILIES),
    "allocation": ("allocations", tuple(PLANNING_GROUPS)),
    "grade": ("grades", CUSTOMER_GRADES),
    "channel": ("contacts", tuple(CONTACT_CHANNELS)),
    "suggested_by": ("visit_reasons", ("", *VISIT_REASONS)),
    "life_stage": ("life_stages", ("", *LIFE_STAGES)),
    "offered": ("offered_families", ("", *FAMILIES)),
    "channels": ("contacts", tuple(CONTACT_CHANNELS)),
    "people_channels": ("contacts", tuple(CONTACT_CHANNELS)),
    "sending": ("reached", ("", *SENDING_CHANNELS)),
    "reaching": ("reached", ("", *REACHING_CHANNELS)),
    "purpose": ("contact_purposes", tuple(CONTACT_PURPOSES)),
    "home_id_types": ("id_types", tuple(ID_TYPES)),
    "train_label": ("labels", tuple(LABELS)),
    # entry -> (whose labels, codes that may stand there)
    "family": ("families", FAMILIES),
    "graded_families": ("families", GRADED_FAMILIES),
    "licences.": ("families", GRADED_FAMILIES),
    "licences=": ("licences", tuple(LICENCES)),
    "highest_product.": ("grades", CUSTOMER_GRADES),
    "highest_product=": ("", PRODUCT_GRADES),
    "professional_highest": ("", PRODUCT_GRADES),
    "senior_confirmed_from": ("", PRODUCT_GRADES),
    "priced_as": ("families", FAMILIES),
    "maturity_families": ("families", FAMILIES),
    "resting_families": ("families", FAMILIES),
    "customer_kind": ("kinds", tuple(KIND_LABELS)),
    "customer_kinds": ("kinds", tuple(KIND_LABELS)),
    "no_gift_kinds": ("kinds", tuple(KIND_LABELS)),
    "mood": ("moods", tuple(MOOD_LABELS)),
    "system_purposes": ("purposes", PURPOSES),
    "salary_purposes": ("purposes", PURPOSES),
    "fee_purposes": ("purposes", PURPOSES),
    "loan_class": ("loan_classes", LOAN_CLASSES),
    "relation_kind": ("relations", RELATION_KINDS),
    "keep_family": ("relations", RELATION_KINDS),
    "keep_business": ("residents", RESIDENT_TYPES),
    "input": ("inputs", _RISK_INPUTS),
    "criterion": ("holds", tuple(HOLDS)),
    "component": ("", COMPONENTS),
    "basis": ("", BASES),
    "size_class": ("", SIZES),
    "side": ("", SIDES),
    "group": ("", RELATION_GROUPS),
    "role": ("roles", tuple(role.value for role in Role)),
    "offer": ("offers", tuple(OFFERS)),
    "products_asked": ("offers", tuple(OFFERS)),
    "said_of": ("outcomes", tuple(OUTCOMES)),
    "ledger_classes": ("destinations", tuple(DESTINATIONS)),
    "prompts": ("prompts", tuple(PROMPTS)),
    "event": ("events", tuple(EVENTS)),
    "asked_facts": ("facts", tuple(FACTS)),
    "fact": ("record_facts", tuple(RECORD_FACTS)),
    "formats": ("", tuple(FORMATS)),
    "assessed": ("assessed", tuple(ASSESSED)),
    **dict.fromkeys(("opened_by", "brought_by", "asked_by"), ("roles", tuple(role.value for role in Role))),
    "consent_channel": ("consents", tuple(CONSENTS)),
    "legal_basis": ("legal_bases", tuple(LEGAL_BASES)),
    "period": ("", tuple(PERIODS)),
    "origin": ("origins", tuple(TASK_ORIGINS)),
    "profile_facts": ("task_facts", tuple(TASK_FACTS)),
    "meaning": ("event_meanings", tuple(MEANINGS)),
    "use_for": ("event_purposes", tuple(EVENT_PURPOSES)),
    "property_type": ("event_types", tuple(PROPERTY_TYPES)),
    "event_sources": ("event_sources", tuple(EVENT_SOURCES)),
    # keys and values of maps
    "export_rows.": ("roles", tuple(role.value for role in Role)),
    "approved_rows.": ("roles", tuple(role.value for role in Role)),
    "channel_profiles.": ("", CHANNELS),
    "channel_profiles=": ("", PROFILES),
    "measures.": ("kinds", tuple(KIND_LABELS)),
    "measures=": ("", MEASURES),
    "renown_points.": ("renown", RENOWN_KINDS),
}


def language() -> str:
    """The reader's language as policies speak it: zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def label() -> str:
    """The entry in which a policy names a thing in the reader's language."""
    return f"label_{language()}"


def joined(parts: Iterable[str]) -> str:
    """Several words one after another, with the comma of the language."""
    return ("、" if language() == "zh" else ", ").join(parts)


def kind_name(kind: str) -> str:
    """A kind of policy in words."""
    return str(KINDS[kind][0]) if kind in KINDS else kind


def kind_about(kind: str) -> str:
    """What a kind of policy decides."""
    return str(KINDS[kind][1]) if kind in KINDS else ""


def entry_name(name: str) -> str:
    """An entry of a policy in words."""
    return str(ENTRIES.get(name, name.replace("_", " ")))


def code_name(vocabulary: str, code: str) -> str:
    """A code in words, by the labels of its vocabulary."""
    if vocabulary == "roles":
        return str(Role(code).label) if code in Role.values else code
    if vocabulary in _LABELS:
        return spoken.said(code, _LABELS[vocabulary], language())
    return str(_OTHERS.get(code) or _FAMILY_GROUP.get(code) or code.replace("_", " "))


def choices_of(name: str) -> list[tuple[str, str]]:
    """The codes that an entry may hold with their words; none when anything may stand there."""
    vocabulary, codes = VOCABULARIES.get(name, ("", ()))
    return [(code, code_name(vocabulary, code)) for code in codes]
