"""What customers decide themselves (偏好设置), behind a signed link and without signing in: what, how often, by what.

The program acts here, not a person: it sees this one customer only, and the trail says where the word came from.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging import facts, permission
from guanxi.crm.messaging.filling import PREFERENCES
from guanxi.crm.messaging.models import Budget, Channel, SaidBy
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.organisation.acting import settings_of_transaction
from guanxi.insight.contact import consent
from guanxi.insight.contact.fields import TOPICS
from guanxi.insight.policies.contact import MARKETING, ContactPolicy
from guanxi.web.signed import unseal

OFFERED = (Channel.SMS, Channel.CALL, Channel.EMAIL, Channel.WECOM)
MOST_CHOICES = (None, 4, 2, 1)
"""Marketing contacts a month a customer may wish for; none: as often as the bank's rules allow."""


@dataclass(frozen=True)
class Wishes:
    """What a customer has before them: channels agreed to, topics wanted, how often, whether chosen by their data."""

    channels: frozenset[str] = frozenset()
    topics: frozenset[str] = field(default_factory=lambda: frozenset(TOPICS))
    most_a_month: int | None = None
    personal: bool = True
    language: str = "zh"


@contextmanager
def behind(token: str, *, today: date) -> Iterator[Party | None]:
    """The customer a link names, within a transaction in which the program sees customers; None for a forged, foreign
    or expired link, and for a customer who is gone. Nothing else is read by the callers than this customer."""
    signed = unseal(PREFERENCES, token)
    if signed is None or signed.expired_on(today):
        yield None
        return
    with transaction.atomic(), settings_of_transaction(("", "bank", "", ""), using="default"):
        found = Party.objects.filter(pk=signed.number).select_related("merged_into", "unit").first()
        yield (found.merged_into or found) if found else None


def wishes_of(party: Party, *, at: datetime, policy: ContactPolicy) -> Wishes:
    """What counts for this customer now."""
    known = facts.read([party.pk], at=at, policy=policy)[party.pk]
    budget = Budget.objects.filter(pk=known.root).first()
    agreed = {
        str(channel)
        for channel in OFFERED
        if consent.standing(known.said, MARKETING, channel, at)[0] == consent.AGREED
    }
    off = set(budget.topics_off) if budget else set()
    return Wishes(
        channels=frozenset(agreed),
        topics=frozenset(set(TOPICS) - off),
        most_a_month=budget.most_a_month if budget else None,
        personal=not consent.refuses_profiling(known.said, at),
        language=known.language,
    )


def keep(party: Party, wished: Wishes, *, at: datetime) -> list[str]:
    """Keep what the customer chose; what changed, in words. Agreements keep the sentence that was agreed to."""
    policy = contact_policy(timezone.localtime(at).date())
    if policy is None:
        return []
    before = wishes_of(party, at=at, policy=policy)
    with transaction.atomic():
        changed = _channels(party, before, wished, at)
        if before.personal != wished.personal:
            _profiling(party, wished.personal, at)
            changed.append("personal")
        if _budget(party, before, wished):
            changed.append("wishes")
            wish: dict[str, Any] = {
                "topics": sorted(wished.topics),
                "most": wished.most_a_month,
                "language": wished.language,
            }
            audit.record(by=None, verb="messaging.wishes_kept", on=party, source=SaidBy.LINK, **wish)
    return changed


def stop_everything(party: Party, *, at: datetime, source: str = SaidBy.LINK) -> int:
    """No marketing at all from now on; how many queued messages went no further."""
    _entry, stopped = permission.refuse_all(party=party, source=source, at=at, text=_("Stop everything"))
    return stopped


def agreed_words(channel: str) -> str:
    """The sentence a customer agrees to for a channel; kept with the agreement."""
    said: Mapping[str, str] = {
        Channel.SMS: _("I agree to receive the bank's offers and invitations by text message."),
        Channel.CALL: _("I agree to be called about the bank's offers and invitations."),
        Channel.EMAIL: _("I agree to receive the bank's offers and invitations by e-mail."),
        Channel.WECOM: _("I agree to receive the bank's offers and invitations by WeCom."),
    }
    return said[channel]


def _channels(party: Party, before: Wishes, wished: Wishes, at: datetime) -> list[str]:
    changed = []
    for channel in OFFERED:
        if channel in wished.channels and channel not in before.channels:
            permission.agree(
                party=party, channel=channel, source=SaidBy.LINK, at=at, text=agreed_words(channel)
            )
            changed.append(str(channel))
        elif channel in before.channels and channel not in wished.channels:
            permission.refuse_all(
                party=party, channel=channel, source=SaidBy.LINK, at=at, text=_("No longer by this channel")
            )
            changed.append(str(channel))
    return changed


def _profiling(party: Party, wanted: bool, at: datetime) -> None:
    if wanted:
        said = _("I agree that offers are chosen by my data at the bank.")
        permission.agree(party=party, purpose="profiling", source=SaidBy.LINK, at=at, text=said)
    else:
        permission.refuse_profiling(party=party, source=SaidBy.LINK, at=at, text=_("General messages only"))


def _budget(party: Party, before: Wishes, wished: Wishes) -> bool:
    """Keep topics, times and language; whether they differ from before."""
    if (before.topics, before.most_a_month, before.language) == (
        wished.topics,
        wished.most_a_month,
        wished.language,
    ):
        return False
    told = {
        "topics_off": sorted(set(TOPICS) - wished.topics),
        "most_a_month": wished.most_a_month,
        "language": wished.language,
    }
    Budget.objects.update_or_create(party_id=party.pk, defaults=told)
    return True
