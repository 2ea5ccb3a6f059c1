"""Binding a segment to a playbook (经营方案): a proposal of the policy `playbook`, for another person to decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.organisation.models import Staff
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.services import propose
from guanxi.crm.segments.models import Segment, SegmentVersion
from guanxi.crm.segments.playbooks.selectors import playbooks
from guanxi.insight.policies.playbook import Playbook, PlaybookPolicy


def bound_to(policy: PlaybookPolicy, segment: Segment) -> Playbook | None:
    """The playbook in force that names this segment, in whichever version."""
    key = str(segment.uuid)
    return next((book for book in policy.playbooks if (book.segment_version or ("",))[0] == key), None)


def bind_segment(
    *, by: Staff, segment: Segment, version: SegmentVersion, like: str, name: str, expect: str, note: str,
    today: date, now: datetime,
) -> PolicyVersion:  # fmt: skip
    """Propose a playbook of its own for what a segment means in this version, its steps copied from `like`.

    A segment that has a playbook already keeps it and follows the version. What is proposed holds every playbook in
    force; who may propose is asked by the policies. ValidationError: there are no playbooks, none is called `like`.
    """
    policy = playbooks(today)
    if policy is None:
        raise ValidationError(_("The bank has no playbooks yet."))
    bound: dict[str, Any] = {"segment": f"{segment.uuid}@{version.number}", "segment_name": segment.name}
    old = bound_to(policy, segment)
    if old is not None:
        told: dict[str, Any] = {"label_zh": name, "label_en": name} if name != old.label_zh else {}
        hoped: dict[str, Any] = {"expect_zh": expect, "expect_en": expect} if expect != old.expect_zh else {}
        fresh = replace(old, **bound, **told, **hoped)
        books = tuple(fresh if book is old else book for book in policy.playbooks)
        changed = replace(policy, playbooks=books)
    else:
        changed = _with_new(policy, like, bound, name, expect)
    return propose(
        by=by, today=today, now=now, kind=PlaybookPolicy.kind, payload=changed.to_payload(), note=note
    )


def _with_new(
    policy: PlaybookPolicy, like: str, bound: dict[str, Any], name: str, expect: str
) -> PlaybookPolicy:
    model = policy.book(like)
    if model is None:
        raise ValidationError(_("There is no such playbook."))
    code = f"segment_{bound['segment'][:8]}"
    book = replace(
        model, playbook=code, label_zh=name, label_en=name, expect_zh=expect, expect_en=expect, life_stage="",
        opened_within=0, **bound,
    )  # fmt: skip
    steps = tuple(replace(step, playbook=code) for step in policy.steps_of(like))
    return replace(
        policy, playbooks=(*policy.playbooks, book), playbook_steps=(*policy.playbook_steps, *steps)
    )
