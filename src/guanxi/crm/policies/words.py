"""What kinds of policy, their entries and their codes are called on the screen."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.models import Role
from guanxi.crm.policies.models import State
from guanxi.insight.policies import words as spoken
from guanxi.insight.policies.aum import COMPONENTS, FAMILY_LABELS, KIND_LABELS
from guanxi.insight.policies.behaviour import CHANNELS, PROFILES, PURPOSES
from guanxi.insight.policies.churn import LABELS
from guanxi.insight.policies.contribution import LOAN_CLASSES, SIDES
from guanxi.insight.policies.scope import RESIDENT_LABELS, RESIDENT_TYPES
from guanxi.insight.policies.stage import MEASURES
from guanxi.insight.policies.suitability import CUSTOMER_GRADES, PRODUCT_GRADES
from guanxi.insight.policies.suitability import FAMILIES as GRADED_FAMILIES
from guanxi.insight.policies.tier import BASES, SIZES
from guanxi.insight.policies.value import CODED_INPUTS, RELATION_GROUPS, RELATION_KINDS, RENOWN_KINDS
from guanxi.insight.policies.warning import DESTINATIONS, SIGNALS
from guanxi.insight.staging.contract import FAMILIES

KINDS: Mapping[str, tuple[Promise, Promise]] = {
    "identity": (
        _("Merging customers"),
        _("When two customer numbers are one person, and whose entry counts"),
    ),
    "tier": (_("Tiers"), _("Who is in which tier, by which lines, and how one comes down")),
    "scope": (_("Managed scope"), _("Whom a manager keeps, how one leaves, and what it costs in minutes")),
    "stage": (_("Life-cycle stages"), _("When a customer is new, growing, declining, lost or won back")),
    "value": (_("Value card"), _("Weights of contribution, risk, renown and relatedness")),
    "contribution": (_("Contribution"), _("Margins, expected loss, taxes and the cost to serve")),
    "aum": (_("What counts as wealth"), _("Which products count, for whom, and how old a rate may be")),
    "behaviour": (_("Behaviour and preference"), _("Own postings, active channels, preference, ages")),
    "lists": (_("Daily lists and bands"), _("Large changes, maturities, near lines, balance bands")),
    "warning": (_("Early warning"), _("When each signal speaks, and how short the list stays")),
    "churn": (_("What counts as leaving"), _("The four labels, and how the scorer is trained")),
    "relation": (_("Employers from salaries"), _("When salary payments make somebody an employee")),
    "quality": (_("Gates of the night"), _("How far files may differ before the night stops")),
    "lifetime": (
        _("Lifetime value and potential"),
        _("What a relationship may still bring, and who is a peer"),
    ),
    "need": (_("Next need"), _("Which families are looked at, and what holds an offer back")),
    "suitability": (_("Suitability"), _("Which product grades may be offered to whom")),
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
ENTRIES: Mapping[str, Promise] = {
    "agreements": _("Evidence by field and level"),
    "block_most": _("Shared by more, a value brings nobody together"),
    "duplicate_share": _("Pairs of one person expected for each customer"),
    "field": _("Field"),
    "household_most": _("People of a name at one address, at most"),
    "least_linked": _("Linked share of a group at least"),
    "level": _("Agreement"),
    "m": _("How often one person's records agree so"),
    "merge_from": _("Merges by itself from"),
    "most_members": _("Numbers of one person at most"),
    "review_from": _("A person decides from"),
    "sources": _("Files whose entries count, the first most"),
    "account_bands": _("Balance bands of accounts"),
    "active_within_days": _("Recency counts within"),
    "adult_age": _("Of age from"),
    "age_bands": _("Age bands"),
    "asleep_days": _("Asleep after days without own posting"),
    "at_least": _("At least"),
    "at_most": _("At most"),
    "at_stake_amount": _("Listed from this much at stake"),
    "aum_bands": _("Wealth bands of customers"),
    "balanced_below": _("Balanced: each share below"),
    "balanced_families": _("Balanced: product families at least"),
    "band": _("Number"),
    "bands": _("Tiers of this scheme"),
    "base_floor": _("A base below this is noise"),
    "basis": _("Judged by"),
    "batch_people": _("An employer's people missing at least"),
    "batch_share": _("An employer's people missing at least this share"),
    "book_share": _("At most this share of a book leaves in a quarter"),
    "budget": _("New warnings per manager and day"),
    "by_area": _("town and country apart"),
    "by_size": _("sizes apart"),
    "calibration_months": _("Months that calibrate"),
    "capacity": _("Calls a manager has a month"),
    "capacity_minutes": _("A keeper's minutes a month"),
    "least_peers": _("Fewest peers shown"),
    "cell_weight": _("Customers of the bank mixed in"),
    "change_amount": _("Changed: by at least"),
    "change_share": _("Changed: by at least this share"),
    "channel_profiles": _("Channels and their profile"),
    "closing_days": _("A closing request counts for"),
    "code": _("Code"),
    "colour": _("Colour"),
    "complaint_days": _("Nothing offered after a complaint for"),
    "component": _("Component"),
    "contact_days": _("Contact every"),
    "customer_kind": _("Customer kind"),
    "customer_kinds": _("Customer kinds"),
    "day_basis": _("Days of the year"),
    "debit_days": _("A cancelled debit counts for"),
    "declining_share": _("Declining: at most this share of the base"),
    "default_lgd": _("Loss when defaulted, where unknown"),
    "default_pd": _("Default probability, where unknown"),
    "default_rate": _("Rate, where unknown"),
    "deposit_share": _("Leans on deposits from"),
    "destination": _("Destination"),
    "discount_rate": _("Discount a year"),
    "dormant_days": _("Dormant after"),
    "drift_limit": _("Drift (PSI) at most"),
    "early_days": _("An early withdrawal counts for"),
    "earns": _("interest counts"),
    "enter_from": _("In scope from"),
    "entitlements": _("Entitlements"),
    "exit_base": _("Exit: from at least"),
    "exit_below": _("Exit: to less than"),
    "exit_months": _("Out after closed months below"),
    "export_rows": _("Rows of one file by role"),
    "families": _("Product families"),
    "family": _("Product family"),
    "fee_purposes": _("Postings that are fees"),
    "fee_share": _("Leans on services from"),
    "festival_days": _("Pay day near a festival: within"),
    "festival_grace_days": _("Grace near a festival"),
    "festivals": _("Spring Festivals"),
    "few_rows": _("Rows that never stop a night"),
    "frequency_months": _("Frequency looks back"),
    "fx_stale_days": _("A rate is too old after"),
    "graded_families": _("Product families that need a grade"),
    "group": _("Counted under"),
    "grow_share": _("A file may grow by"),
    "growing_days": _("Growing: within days of opening"),
    "growth_amount": _("Growing: by at least"),
    "growth_share": _("Growing: by at least this share"),
    "has_term": _("has a term"),
    "high_risk_from": _("High risk from"),
    "highest_product": _("Customer grade and the highest product grade"),
    "hysteresis": _("comes down only after those months"),
    "idle_amount": _("Idle money from"),
    "idle_share": _("Idle money, share of AUM from"),
    "in_concentration": _("in the 80/20 curve"),
    "input": _("Input"),
    "keep_business": _("Stay as business owners"),
    "keep_family": _("Stay with family in scope"),
    "keep_with_loan": _("stay with a loan"),
    "label_en": _("English name"),
    "label_zh": _("Chinese name"),
    "large_change_amount": _("Large change: at least"),
    "large_change_share": _("Large change: at least this share"),
    "leaving": _("Destinations that count as leaving"),
    "likely_share": _("Share of likeliest leavers warned of"),
    "line_limit": _("Longest line"),
    "listed_days": _("A warning stays listed for"),
    "loan_class": _("Loan class"),
    "loan_classes": _("Loan classes"),
    "loan_share": _("Leans on loans from"),
    "log_in_days": _("Log-in days needed in the 90 before"),
    "log_in_share": _("Log-ins down to at most this share"),
    "loss_base": _("Asset loss: from at least"),
    "loss_months": _("Months of losses counted"),
    "loss_share": _("Asset loss: down to this share"),
    "lost_ceiling": _("Lost: and below this amount"),
    "lost_share": _("Lost: below this share of the base"),
    "lower": _("At least"),
    "managed": _("kept by a manager"),
    "matured_amount": _("Matured: at least"),
    "matured_days": _("Matured within"),
    "matured_families": _("Matured: product families"),
    "maturing_days": _("Matures within"),
    "maturity_days": _("Maturing: days ahead"),
    "maturity_families": _("Maturing: product families"),
    "measures": _("Judged by, for each customer kind"),
    "medium_risk_from": _("Medium risk from"),
    "min_mobile_log_ins": _("Mobile active: log-ins a month"),
    "min_web_log_ins": _("Web active: log-ins a month"),
    "minutes": _("Minutes a month"),
    "months": _("Months ahead"),
    "months_to_fall": _("Falls after"),
    "name": _("Name"),
    "near_above_share": _("Near a line: at most above"),
    "near_below_share": _("Near a line: at most below"),
    "new_family_days": _("Growing: new product within"),
    "notice_days": _("Told before"),
    "on": _("speaks"),
    "outflow_amount": _("Outflow: at least"),
    "outflow_deviations": _("Outflow: standard deviations above usual"),
    "outflow_posting": _("Postings looked at from"),
    "outflow_share": _("Outflow: at least this share of wealth"),
    "outflow_spread": _("Outflow: least spread, as a share of wealth"),
    "payees": _("Words in payee banks"),
    "payroll_credits": _("Salaries needed"),
    "payroll_cycles": _("Pay: cycles before"),
    "payroll_days": _("Within days"),
    "payroll_forget_days": _("Pay: forgotten after"),
    "payroll_grace_days": _("Pay: grace"),
    "pd": _("Default probability"),
    "peer_families": _("Peers hold product families of at least"),
    "peers": _("Peers at least"),
    "points": _("Points"),
    "preference_tenure_days": _("Preference only after days as customer"),
    "priced_as": _("Priced as"),
    "professional_highest": _("Professional investors up to"),
    "profile_months": _("Main channel looks back"),
    "profile_share": _("Main channel from"),
    "quarantine_share": _("Rows that may be quarantined"),
    "quiet_days": _("Once listed, quiet for"),
    "rank": _("Rank"),
    "reason_share": _("Reasons for the likeliest share"),
    "relation_kind": _("Relation"),
    "relations": _("Relations and their weight"),
    "renewed_share": _("Renewed from this share"),
    "renown_points": _("Points of renown"),
    "resting_families": _("Held, they excuse sleep"),
    "reveals_a_day": _("Numbers shown in full a day before it is reported"),
    "risk_bands": _("Risk points by figure"),
    "risk_codes": _("Risk points by class or grade"),
    "rows_listed": _("Findings listed for each rule and file"),
    "salary_lines": _("Salary bands, a year"),
    "salary_purposes": _("Postings that are salaries"),
    "scheme": _("Scheme"),
    "schemes": _("Schemes"),
    "segments": _("Segments"),
    "senior_age": _("Special care from the age of"),
    "senior_confirmed_from": _("From that age a second person confirms from"),
    "service_cost_year": _("Cost to serve, a year"),
    "services": _("Minutes by tier"),
    "shrink_months": _("Months of the tier's mean mixed in"),
    "shrink_share": _("A file may shrink by"),
    "side": _("Side"),
    "signal": _("Signal"),
    "signals": _("Signals"),
    "size_class": _("Size"),
    "slope_amount": _("Wealth fell by at least"),
    "slope_share": _("Wealth fell by at least this share"),
    "stability": _("Weight of stability"),
    "standing": _("Points of companies"),
    "start": _("From age"),
    "surtax_share": _("Surtax on margin and fees"),
    "system_purposes": _("Postings the bank makes itself"),
    "test_months": _("Months that judge"),
    "tier": _("Tier code"),
    "to": _("To age"),
    "train_every_months": _("Train every"),
    "train_label": _("Label learnt"),
    "trial_days": _("On trial: within days of opening"),
    "urgency": _("Urgency (1-5)"),
    "value": _("Weight of value"),
    "volume": _("Weight of volume"),
    "weight": _("Weight"),
    "weight_contribution": _("Weight of contribution"),
    "weight_relatedness": _("Weight of relatedness"),
    "weight_renown": _("Weight of renown"),
    "weight_risk": _("Weight of risk"),
    "window_days": _("Days looked back"),
    "won_back_months": _("Won back: kept for"),
    "won_back_share": _("Won back: at least this share of the old base"),
    "word": _("Word"),
    "worse_share": _("Listed again when this share more is at stake"),
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
    "destinations": DESTINATIONS,
    "labels": LABELS,
    "residents": RESIDENT_LABELS,
}
VOCABULARIES: Mapping[str, tuple[str, Iterable[str]]] = {
    "signal": ("signals", tuple(SIGNALS)),
    "destination": ("destinations", tuple(DESTINATIONS)),
    "leaving": ("destinations", tuple(DESTINATIONS)),
    "matured_families": ("families", FAMILIES),
    "train_label": ("labels", tuple(LABELS)),
    # entry -> (whose labels, codes that may stand there)
    "family": ("families", FAMILIES),
    "graded_families": ("families", GRADED_FAMILIES),
    "highest_product.": ("grades", CUSTOMER_GRADES),
    "highest_product=": ("", PRODUCT_GRADES),
    "professional_highest": ("", PRODUCT_GRADES),
    "senior_confirmed_from": ("", PRODUCT_GRADES),
    "priced_as": ("families", FAMILIES),
    "maturity_families": ("families", FAMILIES),
    "resting_families": ("families", FAMILIES),
    "customer_kind": ("kinds", tuple(KIND_LABELS)),
    "customer_kinds": ("kinds", tuple(KIND_LABELS)),
    "system_purposes": ("purposes", PURPOSES),
    "salary_purposes": ("purposes", PURPOSES),
    "fee_purposes": ("purposes", PURPOSES),
    "loan_class": ("loan_classes", LOAN_CLASSES),
    "relation_kind": ("relations", RELATION_KINDS),
    "keep_family": ("relations", RELATION_KINDS),
    "keep_business": ("residents", RESIDENT_TYPES),
    "input": ("inputs", _RISK_INPUTS),
    "component": ("", COMPONENTS),
    "basis": ("", BASES),
    "size_class": ("", SIZES),
    "side": ("", SIDES),
    "group": ("", RELATION_GROUPS),
    # keys and values of maps
    "export_rows.": ("roles", tuple(role.value for role in Role)),
    "channel_profiles.": ("", CHANNELS),
    "channel_profiles=": ("", PROFILES),
    "measures.": ("kinds", tuple(KIND_LABELS)),
    "measures=": ("", MEASURES),
    "renown_points.": ("renown", RENOWN_KINDS),
}


def language() -> str:
    """The reader's language as policies speak it: zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


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
