"""The list of promises: whose, in which state, its columns and tabs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.crm.interactions.models import Promise, PromiseState
from guanxi.crm.interactions.rules import breaks_on
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.crm.scores.reports.keyset import By
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.web.lists import Column

ORDER = (By("due_on", kind=date), By("pk"))
STATES = ("due", "overdue", "open", "kept", "withdrawn")


@dataclass(frozen=True)
class Asked:
    """What the address asks for: which promises, and whether only one's own."""

    state: str
    own: bool


def asked_of(query: QueryDict) -> Asked:
    """The address read; anything unknown is what is due."""
    state = query.get("state", "")
    return Asked(state if state in STATES else "due", query.get("own") == "1")


def whose(rows: QuerySet[Promise], staff: Staff, asked: Asked) -> QuerySet[Promise]:
    """All within reach, or those this person made."""
    return rows.filter(staff=staff) if asked.own else rows


def condition(state: str, policy: InteractionPolicy | None, today: date) -> Q:
    """Which promises a tab has. `due`: within the days of warning; `overdue`: past their day and its grace."""
    ahead = policy.promise_warn_days if policy else 0
    grace = policy.promise_grace_days if policy else 0
    undone = Q(state=PromiseState.OPEN)
    broken = Q(state=PromiseState.BROKEN) | (undone & Q(due_on__lte=today - _past(grace)))
    return {
        "due": undone & ~broken & Q(due_on__lte=today + timedelta(days=ahead)),
        "overdue": broken,
        "open": undone & ~broken,
        "kept": Q(state=PromiseState.KEPT),
        "withdrawn": Q(state=PromiseState.WITHDRAWN),
    }[state]


def _past(grace: int) -> timedelta:
    return breaks_on(date.min, grace) - date.min


def narrowed(
    rows: QuerySet[Promise], state: str, policy: InteractionPolicy | None, today: date
) -> QuerySet[Promise]:
    """The promises of a tab."""
    return rows.filter(condition(state, policy, today))


def counts(rows: QuerySet[Promise], policy: InteractionPolicy | None, today: date) -> Mapping[str, int]:
    """How many each tab has; one query."""
    asked = {state: Count("pk", filter=condition(state, policy, today)) for state in STATES}
    return rows.order_by().aggregate(**asked)


def tabs(asked: Asked, counted: Mapping[str, int]) -> list[tuple[str, str, bool, int]]:
    """The states as tabs with their counts."""
    names = {
        "due": _("Due now"), "overdue": _("Overdue"), "open": _("All open"), "kept": _("Kept"),
        "withdrawn": _("Withdrawn"),
    }  # fmt: skip
    return [
        (names[state], _address(state, own=asked.own), state == asked.state, counted[state])
        for state in STATES
    ]


def own_tabs(asked: Asked, reach: Reach) -> list[tuple[str, str, bool]]:
    """Team or own, for whoever sees more than a book."""
    if reach.sight is Sight.BOOK:
        return []
    return [
        (_("The team's"), _address(asked.state, own=False), not asked.own),
        (_("My own"), _address(asked.state, own=True), asked.own),
    ]


def _address(state: str, *, own: bool) -> str:
    return f"{reverse('interactions:promises')}?state={state}{'&own=1' if own else ''}"


def columns(reach: Reach) -> list[Column]:
    """The list's columns; a head also sees who promised and where."""
    first = [
        Column("name", _("Customer"), "name"),
        Column("due", _("Due"), "day"),
        Column("what", _("Promised"), "text"),
        Column("state", _("State"), "text"),
    ]
    wide = [Column("by", _("Promised by"), "text"), Column("unit", _("Outlet"), "text")]
    last = [Column("actions", _("Actions"), "actions")]
    return [*first, *([] if reach.sight is Sight.BOOK else wide), *last]


def summary(number: int) -> str:
    """How many stand in the tab."""
    return _("%(n)s promises") % {"n": f"{number:,}"}
