"""审批: what in other rooms waits for this person, room by room. Each room decides on its own page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.care import selectors as care
from guanxi.crm.customers.identity.selectors import queue
from guanxi.crm.exports import selectors as exports
from guanxi.crm.foresight.models import ModelState
from guanxi.crm.foresight.selectors import models
from guanxi.crm.keeping import selectors as keeping
from guanxi.crm.keeping.models import ExitState, HandOverState, OverrideState
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.performance import disputes
from guanxi.crm.policies.selectors import awaiting_decision
from guanxi.crm.retention.selectors import offers_waiting
from guanxi.crm.scores.models import AcceptanceState, VolumeAcceptance
from guanxi.crm.visits.models import WeekPlan, WeekState


@dataclass(frozen=True)
class Waiting:
    """How much of one kind waits for this person, and where it is decided (a route's name)."""

    code: str
    label: Promise
    about: Promise
    count: int
    route: str


@dataclass(frozen=True)
class _Kind:
    code: str
    label: Promise
    about: Promise
    right: Right
    route: str
    count: Callable[[Staff, Reach, date], int]


def _policies(staff: Staff, _reach: Reach, _today: date) -> int:
    return _others(awaiting_decision(), staff, "proposed_by")


def _volumes(staff: Staff, _reach: Reach, _today: date) -> int:
    return _others(VolumeAcceptance.objects.filter(state=AcceptanceState.ASKED), staff, "asked_by")


def _models(staff: Staff, _reach: Reach, _today: date) -> int:
    return _others(models().filter(state=ModelState.ASKED), staff, "asked_by")


def _identities(_staff: Staff, reach: Reach, _today: date) -> int:
    return queue(reach).order_by().count()


def _offers(staff: Staff, reach: Reach, _today: date) -> int:
    return _others(offers_waiting(reach), staff, "made_by")


def _exits(_staff: Staff, reach: Reach, _today: date) -> int:
    waiting = (ExitState.PROPOSED, ExitState.APPEALED)
    return keeping.exits(reach).order_by().filter(state__in=waiting).count()


def _handovers(staff: Staff, reach: Reach, _today: date) -> int:
    """Those signed by giver and taker in one's units; who gives or takes does not sign as supervisor."""
    rows = keeping.handovers(reach).order_by().filter(state=HandOverState.TAKEN, unit__in=reach.unit_ids)
    return rows.exclude(giver=staff).exclude(taker=staff).count()


def _overrides(staff: Staff, reach: Reach, _today: date) -> int:
    return _others(keeping.overrides(reach).filter(state=OverrideState.PROPOSED), staff, "proposed_by")


def _gifts(_staff: Staff, reach: Reach, _today: date) -> int:
    return care.waiting(reach).order_by().count()


def _files(_staff: Staff, reach: Reach, today: date) -> int:
    return exports.waiting_for(reach, today).order_by().count()


def _voices(_staff: Staff, reach: Reach, _today: date) -> int:
    return care.open_voices(reach).order_by().count()


def _plans(staff: Staff, reach: Reach, _today: date) -> int:
    rows = WeekPlan.objects.filter(state=WeekState.SUBMITTED, unit__in=sorted(reach.unit_ids))
    return _others(rows, staff, "staff")


def _disputes(staff: Staff, reach: Reach, _today: date) -> int:
    return _others(disputes.waiting(reach), staff, "staff")


def _others(rows: QuerySet[Any], staff: Staff, asker: str) -> int:
    """What somebody else asked for: nobody decides on what they asked for themselves."""
    return rows.order_by().exclude(**{asker: staff}).count()


KINDS = (
    _Kind("offers", _("Offers above authority"), _("What a manager may not offer alone to keep a customer."),
          Right.APPROVE_OFFERS, "retention:approvals", _offers),
    _Kind("plans", _("Week plans"), _("Handed in and waiting to be confirmed or returned."),
          Right.CONFIRM_PLANS, "visits:team", _plans),
    _Kind("gifts", _("Gifts to approve"), _("Above the value that one person gives alone."),
          Right.APPROVE_GIFTS, "care:gifts", _gifts),
    _Kind("voices", _("Suggestions to answer"), _("Customers' suggestions that wait for head office."),
          Right.ANSWER_VOICES, "care:voices", _voices),
    _Kind("files", _("Files above the limit"), _("Lists longer than somebody's role may take."),
          Right.APPROVE_EXPORTS, "exports:list", _files),
    _Kind("disputes", _("Disputed figures"), _("Somebody of the team doubts a figure of the own work."),
          Right.COACH, "performance:coaching", _disputes),
    _Kind("exits", _("Exits from managed scope"), _("Proposed by rule or appealed; nobody leaves by machine."),
          Right.DECIDE_KEEPING, "keeping:exits", _exits),
    _Kind("handovers", _("Hand-overs to sign"), _("Signed by giver and taker, waiting for the supervisor."),
          Right.DECIDE_KEEPING, "keeping:handovers", _handovers),
    _Kind("overrides", _("Tiers set by hand"), _("Asked for by somebody else, waiting for a second person."),
          Right.DECIDE_KEEPING, "keeping:overrides", _overrides),
    _Kind("policies", _("Policy proposals"), _("Read what would change, then approve or turn down."),
          Right.APPROVE_POLICY, "policies:list", _policies),
    _Kind("volumes", _("Changed volumes"), _("A night stopped because a file is much smaller or larger."),
          Right.APPROVE_POLICY, "runs:list", _volumes),
    _Kind("models", _("Models to switch on"), _("Read the model card before it serves."),
          Right.APPROVE_POLICY, "foresight:models", _models),
    _Kind("identities", _("Possible doubles"), _("Two customer numbers that may be one person."),
          Right.RESOLVE_IDENTITY, "customers:identity", _identities),
)  # fmt: skip


def waiting_for(staff: Staff, reach: Reach, today: date) -> list[Waiting]:
    """Everything that waits for this person, room by room; kinds one has no right to are absent."""
    return list(_waiting(staff, reach, today))


def _waiting(staff: Staff, reach: Reach, today: date) -> Iterator[Waiting]:
    for kind in KINDS:
        if reach.may(kind.right):
            yield Waiting(kind.code, kind.label, kind.about, kind.count(staff, reach, today), kind.route)
