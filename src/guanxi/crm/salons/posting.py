"""Invitations through the outbox: which approved template speaks for a salon, and what is filled in."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.leads.acting import Acting
from guanxi.crm.messaging import services as messaging
from guanxi.crm.messaging.models import TemplateState, TemplateVersion
from guanxi.crm.messaging.permission import may_contact
from guanxi.crm.salons.models import Channel, Invitation, Salon
from guanxi.web.signed import seal

ORIGIN, PURPOSE, USE = "salon", "marketing", "event"
PERSONAL = "salons.personal"
"""The purpose a personal link is signed for."""


def template_for(channel: Channel) -> TemplateVersion:
    """The approved invitation for this channel; ValidationError when there is none yet."""
    rows = TemplateVersion.objects.filter(
        state=TemplateState.APPROVED, template__use=USE, template__channel=channel, template__ended_at=None
    )
    found = rows.order_by("template__code").first()
    if found is None:
        raise ValidationError(_("No template of an invitation is approved for this channel."))
    return found


def allowed(parties: Sequence[int], channel: Channel, acting: Acting) -> frozenset[int]:
    """Whom the contact rules let be addressed in this way at all: consent, refusals, holds; not the day's hours."""
    said = may_contact(parties=parties, channel=str(channel), purpose=PURPOSE, at=acting.now)
    return frozenset(
        party for party, verdict in said.items() if verdict.allowed or verdict.next_at is not None
    )


def post(salon: Salon, made: Sequence[Invitation], channel: Channel, acting: Acting) -> None:
    """Put one message for each of these into the outbox; what has not gone out when the salon begins never does."""
    if not made:
        return
    begins = timezone.localtime(salon.starts_at)
    shared = {
        "event": salon.title, "event_day": salon.day.isoformat(), "event_time": f"{begins:%H:%M}", "place": salon.place,
    }  # fmt: skip
    rows = [(one.party_id, {**shared, "link": link_of(one)}) for one in made if one.party_id is not None]
    messaging.queue(
        by=acting.by, origin=ORIGIN, ref=str(salon.uuid), channel=str(channel), purpose=PURPOSE, parties=rows,
        template_version=template_for(channel).pk, planned_at=acting.now, now=acting.now,
        expires_at=salon.starts_at - timedelta(hours=1),
    )  # fmt: skip


def link_of(invitation: Invitation) -> str:
    """The whole address of somebody's own page, as a message says it."""
    token = seal(PERSONAL, invitation.pk, invitation.salon.day)
    return str(settings.GUANXI_PUBLIC_URL).rstrip("/") + reverse("salons:guest", args=[token])
