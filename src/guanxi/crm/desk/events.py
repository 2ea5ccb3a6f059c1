"""The time line of a customer, put together from many rooms; days, not moments: the bank's records have no more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Consent, Holding, KeeperTerm, Party
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.customers.words import CONSENT_CHANNELS, CONSENT_PURPOSES
from guanxi.crm.interactions.pictures import Told
from guanxi.crm.scores.models import LargeChange, PartyHistory, TierHistory
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.words import STAGES
from guanxi.web import formats

MOST_EVENTS = 60
FIRST_EVENTS = 10  # shown at once; the rest is folded
OWNED = {"holder", "joint"}


@dataclass(frozen=True)
class Event:
    """Something that happened on a day; `month_only`: only its month is known."""

    on: date
    text: str
    icon: str
    kind: str = "grey"
    by: str = ""
    month_only: bool = False


def events_of(picture: Picture, told: Iterable[Told] = ()) -> list[Event]:
    """What is known about this customer up to today, the latest first; `told`: contacts and promises."""
    found = [
        *(Event(one.on, one.text, one.icon, one.kind, by=one.by) for one in told),
        *_tier_events(picture.tiers, picture.names),
        *_stage_events(picture.history),
        *_large_events(picture.party),
        *_keeper_events(picture.keeper_terms),
        *_consent_events(picture.consents),
        *_product_events(picture.holdings),
    ]
    past = [event for event in found if event.on <= picture.today]
    return sorted(past, key=lambda event: event.on, reverse=True)[:MOST_EVENTS]


def _tier_events(held: Sequence[TierHistory], names: TierNames) -> Iterator[Event]:
    before: list[TierHistory | None] = [*held[1:], None]
    for new, old in zip(held, before, strict=False):
        now = names.label(new.scheme, new.tier_rank)
        if old is None:
            yield Event(new.valid_from, _("Tier %(now)s") % {"now": now}, "stairs-up", "accent")
            continue
        rose = (new.tier_rank or 0) > (old.tier_rank or 0)
        told = {"old": names.label(old.scheme, old.tier_rank), "now": now}
        text = _("Tier rose from %(old)s to %(now)s") if rose else _("Tier went from %(old)s to %(now)s")
        yield Event(
            new.valid_from,
            text % told,
            "trending-up" if rose else "trending-down",
            "green" if rose else "amber",
        )


def _stage_events(history: PartyHistory | None) -> Iterator[Event]:
    if history is None:
        return
    for (_month, old), (month, new) in pairwise(zip(history.months, history.stages, strict=True)):
        if old and new and old != new:
            told = {"old": STAGES.get(old, old), "now": STAGES.get(new, new)}
            kind = {"lost": "red", "declining": "amber", "won_back": "green"}.get(new, "grey")
            yield Event(
                month, _("Stage went from %(old)s to %(now)s") % told, "activity", kind, month_only=True
            )


def _large_events(party: Party) -> Iterator[Event]:
    for change in () if nothing_in(party, LargeChange) else LargeChange.objects.filter(party=party):
        moved = formats.money_words(abs(change.change_fen), get_language() or "zh")
        fell = change.change_fen < 0
        text = _("AUM fell by %(amount)s in a day") if fell else _("AUM rose by %(amount)s in a day")
        yield Event(
            change.day,
            text % {"amount": moved},
            "arrow-down-right" if fell else "arrow-up-right",
            "amber" if fell else "green",
        )


def _keeper_events(terms: Iterable[KeeperTerm]) -> Iterator[Event]:
    for term in terms:
        text = _("%(name)s became keeper") if term.is_primary else _("%(name)s became second keeper")
        yield Event(term.valid_from, text % {"name": term.staff.name}, "user-check", by=term.reason)
        if term.valid_to is not None:
            ended = _("%(name)s is keeper no longer") % {"name": term.staff.name}
            yield Event(term.valid_to, ended, "user", by=term.reason)


def _consent_events(given: Iterable[Consent]) -> Iterator[Event]:
    for consent in given:
        told = {
            "purpose": CONSENT_PURPOSES.get(consent.purpose, consent.purpose),
            "channel": CONSENT_CHANNELS.get(consent.channel, consent.channel),
        }
        text = (
            _("Agreed: %(purpose)s by %(channel)s")
            if consent.agreed
            else _("Refused: %(purpose)s by %(channel)s")
        )
        yield Event(
            consent.given_on,
            text % told,
            "shield-check" if consent.agreed else "ban",
            by=consent.source or "",
        )


def _product_events(accounts: Iterable[Holding]) -> Iterator[Event]:
    for account in accounts:
        if account.role not in OWNED:
            continue
        product = account.product_name or account.get_family_display()
        if account.opened_on:
            yield Event(account.opened_on, _("Opened %(product)s") % {"product": product}, "wallet")
        if account.closed_on:
            yield Event(account.closed_on, _("Closed %(product)s") % {"product": product}, "x")
