"""What a post lets a person do and how far it lets them see. Plain values in, plain values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Right(StrEnum):
    """What a page or a deed asks for, before it asks about which customer."""

    SEE_CUSTOMERS = "customers.see"
    REVEAL = "customers.reveal"
    EXPORT_CUSTOMERS = "customers.export"
    ASSIGN_KEEPER = "customers.assign"
    USE_SEGMENTS = "segments.use"
    RESOLVE_IDENTITY = "identity.resolve"
    SEE_DAILY = "daily.see"
    SEE_STRUCTURE = "structure.see"
    SEE_RUNS = "runs.see"
    SEE_POLICIES = "policies.see"
    PROPOSE_POLICY = "policies.propose"
    APPROVE_POLICY = "policies.approve"
    SEE_PEOPLE = "people.see"
    CHANGE_PEOPLE = "people.change"
    APPROVE_POSTS = "people.approve"
    SEE_AUDIT = "audit.see"
    LOG_CONTACTS = "contacts.log"
    SEE_WORKLIST = "worklist.see"
    ASSIGN_WORK = "worklist.assign"
    KEEP_CASES = "retention.keep"
    APPROVE_OFFERS = "retention.approve"
    PLAN_VISITS = "visits.plan"
    CONFIRM_PLANS = "visits.confirm"
    DECIDE_KEEPING = "keeping.decide"
    HAND_IN_LEADS = "leads.hand_in"
    WORK_LEADS = "leads.work"
    ALLOCATE_LEADS = "leads.allocate"
    ADVISE = "planning.advise"
    ASK_PLANNER = "planning.ask"
    SERVE_COUNTER = "counter.serve"
    SEE_TEAM_WORK = "performance.team"
    COACH = "performance.coach"
    SEE_MESSAGES = "messages.see"
    WRITE_MESSAGES = "messages.write"
    APPROVE_MESSAGES = "messages.approve"
    RUN_CHANNELS = "channels.run"
    SEE_CAMPAIGNS = "campaigns.see"
    MAKE_CAMPAIGNS = "campaigns.make"
    APPROVE_CAMPAIGNS = "campaigns.approve"
    SEE_EFFECTS = "effects.see"
    RUN_SURVEYS = "surveys.run"
    SEE_SURVEYS = "surveys.see"
    RUN_SALONS = "salons.run"
    KEEP_TOKENS = "openapi.tokens"
    GIVE_CARE = "care.give"
    APPROVE_GIFTS = "care.approve"
    ANSWER_VOICES = "care.answer"
    USE_WORKBENCH = "workbench.use"
    HAND_IN_REQUESTS = "compliance.hand_in"
    HANDLE_REQUESTS = "compliance.handle"
    SEE_PROCESSORS = "processors.see"
    KEEP_PROCESSORS = "processors.keep"
    APPROVE_PROCESSORS = "processors.approve"
    APPROVE_EXPORTS = "exports.approve"
    SEE_ASSESSMENTS = "assessments.see"
    WRITE_ASSESSMENTS = "assessments.write"
    APPROVE_ASSESSMENTS = "assessments.approve"


class Sight(StrEnum):
    """How far a role sees: nobody, one's own book, one's unit and those below it, the whole legal entity."""

    NONE = "none"
    BOOK = "book"
    UNITS = "units"
    BANK = "bank"


WIDTH = (Sight.NONE, Sight.BOOK, Sight.UNITS, Sight.BANK)

_WORKING = {
    Right.LOG_CONTACTS,
    Right.SEE_WORKLIST,
    Right.HAND_IN_LEADS,
    Right.GIVE_CARE,
    Right.HAND_IN_REQUESTS,
}
_MANAGER = _WORKING | {
    *(Right.SEE_CUSTOMERS, Right.REVEAL, Right.EXPORT_CUSTOMERS, Right.USE_SEGMENTS),
    *(Right.SEE_DAILY, Right.SEE_POLICIES),
    *(Right.KEEP_CASES, Right.PLAN_VISITS, Right.WORK_LEADS, Right.ASK_PLANNER),
    *(Right.SEE_CAMPAIGNS, Right.RUN_SALONS),
}
_COUNTER = _WORKING | {Right.SEE_CUSTOMERS, Right.SEE_POLICIES, Right.SERVE_COUNTER}
_HEAD = _MANAGER | {
    *(Right.ASSIGN_KEEPER, Right.SEE_STRUCTURE, Right.SEE_PEOPLE, Right.RESOLVE_IDENTITY),
    *(
        Right.ASSIGN_WORK,
        Right.APPROVE_OFFERS,
        Right.CONFIRM_PLANS,
        Right.DECIDE_KEEPING,
        Right.ALLOCATE_LEADS,
    ),
    *(Right.SERVE_COUNTER, Right.SEE_TEAM_WORK, Right.COACH, Right.APPROVE_GIFTS, Right.APPROVE_EXPORTS),
    *(Right.SEE_MESSAGES, Right.MAKE_CAMPAIGNS, Right.SEE_EFFECTS, Right.SEE_SURVEYS),
}
# Who may hold up or let go what reaches customers of the whole bank.
_DECIDING = {
    *(Right.APPROVE_MESSAGES, Right.RUN_CHANNELS, Right.APPROVE_CAMPAIGNS),
    *(Right.WRITE_MESSAGES, Right.RUN_SURVEYS, Right.ANSWER_VOICES, Right.USE_WORKBENCH),
}


@dataclass(frozen=True)
class RoleRule:
    """What one role may do and how far it sees; `masked`: protected values stay masked, whatever the reason."""

    sight: Sight
    rights: frozenset[Right] = frozenset()
    masked: bool = True


ROLE_RULES: Mapping[str, RoleRule] = {
    "relationship_manager": RoleRule(Sight.BOOK, frozenset(_MANAGER), masked=False),
    "corporate_manager": RoleRule(Sight.BOOK, frozenset(_MANAGER), masked=False),
    "planner": RoleRule(Sight.BOOK, frozenset(_MANAGER | {Right.ADVISE}), masked=False),
    "teller": RoleRule(Sight.UNITS, frozenset(_COUNTER)),
    "lobby": RoleRule(Sight.UNITS, frozenset(_COUNTER)),
    "outlet_head": RoleRule(Sight.UNITS, frozenset(_HEAD), masked=False),
    "supervisor": RoleRule(
        Sight.UNITS,
        frozenset(_HEAD | _DECIDING | {Right.SEE_RUNS, Right.PROPOSE_POLICY, Right.APPROVE_POLICY}),
        masked=False,
    ),
    "analyst": RoleRule(
        Sight.BANK,
        frozenset(
            {
                Right.SEE_CUSTOMERS,
                Right.EXPORT_CUSTOMERS,
                Right.USE_SEGMENTS,
                Right.USE_WORKBENCH,
                Right.SEE_DAILY,
                Right.SEE_STRUCTURE,
                Right.SEE_RUNS,
                Right.SEE_POLICIES,
                Right.PROPOSE_POLICY,
                Right.HAND_IN_LEADS,
                Right.SEE_MESSAGES,
                Right.WRITE_MESSAGES,
                Right.SEE_CAMPAIGNS,
                Right.MAKE_CAMPAIGNS,
                Right.SEE_EFFECTS,
                Right.SEE_SURVEYS,
                Right.RUN_SURVEYS,
                Right.RUN_SALONS,
                *(Right.SEE_ASSESSMENTS, Right.WRITE_ASSESSMENTS),
            }
        ),
    ),
    "administrator": RoleRule(
        Sight.NONE,
        frozenset(
            {
                Right.SEE_RUNS,
                Right.SEE_POLICIES,
                Right.PROPOSE_POLICY,
                Right.APPROVE_POLICY,
                Right.SEE_PEOPLE,
                Right.CHANGE_PEOPLE,
                Right.APPROVE_POSTS,
                Right.SEE_MESSAGES,
                Right.RUN_CHANNELS,
                Right.KEEP_TOKENS,
                *(Right.SEE_PROCESSORS, Right.KEEP_PROCESSORS, Right.APPROVE_PROCESSORS),
                *(Right.SEE_ASSESSMENTS, Right.WRITE_ASSESSMENTS),
            }
        ),
    ),
    "compliance": RoleRule(
        Sight.NONE,
        frozenset(
            {
                *(Right.SEE_AUDIT, Right.SEE_RUNS, Right.SEE_POLICIES, Right.SEE_PEOPLE, Right.APPROVE_POSTS),
                *(Right.SEE_MESSAGES, Right.APPROVE_MESSAGES, Right.RUN_CHANNELS, Right.HANDLE_REQUESTS),
                *(Right.SEE_PROCESSORS, Right.APPROVE_PROCESSORS),
                *(Right.SEE_ASSESSMENTS, Right.APPROVE_ASSESSMENTS, Right.APPROVE_EXPORTS),
            }
        ),
    ),
    "other": RoleRule(Sight.NONE, frozenset({Right.HAND_IN_LEADS})),
}


@dataclass(frozen=True)
class HeldPost:
    """A post in force: who holds it, where, as what."""

    staff_id: int
    unit_id: int
    role: str
    unit_name: str = ""


@dataclass(frozen=True)
class Reach:
    """How far a person sees on a day. Whoever sees customers at all also sees those they keep (`staff_ids`).

    `unit_ids` are all units within sight, subtrees included; `whole_bank` says that these are every unit there is.
    `staff_ids` are the books: one's own and those of people one covers for. `posts` are one's own.
    """

    staff_id: int
    sight: Sight = Sight.NONE
    unit_ids: frozenset[int] = frozenset()
    staff_ids: frozenset[int] = frozenset()
    post_unit_ids: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()
    rights: frozenset[Right] = field(default_factory=frozenset)
    masked: bool = True
    whole_bank: bool = False
    posts: tuple[HeldPost, ...] = ()

    def may(self, right: Right) -> bool:
        """Whether a post held today gives this right."""
        return right in self.rights

    @property
    def sees_customers(self) -> bool:
        """Whether any customer may be within reach."""
        return self.sight is not Sight.NONE

    @property
    def hides_names(self) -> bool:
        """Whether customers appear without their full names: to those who look at the whole bank, masked."""
        return self.masked and self.sight is Sight.BANK

    def covers(self, unit_id: int | None, keeper_id: int | None) -> bool:
        """Whether a customer of this unit and keeper is within reach; the same as the database's row security."""
        if not self.sees_customers:
            return False
        return (
            self.whole_bank
            or unit_id in self.unit_ids
            or (keeper_id is not None and keeper_id in self.staff_ids)
        )


