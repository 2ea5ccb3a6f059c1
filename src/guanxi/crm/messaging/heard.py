"""Reads of customers' replies (客户回复), and marking them as read."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.messaging.models import Heard
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach


def heard(reach: Reach) -> QuerySet[Heard]:
    """Replies within reach, those nobody has read yet first; of unknown numbers to who sees the whole bank."""
    rows = Heard.objects.select_related("party", "seen_by")
    if not reach.sees_customers:
        return rows.none()
    if not reach.whole_bank:
        rows = rows.filter(party__in=visible_to(reach))
    return rows.order_by(F("seen_at").desc(nulls_first=True), "-at", "-pk")


def heard_of(reach: Reach, party: Party) -> QuerySet[Heard]:
    """What this customer wrote back, the latest first; none out of reach."""
    rows = Heard.objects.filter(party=party).order_by("-at")
    return rows if reach.covers(party.unit_id, party.keeper_id) else rows.none()


@transaction.atomic
def mark_seen(row: Heard, *, by: Staff, now: datetime) -> Heard:
    """Somebody has read it; again changes nothing."""
    locked = Heard.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.seen_at is None:
        locked.seen_by, locked.seen_at = by, now
        locked.save(update_fields=["seen_by", "seen_at"])
        audit.record(by=by, verb="messaging.reply_read", on=locked, party=locked.party_id)
    return locked
