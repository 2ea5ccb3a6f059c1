"""Reads of playbooks: the policy in force, who is on them, and how their steps go, within the reader's reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import CharField, Count, F, Func, Q, QuerySet, Value

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of, within
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.selectors import known
from guanxi.crm.segments.models import Enrolment, Segment, SegmentVersion
from guanxi.crm.segments.playbooks.rules import Going
from guanxi.crm.worklist.models import STANDING, Origin, Task, TaskState
from guanxi.insight.policies.playbook import Playbook, PlaybookPolicy

TOO_LATE = "too_late"  # how the night says that nobody came to it


def playbooks(on: date) -> PlaybookPolicy | None:
    """The playbooks that count on a day; None when the bank has none."""
    found = known(PlaybookPolicy.kind, on)
    return found if isinstance(found, PlaybookPolicy) else None


def on_it(reach: Reach, policy: PlaybookPolicy, today: date) -> dict[str, int]:
    """Customers within reach on each playbook, by its code; whose plan has run its days no longer counts. One query."""
    rows = within(Enrolment.objects.filter(_running(policy.playbooks, today)), reach)
    return dict(rows.order_by().values_list("playbook").annotate(Count("pk")))


def running(reach: Reach, book: Playbook, today: date) -> QuerySet[Enrolment]:
    """Who is on a playbook within reach, the latest to enter first, with the customer."""
    rows = within(Enrolment.objects.filter(_running((book,), today)), reach)
    return rows.select_related("party", "keeper").order_by("-entered_on", "-pk")


def _running(books: tuple[Playbook, ...], today: date) -> Q:
    asked = Q(pk__in=[])
    for book in books:
        since = {"entered_on__gte": today - timedelta(days=book.runs_days)} if book.runs_days else {}
        asked |= Q(playbook=book.playbook, **since)
    return asked & Q(left_on=None)


def how_steps_go(reach: Reach, today: date) -> Mapping[tuple[str, str], Going]:
    """What became of the tasks of each playbook's steps within reach, by codes of playbook and step. One query."""
    rows = within(Task.objects.filter(origin=Origin.PLAYBOOK), reach).order_by()
    told = rows.values_list(_part(1), _part(2)).annotate(
        due=Count("pk", filter=Q(state__in=STANDING)),
        overdue=Count("pk", filter=Q(state__in=STANDING, due_on__lt=today)),
        done=Count("pk", filter=Q(state=TaskState.DONE)),
        in_time=Count("pk", filter=Q(state=TaskState.DONE, closed_on__lte=F("due_on"))),
        lapsed=Count("pk", filter=Q(state=TaskState.LAPSED, outcome=TOO_LATE)),
        ended=Count("pk", filter=Q(state=TaskState.LAPSED) & ~Q(outcome=TOO_LATE)),
    )
    return {(book, step): Going(*counts) for book, step, *counts in told}


def _part(number: int) -> Func:
    """A part of the matter's name: playbook, step, day of entry, which time."""
    return Func(F("subject"), Value(":"), Value(number), function="split_part", output_field=CharField())


def enrolments_of(party: Party) -> list[Enrolment]:
    """The playbooks a customer is on, merged numbers included; nothing is asked where `look` saw nothing. One query."""
    if nothing_in(party, Enrolment):
        return []
    rows = Enrolment.objects.filter(party__in=numbers_of(party), left_on=None)
    return list(rows.order_by("entered_on", "pk"))


def newest_versions(policy: PlaybookPolicy) -> dict[str, tuple[Segment, int]]:
    """The segments that playbooks name and the reader may see, each with its newest version; by playbook."""
    bound = {book.playbook: book.segment_version[0] for book in policy.playbooks if book.segment_version}
    if not bound:
        return {}
    rows = SegmentVersion.objects.filter(segment__uuid__in=bound.values(), segment__retired_at=None)
    newest = {
        str(version.segment.uuid): (version.segment, version.number)
        for version in rows.select_related("segment").order_by("number")
    }
    return {code: newest[key] for code, key in bound.items() if key in newest}


def waiting_for_a_word() -> int:
    """Proposed changes of the playbooks that wait for somebody's decision or day."""
    asked = (State.PROPOSED, State.APPROVED)
    return PolicyVersion.objects.filter(kind=PlaybookPolicy.kind, state__in=asked).count()
