"""Writes of the workbench: a question is asked, stopped, kept under a name; each with its row in the trail."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as queue

from guanxi.crm.analysis import selectors
from guanxi.crm.analysis.models import Asked, AskedState, SavedQuery
from guanxi.crm.analysis.policy import language, workbench_policy
from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.insight.policies.workbench import WorkbenchPolicy
from guanxi.insight.workbench.question import MOST_CHARACTERS, Kind, NotAllowed, Question, plain, question
from guanxi.lake import asking
from guanxi.lake.masked import Made

PREPARE = "analysis.prepare"  # the worker's task, see guanxi.project.jobs
GRACE = timedelta(seconds=30)


def ask(*, by: Staff, reach: Reach, text: str, today: date, now: datetime) -> Asked:
    """A checked question, running from the commit on. ValidationError says why it may not be asked (and is in the
    trail as well: what was tried counts as much as what was run)."""
    _need(by, reach)
    policy = workbench_policy(today)
    try:
        checked = question(text, groups=policy.result_rows, rows=policy.single_rows)
    except NotAllowed as refused:
        audit.record(
            by=by, verb="analysis.refused", on=by, text=plain(text[:MOST_CHARACTERS]), why=refused.code
        )
        raise ValidationError(
            refused.zh if language() == "zh" else refused.en, code=refused.code
        ) from refused
    data = selectors.data_for(policy)
    if data is None:
        raise ValidationError(_("There are no de-identified data yet: prepare them first."))
    _need_place(by, policy, now)
    forget(now=now, hours=policy.keep_hours)
    return _start(by, text, checked, data, policy, now)


def _need_place(by: Staff, policy: WorkbenchPolicy, now: datetime) -> None:
    running = Asked.objects.filter(state=AskedState.RUNNING, until__gt=now)
    for asked in running.filter(by=by):
        settle(asked, now=now)
    if running.filter(by=by).exists():
        raise ValidationError(_("A question of yours is still running: stop it or wait for it."))
    if running.count() >= policy.at_once:
        raise ValidationError(_("Others' questions are running; try again in half a minute."))


def _start(
    by: Staff, text: str, checked: Question, data: Made, policy: WorkbenchPolicy, now: datetime
) -> Asked:
    single = checked.kind is Kind.ROWS
    with transaction.atomic():
        asked = Asked.objects.create(
            by=by, text=text.strip(), kind=checked.kind.value, tables=list(checked.tables), run=data.run,
            as_of=data.business_date, k=max(policy.smallest_group, data.smallest_group), asked_at=now,
            until=now + timedelta(seconds=policy.seconds) + GRACE,
        )  # fmt: skip
        audit.record(
            by=by, verb="analysis.asked", on=asked, text=asked.text, kind=asked.kind, tables=asked.tables
        )
        told = asking.Asked(
            file=str(data.file), sql=checked.sql, seconds=float(policy.seconds),
            rows=policy.single_rows if single else policy.result_rows, counted=checked.counted, k=asked.k,
            memory=str(settings.GUANXI_FACTS["memory"]),
        )  # fmt: skip
        transaction.on_commit(partial(asking.start, selectors.folder_of(asked), told))
    return asked


def settle(asked: Asked, *, now: datetime) -> Asked:
    """Take over how a question ended, once it has; one whose process left nothing in time has failed."""
    if asked.state != AskedState.RUNNING:
        return asked
    answer = asking.answer_in(selectors.folder_of(asked))
    if answer is None and now <= asked.until:
        return asked
    if answer is None:
        asked.state, asked.message = AskedState.FAILED, "lost"
    else:
        asked.state, asked.seconds, asked.rows = AskedState(answer.state), answer.seconds, len(answer.rows)
        asked.hidden, asked.has_more, asked.message = answer.hidden, answer.more, answer.message
    asked.save(update_fields=["state", "seconds", "rows", "hidden", "has_more", "message"])
    return asked


@transaction.atomic
def stop(*, by: Staff, reach: Reach, asked: Asked) -> None:
    """End a running question; only whoever asked it."""
    _need(by, reach)
    if asked.by_id != by.pk:
        raise PermissionDenied("only whoever asked it ends a question")
    asking.stop(selectors.folder_of(asked))
    audit.record(by=by, verb="analysis.stopped", on=asked)


@transaction.atomic
def save(*, by: Staff, reach: Reach, name: str, text: str, is_shared: bool, now: datetime) -> SavedQuery:
    """A query kept under a name; the same name of the same owner is changed. ValidationError: it may not be asked."""
    _need(by, reach)
    try:
        question(text, groups=1, rows=1)
    except NotAllowed as refused:
        raise ValidationError(
            refused.zh if language() == "zh" else refused.en, code=refused.code
        ) from refused
    if not name.strip():
        raise ValidationError(_("Give the query a name."))
    told = {"text": text.strip(), "is_shared": is_shared, "changed_at": now}
    try:
        with transaction.atomic():
            kept, _made = SavedQuery.objects.update_or_create(
                owner=by, name=name.strip()[:60], retired_at=None, defaults=told
            )
    except IntegrityError as twice:
        raise ValidationError(_("Somebody saves it at this moment; try again.")) from twice
    audit.record(by=by, verb="analysis.saved", on=kept, text=kept.text, shared=is_shared)
    return kept


@transaction.atomic
def retire(*, by: Staff, reach: Reach, saved: SavedQuery, now: datetime) -> None:
    """Put a saved query away; only its owner."""
    _need(by, reach)
    if saved.owner_id != by.pk:
        raise PermissionDenied("only its owner puts a query away")
    SavedQuery.objects.filter(pk=saved.pk).update(retired_at=now)
    audit.record(by=by, verb="analysis.put_away", on=saved)


@transaction.atomic
def prepare(*, by: Staff, reach: Reach, today: date) -> None:
    """Have the worker make the de-identified data of the current run; asked twice, it is made once."""
    _need(by, reach)
    workbench_policy(today)
    queue.configure_task(PREPARE, queue="lab", lock=PREPARE).defer()
    audit.record(by=by, verb="analysis.prepared", on=by)


def forget(*, now: datetime, hours: int) -> int:
    """Throw away results older than this; their texts stay. Returns how many went."""
    if not selectors.results().is_dir():
        return 0
    before = (now - timedelta(hours=hours)).timestamp()
    old = [
        folder
        for folder in selectors.results().iterdir()
        if _is_result(folder.name) and folder.stat().st_mtime < before
    ]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _is_result(name: str) -> bool:
    try:
        return bool(UUID(name))
    except ValueError:
        return False


def _need(by: Staff, reach: Reach) -> None:
    selectors.need(reach)
    if by.pk != reach.staff_id:
        raise PermissionDenied("nobody asks in another's name")
