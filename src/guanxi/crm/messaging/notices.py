"""Service notices (服务通知) to the customers they are meant for: handed in by one person, approved by another on its
hash, put into the outbox in the same transaction. Only texts approved as service notices: no offers stand in those."""

import hashlib
import json
from datetime import UTC, date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.messaging import audiences, services
from guanxi.crm.messaging.audiences import Whom
from guanxi.crm.messaging.models import (
    Notice,
    NoticeState,
    Origin,
    Piece,
    Purpose,
    Template,
    TemplateState,
    TemplateVersion,
)
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import stand_ins
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.organisation.services import require
from guanxi.insight.contact.fields import fields_of
from guanxi.insight.contact.texts import used


def texts() -> QuerySet[TemplateVersion]:
    """Approved texts that a notice may use."""
    rows = TemplateVersion.objects.select_related("template").order_by("template__name")
    return rows.filter(state=TemplateState.APPROVED, template__purpose=Purpose.SERVICE)


@transaction.atomic
def make(
    *, by: Staff, title: str, version: TemplateVersion, whom: Whom, planned_at: datetime, expires_at: datetime,
    today: date, now: datetime, piece: Piece | None = None,
) -> Notice:  # fmt: skip
    """Hand in a notice. ValidationError for a text not approved as a service notice, for nobody, for a time that is
    none. `piece`: the content it carries, whose text this is."""
    require(by, Right.WRITE_MESSAGES, today)
    whom = audiences.settled(whom, reach_of(by, today), today)
    if piece is not None and not piece.templates.filter(pk=version.template_id).exists():
        raise ValidationError(_("This text is none of the piece's."))
    if not texts().filter(pk=version.pk).exists():
        raise ValidationError(_("This text is not approved as a service notice."))
    if _wanting(version):
        raise ValidationError(
            _("This text has fields that a notice cannot fill: its matter must stand in the text.")
        )
    if planned_at < now or expires_at <= planned_at:
        raise ValidationError(_("A notice begins from now on and ends after it begins."))
    notice = Notice(
        title=title.strip()[:80], version=version, piece=piece, planned_at=planned_at, expires_at=expires_at,
        written_by=by, written_at=now, **whom.columns(),
    )  # fmt: skip
    notice.content_hash = content_hash(notice)
    notice.save(force_insert=True)
    audit.record(by=by, verb="messaging.notice_made", on=notice, content_hash=notice.content_hash)
    return notice


@transaction.atomic
def approve(*, by: Staff, notice: Notice, read: str, today: date, now: datetime) -> Notice:
    """Approve exactly what was read (`read`: its hash) and queue it to the customers both people may see.

    PermissionDenied for the writer or who stands in for them, and for who sees no customers.
    """
    locked = _decidable(by, notice, today)
    if not read == locked.content_hash == content_hash(locked):
        raise ValidationError(_("This notice is no longer what you have read. Read it again."))
    if not texts().filter(pk=locked.version_id).exists():
        raise ValidationError(_("This text is not approved as a service notice."))
    author = locked.written_by
    within = audiences.meant(reach_of(by, today), Whom.of(locked), author, today).filter(
        pk__in=visible_to(reach_of(author, today)).values("pk")
    )
    queued = services.queue(
        by=by, origin=Origin.SERVICE, ref=locked.ref, channel=locked.version.template.channel,
        template_version=locked.version_id, purpose=Purpose.SERVICE,
        parties=[(key, {}) for key in within.order_by("pk").values_list("pk", flat=True)],
        planned_at=locked.planned_at, expires_at=locked.expires_at, now=now,
    )  # fmt: skip
    locked.queued = queued.count
    return _decide(locked, NoticeState.APPROVED, by, now, "")


@transaction.atomic
def reject(*, by: Staff, notice: Notice, note: str, today: date, now: datetime) -> Notice:
    """Turn a notice down, with the reason."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    return _decide(_decidable(by, notice, today), NoticeState.REJECTED, by, now, note.strip()[:200])


@transaction.atomic
def stop(*, by: Staff, notice: Notice, today: date, now: datetime) -> int:
    """Stop what of an approved notice is not yet being submitted; how many messages."""
    require(by, Right.APPROVE_MESSAGES, today)
    locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if locked.state != NoticeState.APPROVED:
        raise ValidationError(_("Only an approved notice can be stopped."))
    stopped = services.stop(origin=Origin.SERVICE, ref=locked.ref, by=by, now=now)
    locked.state = NoticeState.STOPPED
    locked.save(update_fields=["state"])
    audit.record(by=by, verb="messaging.notice_stopped", on=locked, count=stopped)
    return stopped


def whole() -> QuerySet[Template]:
    """The templates whose latest text asks for nothing but what is known of every customer."""
    latest: dict[int, TemplateVersion] = {}
    for version in TemplateVersion.objects.select_related("template").order_by("number"):
        latest[version.template_id] = version
    fit = [key for key, version in latest.items() if not _wanting(version)]
    return Template.objects.filter(pk__in=fit, ended_at=None)


def _wanting(version: TemplateVersion) -> bool:
    """Whether the text has fields that come with a single message and not from what is known of the customer."""
    given = {field.code for field in fields_of(version.template.use) if field.given}
    return any(
        not {*used(told["text"]), *used(told.get("subject", ""))} <= given for told in version.texts.values()
    )


def content_hash(notice: Notice) -> str:
    """SHA-256 over all that is approved: title, the text's own hash, whom it is meant for, times."""
    aimed = Whom.of(notice)
    times = [at.astimezone(UTC).isoformat() for at in (notice.planned_at, notice.expires_at)]
    told = [notice.title, notice.version.content_hash, notice.tiers, *times]
    if aimed != Whom(tiers=aimed.tiers):
        told.append(aimed.columns())
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _decidable(by: Staff, notice: Notice, today: date) -> Notice:
    require(by, Right.APPROVE_MESSAGES, today)
    require(by, Right.SEE_CUSTOMERS, today)
    rows = Notice.objects.select_related("version__template", "written_by")
    locked = rows.select_for_update(of=("self",)).get(pk=notice.pk)
    if locked.state != NoticeState.PROPOSED:
        raise ValidationError(_("Somebody has decided this notice already."))
    if by.pk in stand_ins((locked.written_by_id,), today):
        raise PermissionDenied("who wrote a notice, or stands in for that person, does not approve it")
    return locked


def _decide(notice: Notice, state: NoticeState, by: Staff, now: datetime, note: str) -> Notice:
    notice.state, notice.decided_by, notice.decided_at, notice.decided_note = state, by, now, note
    notice.save(update_fields=["state", "queued", "decided_by", "decided_at", "decided_note"])
    verb = "messaging.notice_approved" if state == NoticeState.APPROVED else "messaging.notice_rejected"
    audit.record(by=by, verb=verb, on=notice, count=notice.queued, note=note)
    return notice
