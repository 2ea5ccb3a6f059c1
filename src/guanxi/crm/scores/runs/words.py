"""What a run's codes are called on the screen: its states, stages, steps, views and findings."""

from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.crm.scores.models import AcceptanceState, RunState
from guanxi.insight.quality.rules import RULES, Outcome
from guanxi.insight.staging.contract import FILES
from guanxi.insight.staging.contract_words import without_zh
from guanxi.insight.staging.said import Said
from guanxi.insight.way import the_way

STATE_KINDS: Mapping[str, str] = {
    RunState.RUNNING: "accent",
    RunState.DONE: "green",
    RunState.FAILED: "red",
    RunState.STOPPED: "red",
    RunState.STALE: "grey",
}
STAGES: Mapping[str, Promise] = {
    "reading": gettext_lazy("Reading and checking the bank's files"),
    "core": gettext_lazy("Putting customers and accounts together"),
    "months": gettext_lazy("Month by month: wealth, tiers, stages, value"),
    "reports": gettext_lazy("Reports and lists"),
    "publishing": gettext_lazy("Publishing to the screens"),
}
READ = ("staged", "quality")
PACES: Mapping[str, str] = {"none": "core", "each": "months", "last": "reports"}
TABLES: Mapping[str, Promise] = {
    "core.account": gettext_lazy("Accounts"),
    "core.account_role": gettext_lazy("Who does what on an account"),
    "core.balance_change": gettext_lazy("Balance changes"),
    "core.holding": gettext_lazy("Who holds which share of an account"),
    "core.party": gettext_lazy("Customers"),
    "core.relation": gettext_lazy("Relations"),
    "core.unit_scope": gettext_lazy("Units with all below them"),
    "feature.account_margin": gettext_lazy("Margin by account"),
    "feature.account_month": gettext_lazy("Balances and averages by account"),
    "feature.activity_month": gettext_lazy("Own postings and log-ins"),
    "feature.contribution_month": gettext_lazy("Contribution by customer"),
    "feature.indicator_month": gettext_lazy("Inputs of the value card"),
    "feature.indicator_rank": gettext_lazy("Ranks of the value card"),
    "feature.joint_margin": gettext_lazy("Margin of joint accounts, divided"),
    "feature.joint_month": gettext_lazy("Joint accounts, divided"),
    "feature.wealth_day": gettext_lazy("Wealth on the reference days"),
    "feature.wealth_month": gettext_lazy("Wealth by customer"),
    "score.behaviour": gettext_lazy("Behaviour and preference"),
    "score.company_standing": gettext_lazy("Standing of companies"),
    "score.stage": gettext_lazy("Life-cycle stages"),
    "score.tier": gettext_lazy("Tiers"),
    "score.value_card": gettext_lazy("Value cards"),
    "report.account_band": gettext_lazy("Accounts by balance band"),
    "report.age_channel": gettext_lazy("Age × channel"),
    "feature.tier_hold": gettext_lazy("Conditions that hold a tier"),
    "report.attrition": gettext_lazy("Attrition by tier"),
    "report.care": gettext_lazy("Care given"),
    "report.save_rate": gettext_lazy("Cases beside look-alikes"),
    "report.concentration": gettext_lazy("Concentration"),
    "report.holding": gettext_lazy("Product holding"),
    "report.large_change": gettext_lazy("Large changes yesterday"),
    "report.maturity": gettext_lazy("Maturing soon"),
    "report.reminder": gettext_lazy("Account reminders"),
    "report.migration": gettext_lazy("Tier migration"),
    "report.near_line": gettext_lazy("Near a tier's line"),
    "report.reconciliation": gettext_lazy("Reconciliation"),
    "report.unit_band": gettext_lazy("Customers by wealth band"),
    "report.unit_day": gettext_lazy("Daily report"),
    "report.unit_tier": gettext_lazy("Customers by tier"),
    "core.link_name": gettext_lazy("Names as linkage compares them"),
    "core.link_key": gettext_lazy("What linkage compares of a customer"),
    "core.link_block": gettext_lazy("Values that bring customers together"),
    "core.link": gettext_lazy("Pairs that may be one person"),
    "core.cluster": gettext_lazy("Numbers grouped into one person"),
    "core.party_member": gettext_lazy("Customer numbers of each customer"),
    "core.party_source": gettext_lazy("Where each field of a customer comes from"),
    "core.household_hint": gettext_lazy("Suggested households"),
    "feature.outflow_day": gettext_lazy("Outflows by destination"),
    "feature.salary_month": gettext_lazy("Salaries by payer"),
    "feature.behaviour_month": gettext_lazy("What customers did online"),
    "feature.contact_month": gettext_lazy("Contacts and promises by month"),
    "feature.event_month": gettext_lazy("Last day of each deed"),
    "feature.signal_outflow": gettext_lazy("Signal: outflow"),
    "feature.signal_payroll": gettext_lazy("Signal: payroll stopped"),
    "feature.signal_maturity": gettext_lazy("Signal: matured, not renewed"),
    "feature.signal_habit": gettext_lazy("Signal: fewer log-ins, falling wealth"),
    "feature.signal_service": gettext_lazy("Signal: complaint, debit cancelled, early withdrawal"),
    "feature.leaving_month": gettext_lazy("What the model of leaving knows"),
    "feature.lifetime_cell": gettext_lazy("What a tier brings and loses"),
    "feature.family_held": gettext_lazy("Product families ever held"),
    "feature.need_cell": gettext_lazy("What peers took"),
    "feature.need_product": gettext_lazy("Products to name by grade"),
    "score.scope": gettext_lazy("Managed scope"),
    "score.signal": gettext_lazy("Signals of leaving"),
    "score.churn_label": gettext_lazy("Labels of leaving"),
    "score.leaving": gettext_lazy("Chance of leaving"),
    "score.need_chance": gettext_lazy("Chance of a next need"),
    "score.warning": gettext_lazy("Warnings"),
    "score.lifetime": gettext_lazy("Lifetime value"),
    "score.potential": gettext_lazy("Potential"),
    "score.segment_fact": gettext_lazy("Facts for segments"),
    "score.next_need": gettext_lazy("Next need"),
    "score.credit": gettext_lazy("Credit lines"),
    "report.channel_use": gettext_lazy("Channel substitution"),
    "report.credit_coverage": gettext_lazy("Rating and credit coverage"),
    "feature.keeper_month": gettext_lazy("Keepers by month"),
    "score.relation_index": gettext_lazy("Four indices of a relationship"),
    "report.book_index": gettext_lazy("Indices by book"),
    "report.book_flow": gettext_lazy("Books month by month"),
    "report.standing": gettext_lazy("Standings under the policies"),
    "report.problem": gettext_lazy("Problem customers"),
    "report.lifetime_check": gettext_lazy("Lifetime value, checked"),
    "effect.outcome": gettext_lazy("What became of a campaign's customers"),
    "effect.readout": gettext_lazy("Read-outs of campaigns"),
}
PUBLISHED: Mapping[str, Promise] = {
    "catalog_product": gettext_lazy("Products"),
    "catalog_productheld": gettext_lazy("Products held"),
    "customers_party": gettext_lazy("Customers"),
    "customers_namegram": gettext_lazy("Search index of names"),
    "customers_identifier": gettext_lazy("Documents and cards"),
    "customers_contactpoint": gettext_lazy("Contact points"),
    "customers_consent": gettext_lazy("Consent"),
    "customers_relation": gettext_lazy("Relations"),
    "customers_holding": gettext_lazy("Holdings"),
    "customers_credit": gettext_lazy("Credit"),
    "scores_partyscore": gettext_lazy("Scores"),
    "scores_partyhistory": gettext_lazy("Months of wealth"),
    "scores_tierhistory": gettext_lazy("Tiers before"),
    "scores_accountband": TABLES["report.account_band"],
    "scores_agechannel": TABLES["report.age_channel"],
    "scores_attrition": TABLES["report.attrition"],
    "scores_care": TABLES["report.care"],
    "scores_saverate": TABLES["report.save_rate"],
    "scores_concentration": TABLES["report.concentration"],
    "scores_holdingcount": TABLES["report.holding"],
    "scores_largechange": TABLES["report.large_change"],
    "scores_maturity": TABLES["report.maturity"],
    "scores_migration": TABLES["report.migration"],
    "scores_nearline": TABLES["report.near_line"],
    "scores_unitband": TABLES["report.unit_band"],
    "scores_unitday": TABLES["report.unit_day"],
    "scores_unittier": TABLES["report.unit_tier"],
    "scores_partyneed": TABLES["score.next_need"],
    "scores_peerneed": TABLES["feature.need_cell"],
    "scores_lifetimecheck": TABLES["report.lifetime_check"],
    "scores_channeluse": TABLES["report.channel_use"],
    "scores_creditcoverage": TABLES["report.credit_coverage"],
    "scores_bookflow": TABLES["report.book_flow"],
    "scores_bookindex": TABLES["report.book_index"],
    "scores_standing": TABLES["report.standing"],
    "scores_lifetimecell": TABLES["feature.lifetime_cell"],
    "scores_problem": TABLES["report.problem"],
    "foresight_signal": TABLES["score.signal"],
    "foresight_warning": TABLES["score.warning"],
    "interactive.fact": TABLES["score.segment_fact"],
    "effects_effectreadout": TABLES["effect.readout"],
    "worklist_task": gettext_lazy("Tasks opened"),
    "performance_personfigure": gettext_lazy("Figures of people's work"),
}
VIEWS: Mapping[str, Promise] = {
    "customers": gettext_lazy("By customer"),
    "account_outlets": gettext_lazy("By account outlet"),
    "managing_outlets": gettext_lazy("By managing outlet"),
    "extract": gettext_lazy("In the bank's files"),
    "left_out": gettext_lazy("Left out: closed, refused or without owner"),
}
SEVERITIES: Mapping[str, tuple[Promise, str]] = {
    "refused": (gettext_lazy("refused"), "red"),
    "marked": (gettext_lazy("marked, counted"), "amber"),
    "stopped": (gettext_lazy("stopped the night"), "red"),
}
ACCEPTANCE_KINDS: Mapping[str, str] = {
    AcceptanceState.ASKED: "amber",
    AcceptanceState.ACCEPTED: "green",
    AcceptanceState.REFUSED: "red",
}
AFTERWARDS: Mapping[Outcome, Promise] = {
    Outcome.REFUSED: gettext_lazy("The row goes to quarantine, the rest goes on."),
    Outcome.MARKED: gettext_lazy("The row counts, with a mark."),
    Outcome.EITHER: gettext_lazy("Refused where the column is needed or is money, else marked."),
    Outcome.STOPS: gettext_lazy("The night stops; yesterday's figures stand."),
}
_FILES = {file.name: file for file in FILES}


def chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh").startswith("zh")


def file_name(name: str) -> str:
    """A contract file in words: 账户, or accounts."""
    file = _FILES.get(name)
    return file.label if file and chinese() else name.replace("_", " ")


def lost_without(name: str) -> str:
    """What the screens lose without this contract file; empty for one the contract does not know."""
    file = _FILES.get(name)
    if file is None:
        return ""
    return without_zh(name) if chinese() else file.without


def table_name(name: str) -> str:
    """A step's table in words; its technical name where there are none."""
    family, _dot, noun = name.partition(".")
    if family == "staged":
        return file_name(noun)
    label = TABLES.get(name) or PUBLISHED.get(name)
    return str(label) if label else name


@cache
def _stages() -> dict[str, str]:
    return {step.name: PACES[step.months] for step in the_way()}


def stage_of(table: str) -> str:
    """The stage a step belongs to, as the way runs it; the store's own tables are written by publishing."""
    return "reading" if table.startswith(READ) else _stages().get(table, "publishing")


def stage_name(stage: str) -> str:
    """A stage in words; the monthly one calls itself by its number of months ("25 months")."""
    key = "months" if stage.endswith(" months") else stage
    return str(STAGES.get(key, stage))


def rule_meaning(rule: str) -> str:
    """What a quality rule finds, in the reader's language; its name when the catalogue lacks it."""
    known = RULES.get(rule)
    if known is None:
        return rule
    return known.zh if chinese() else known.en


def rule_outcome(rule: str) -> str:
    """What then happens to the row or the night."""
    known = RULES.get(rule)
    return str(AFTERWARDS[known.outcome]) if known else ""


def sentence_of(note: Mapping[str, object]) -> str:
    """A note of the run as a sentence in the reader's language; empty for notes that say nothing to people."""
    if {"where", "en", "zh"} <= note.keys():
        said = Said(str(note["where"]), str(note["en"]), str(note["zh"]))
        return said.words("zh" if chinese() else "en")
    if note.get("reason"):
        return str(note["reason"])
    if note.get("moved"):
        return _("%(count)s customers hold another tier than before this correction.") % {
            "count": note["moved"]
        }
    return ""