def units_with_sight(posts: Iterable[HeldPost], sight: Sight) -> frozenset[int]:
    """Units where a post with that sight is held."""
    return frozenset(post.unit_id for post in posts if ROLE_RULES[post.role].sight is sight)


def widest(posts: Iterable[HeldPost]) -> Sight:
    """The widest sight among these posts."""
    return max((ROLE_RULES[post.role].sight for post in posts), key=WIDTH.index, default=Sight.NONE)


def reach_from(
    staff_id: int, posts: Iterable[HeldPost], unit_ids: frozenset[int], *, whole_bank: bool = False
) -> Reach:
    """The reach of a person from the posts in force: their own and, for sight only, those of people they cover for.

    A person without a customer-seeing post of their own gains no sight by covering: leave cover is for colleagues.
    """
    held = list(posts)
    own = [post for post in held if post.staff_id == staff_id]
    rules = [ROLE_RULES[post.role] for post in own]
    seeing = widest(own) is not Sight.NONE
    books = {post.staff_id for post in held if ROLE_RULES[post.role].sight is not Sight.NONE}
    return Reach(
        staff_id=staff_id,
        sight=widest(held) if seeing else Sight.NONE,
        unit_ids=unit_ids if seeing else frozenset(),
        staff_ids=frozenset(books | {staff_id}) if seeing else frozenset(),
        post_unit_ids=frozenset(post.unit_id for post in own),
        roles=frozenset(post.role for post in own),
        rights=frozenset(right for rule in rules for right in rule.rights),
        masked=not any(not rule.masked for rule in rules),
        whole_bank=whole_bank and seeing,
        posts=tuple(own),
    )
