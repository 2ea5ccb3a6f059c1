"""Policies as their pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies import rules, selectors, words
from guanxi.crm.policies.editing import Difference, differences
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.insight.policies import KINDS
from guanxi.web.lists import Column
from guanxi.web.sent import whole

FROM_THE_FOLDER = "bank folder"  # the note that seeding writes


@dataclass(frozen=True)
class KindToday:
    """A kind of policy with what counts today, read out, and how many versions wait."""

    kind: str
    standing: PolicyVersion | None
    sentences: list[str]
    coming: PolicyVersion | None
    filled: int  # entries the standing version is too old to have


def kinds_on(today: date) -> list[KindToday]:
    """Every kind in the order of the words, each with its version in force and one that will follow."""
    order = [kind for kind in words.KINDS if kind in KINDS] + [
        kind for kind in KINDS if kind not in words.KINDS
    ]
    return [_kind_on(kind, today) for kind in order]


def _kind_on(kind: str, today: date) -> KindToday:
    standing = selectors.version_in_force(kind, today)
    coming = selectors.versions_of(kind).filter(state=State.ACTIVE, valid_from__gt=today).last()
    sentences = selectors.words_of(standing, words.language()) if standing else []
    filled = len(selectors.filled_in(standing)) if standing else 0
    return KindToday(kind, standing, sentences, None if coming == standing else coming, filled)


@dataclass(frozen=True)
class Filled:
    """What the program fills into a version older than itself: the entries with their values, in words."""

    since: str
    entries: list[Difference]


def filled_in(version: PolicyVersion | None) -> Filled | None:
    """What is filled in, and the program's version that first asked for it; None when the version says everything."""
    added = selectors.filled_in(version) if version else []
    if version is None or not added:
        return None
    whole = selectors.policy_of(version).to_payload()
    since = next((one.since for one in added if one.since), "")
    return Filled(since, differences(version.kind, version.payload, whole))


@dataclass(frozen=True)
class Seen:
    """A version as one person meets it: its state in words and what this person may do with it now."""

    version: PolicyVersion
    state: str
    state_kind: str
    by: str
    may_decide: bool
    own: bool
    may_activate: bool
    may_withdraw: bool


def seen(version: PolicyVersion, request: ActingRequest) -> Seen:
    """What `request`'s person sees and may do."""
    today, reach = request.today, request.reach
    approver = reach.may(Right.APPROVE_POLICY)
    own = version.proposed_by_id == request.user.pk
    word, kind = words.STATES[State(version.state)]
    ahead = version.state == State.ACTIVE and version.valid_from is not None and version.valid_from > today
    may_withdraw = rules.may_withdraw(
        state=version.state, valid_from=version.valid_from, today=today, own=own
    )
    return Seen(
        version,
        _("will count") if ahead else str(word),
        "accent" if ahead else kind,
        author_of(version),
        approver and not own and version.state == rules.DECIDABLE,
        own,
        approver and version.state == rules.READY,
        may_withdraw and (own or approver),
    )


def author_of(version: PolicyVersion) -> str:
    """Who proposed it, in words."""
    if version.proposed_by is not None:
        return str(version.proposed_by)
    return _("from the bank's folder") if version.note == FROM_THE_FOLDER else _("the program")


@dataclass(frozen=True)
class Comparison:
    """A version beside the one it follows: sentences of both with what is old or new marked, and each entry."""

    other: PolicyVersion | None
    sentences: list[tuple[str, bool]]
    gone: list[str]
    entries: list[Difference]


def comparison(version: PolicyVersion, today: date) -> Comparison:
    """Against what counts today while it waits; afterwards against what counted before it."""
    other = _predecessor(version, today)
    gone, fresh = selectors.changes_between(other, version, words.language()) if other else ([], [])
    sentences = [(line, line in fresh) for line in selectors.words_of(version, words.language())]
    entries = differences(version.kind, other.payload, version.payload) if other else []
    return Comparison(other, sentences, gone, entries)


def _predecessor(version: PolicyVersion, today: date) -> PolicyVersion | None:
    if version.state in (State.ACTIVE, State.RETIRED) and version.valid_from:
        counted = selectors.versions_of(version.kind).filter(state__in=selectors.COUNTING)
        return counted.filter(valid_from__lt=version.valid_from).order_by("-valid_from").first()
    standing = selectors.version_in_force(version.kind, today)
    return None if standing == version else standing


def starting_payload(kind: str, wanted: str | None, standing: PolicyVersion | None) -> Mapping[str, Any]:
    """What the form starts from: an older version that was asked for, else what counts, with what was filled in; empty
    when there is none."""
    if wanted:
        standing = selectors.versions_of(kind).filter(pk=whole(wanted) or 0).first() or standing
    return selectors.policy_of(standing).to_payload() if standing else {}


def version_columns() -> list[Column]:
    """The history of a kind."""
    return [
        Column("version", _("Version"), "name"),
        Column("state", _("State")),
        Column("since", _("Counts from"), "day"),
        Column("by", _("Proposed by")),
        Column("decided", _("Decided by")),
        Column("note", _("Note")),
    ]


def change_columns() -> list[Column]:
    """Entries that differ."""
    return [Column("where", _("Entry"), "name"), Column("old", _("Until now")), Column("new", _("New"))]
