"""What roles may see and do, as sentences for the page of a person."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.organisation.models import Area, Role, UnitKind
from guanxi.crm.organisation.rules import ROLE_RULES, Right, Sight

SIGHTS: Mapping[Sight, Promise] = {
    Sight.NONE: gettext_lazy("sees no customer"),
    Sight.BOOK: gettext_lazy("sees the customers they keep"),
    Sight.UNITS: gettext_lazy("sees the customers of their unit and all below it"),
    Sight.BANK: gettext_lazy("sees the whole bank without names"),
}
RIGHTS: Mapping[Right, Promise] = {
    Right.SEE_CUSTOMERS: gettext_lazy("opens customer pages"),
    Right.REVEAL: gettext_lazy("shows a phone or identity number in full, with a reason"),
    Right.EXPORT_CUSTOMERS: gettext_lazy("takes customer lists as files"),
    Right.ASSIGN_KEEPER: gettext_lazy("assigns customers and sets leave cover"),
    Right.RESOLVE_IDENTITY: gettext_lazy("decides which customer numbers are one person"),
    Right.USE_SEGMENTS: gettext_lazy("makes segments of customers and counts them"),
    Right.SEE_DAILY: gettext_lazy("reads the daily report and the three lists"),
    Right.SEE_STRUCTURE: gettext_lazy("reads the customer analysis"),
    Right.SEE_RUNS: gettext_lazy("reads runs and data quality"),
    Right.SEE_POLICIES: gettext_lazy("reads the policies"),
    Right.PROPOSE_POLICY: gettext_lazy("proposes changes of policy"),
    Right.APPROVE_POLICY: gettext_lazy("decides about other people's proposals"),
    Right.SEE_PEOPLE: gettext_lazy("reads units and people"),
    Right.CHANGE_PEOPLE: gettext_lazy("changes people, posts and passwords"),
    Right.APPROVE_POSTS: gettext_lazy("grants posts that others ask for"),
    Right.SEE_AUDIT: gettext_lazy("reads the trail: who saw, changed and took what"),
    Right.LOG_CONTACTS: gettext_lazy("logs contacts and promises"),
    Right.SEE_WORKLIST: gettext_lazy("has a list of the day"),
    Right.ASSIGN_WORK: gettext_lazy("hands out work and changes who does it"),
    Right.KEEP_CASES: gettext_lazy("works retention cases"),
    Right.APPROVE_OFFERS: gettext_lazy("approves offers above a manager's own authority"),
    Right.PLAN_VISITS: gettext_lazy("plans and records visits"),
    Right.CONFIRM_PLANS: gettext_lazy("confirms day and week plans"),
    Right.DECIDE_KEEPING: gettext_lazy("decides about assignment, hand-over, exits and tier exceptions"),
    Right.HAND_IN_LEADS: gettext_lazy("hands in leads"),
    Right.WORK_LEADS: gettext_lazy("claims and works leads"),
    Right.ALLOCATE_LEADS: gettext_lazy("publishes and allocates leads"),
    Right.ADVISE: gettext_lazy("takes joint cases and writes proposals"),
    Right.ASK_PLANNER: gettext_lazy("asks a wealth planner for a joint case"),
    Right.SERVE_COUNTER: gettext_lazy("identifies customers at the counter"),
    Right.SEE_TEAM_WORK: gettext_lazy("sees the team's work, due and done"),
    Right.COACH: gettext_lazy("coaches people and holds the weekly meeting"),
    Right.SEE_MESSAGES: gettext_lazy("reads what is sent to customers and what became of it"),
    Right.WRITE_MESSAGES: gettext_lazy("writes message templates"),
    Right.APPROVE_MESSAGES: gettext_lazy("approves other people's message templates"),
    Right.RUN_CHANNELS: gettext_lazy("switches channels on and off"),
    Right.SEE_CAMPAIGNS: gettext_lazy("reads campaigns"),
    Right.MAKE_CAMPAIGNS: gettext_lazy("makes campaigns and hands them in"),
    Right.APPROVE_CAMPAIGNS: gettext_lazy("approves other people's campaigns"),
    Right.SEE_EFFECTS: gettext_lazy("reads what campaigns did"),
    Right.RUN_SURVEYS: gettext_lazy("makes surveys and sends them"),
    Right.SEE_SURVEYS: gettext_lazy("reads what customers answered in surveys"),
    Right.RUN_SALONS: gettext_lazy("holds salons: invites, checks in, follows up"),
    Right.USE_WORKBENCH: gettext_lazy("asks de-identified data of the whole bank"),
    Right.HAND_IN_REQUESTS: gettext_lazy("hands in a customer's request about personal information"),
    Right.HANDLE_REQUESTS: gettext_lazy("answers requests about personal information and handles incidents"),
    Right.SEE_PROCESSORS: gettext_lazy("reads the register of processors"),
    Right.KEEP_PROCESSORS: gettext_lazy("enters processors and ends their contracts"),
    Right.APPROVE_PROCESSORS: gettext_lazy("approves processors that others entered"),
    Right.APPROVE_EXPORTS: gettext_lazy("approves files above what a role may take"),
    Right.SEE_ASSESSMENTS: gettext_lazy("reads impact assessments and ends them"),
    Right.WRITE_ASSESSMENTS: gettext_lazy("writes impact assessments"),
    Right.APPROVE_ASSESSMENTS: gettext_lazy("approves impact assessments of others"),
    Right.KEEP_TOKENS: gettext_lazy("gives out and ends tokens of the open API"),
    Right.GIVE_CARE: gettext_lazy("writes down gifts, news of customers and their suggestions"),
    Right.APPROVE_GIFTS: gettext_lazy("approves gifts of other people"),
    Right.ANSWER_VOICES: gettext_lazy("answers suggestions of customers for head office"),
}


def role_name(role: str) -> str:
    """A role in words."""
    return str(Role(role).label) if role in Role.values else role


def unit_kind(kind: str, area: str | None) -> str:
    """A unit's level, and where an outlet stands."""
    level = str(UnitKind(kind).label) if kind in UnitKind.values else kind
    return f"{level} · {Area(area).label}" if area in Area.values else level


def sight_of(role: str) -> str:
    """How far a role sees, as one sentence; an outlet's own counter staff see their outlet, masked."""
    rule = ROLE_RULES[role]
    said = str(SIGHTS[rule.sight])
    if rule.sight is Sight.NONE:
        return said
    return said + (_("; phone and identity numbers stay masked") if rule.masked else "")


def rights_of(role: str) -> list[str]:
    """What a role may do, one short sentence each."""
    rule = ROLE_RULES[role]
    return [str(said) for right, said in RIGHTS.items() if right in rule.rights]


def conflicts_of(roles: Iterable[str]) -> str:
    """A sentence when somebody holds posts that should be apart; empty otherwise."""
    rights = {right for role in roles for right in ROLE_RULES[role].rights}
    if Right.CHANGE_PEOPLE in rights and Right.SEE_CUSTOMERS in rights:
        return _("These posts together change people and see customers; they should be two persons' posts.")
    if Right.SEE_AUDIT in rights and rights & {
        Right.CHANGE_PEOPLE,
        Right.APPROVE_POLICY,
        Right.SEE_CUSTOMERS,
    }:
        return _("Who checks the trail should hold no post that the trail is about.")
    return ""
