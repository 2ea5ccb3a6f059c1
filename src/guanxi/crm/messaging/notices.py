"""Service notices (服务通知) to the customers of some tiers: handed in by one person, approved by another on its hash,
and put into the outbox in the same transaction. Only texts approved as service notices: no offers stand in those."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.messaging import services
from guanxi.crm.messaging.models import Notice, NoticeState, Origin, Purpose, TemplateState, TemplateVersion
from guanxi.crm.messaging.permission import may_contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import covers_on, reach_of
from guanxi.crm.organisation.services import require
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.contact.fields import fields_of
from guanxi.insight.contact.texts import used


@dataclass(frozen=True)
class Audience:
    """How many customers hold the tiers, how many could be reached at that instant, and why the others not."""

    total: int
    reached: int
    refused: tuple[tuple[str, int], ...]


def texts() -> QuerySet[TemplateVersion]:
    """Approved texts that a notice may use."""
    rows = TemplateVersion.objects.select_related("template").order_by("template__name")
    return rows.filter(state=TemplateState.APPROVED, template__purpose=Purpose.SERVICE)


def audience(reach: Reach, tiers: Sequence[str]) -> QuerySet[Party]:
    """The customers within reach that hold one of these tiers today."""
    wanted = Q(pk__in=[])
    for key in tiers:
        scheme, _dot, rank = key.rpartition(".")
        wanted |= Q(tier_scheme=scheme, tier_rank=int(rank))
    return visible_to(reach).filter(pk__in=PartyScore.objects.filter(wanted).values("party"))


def counted(reach: Reach, version: TemplateVersion, tiers: Sequence[str], at: datetime) -> Audience:
    """What permission would say to this audience at that instant; nothing is reserved."""
    ids = list(audience(reach, tiers).values_list("pk", flat=True))
    verdicts = may_contact(parties=ids, channel=version.template.channel, purpose=Purpose.SERVICE, at=at)
    refused = Counter(one.code for one in verdicts.values() if not one.allowed)
    return Audience(len(ids), len(ids) - refused.total(), tuple(refused.most_common()))


@transaction.atomic
def make(
    *, by: Staff, title: str, version: TemplateVersion, tiers: Sequence[str], planned_at: datetime,
    expires_at: datetime, today: date, now: datetime,
) -> Notice:  # fmt: skip
    """Hand in a notice. ValidationError for a text not approved as a service notice, a tier or a time that is none."""
    require(by, Right.WRITE_MESSAGES, today)
    known = {choice.key for choice in tier_names(today).choices()}
    if not tiers or not set(tiers) <= known:
        raise ValidationError(_("Choose at least one tier."))
    if not texts().filter(pk=version.pk).exists():
        raise ValidationError(_("This text is not approved as a service notice."))
    if _wanting(version):
        raise ValidationError(
            _("This text has fields that a notice cannot fill: its matter must stand in the text.")
        )
    if planned_at < now or expires_at <= planned_at:
        raise ValidationError(_("A notice begins from now on and ends after it begins."))
    notice = Notice(
        title=title.strip()[:80], version=version, tiers=sorted(set(tiers)), planned_at=planned_at,
        expires_at=expires_at, written_by=by, written_at=now,
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
    within = audience(reach_of(by, today), locked.tiers).filter(
        pk__in=audience(reach_of(locked.written_by, today), locked.tiers).values("pk")
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


def _wanting(version: TemplateVersion) -> bool:
    """Whether the text has fields that come with a single message and not from what is known of the customer."""
    given = {field.code for field in fields_of(version.template.use) if field.given}
    return any(
        not {*used(told["text"]), *used(told.get("subject", ""))} <= given for told in version.texts.values()
    )


def content_hash(notice: Notice) -> str:
    """SHA-256 over all that is approved: title, the text's own hash, tiers and times."""
    told = [
        notice.title, notice.version.content_hash, notice.tiers, notice.planned_at.isoformat(),
        notice.expires_at.isoformat(),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _decidable(by: Staff, notice: Notice, today: date) -> Notice:
    require(by, Right.APPROVE_MESSAGES, today)
    require(by, Right.SEE_CUSTOMERS, today)
    rows = Notice.objects.select_related("version__template", "written_by")
    locked = rows.select_for_update(of=("self",)).get(pk=notice.pk)
    if locked.state != NoticeState.PROPOSED:
        raise ValidationError(_("Somebody has decided this notice already."))
    author = locked.written_by_id
    stands_in = any({cover.absent_id, cover.covering_id} == {author, by.pk} for cover in covers_on(today))
    if author == by.pk or stands_in:
        raise PermissionDenied("who wrote a notice, or stands in for that person, does not approve it")
    return locked


def _decide(notice: Notice, state: NoticeState, by: Staff, now: datetime, note: str) -> Notice:
    notice.state, notice.decided_by, notice.decided_at, notice.decided_note = state, by, now, note
    notice.save(update_fields=["state", "queued", "decided_by", "decided_at", "decided_note"])
    verb = "messaging.notice_approved" if state == NoticeState.APPROVED else "messaging.notice_rejected"
    audit.record(by=by, verb=verb, on=notice, count=notice.queued, note=note)
    return notice
