"""Hearing what customers write back (客户回复): a refusal counts in the same transaction, talk waits for a person."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from guanxi.channels.face import Reply
from guanxi.crm.customers.models import ContactPoint, Party
from guanxi.crm.customers.protected import door
from guanxi.crm.messaging import permission
from guanxi.crm.messaging.facts import POINTS
from guanxi.crm.messaging.models import Heard, SaidBy
from guanxi.insight.contact.replies import STOP, asks
from guanxi.insight.staging.identifiers import Protected

KINDS = {"sms": Protected.MOBILE, "call": Protected.MOBILE, "email": Protected.EMAIL}
MOST_TEXT = 1_000


@dataclass(frozen=True)
class Said:
    """One reply: the token of where it came from, by what, the words, and when."""

    token: str
    channel: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Word:
    """What came of one reply: what it was taken for, how many customers it is from, how many messages it stopped."""

    asks: str
    customers: int
    stopped: int


def hear(reply: Reply, *, channel: str, at: datetime, using: str = "default") -> Word:
    """Keep a reply and do what it asks; the same reply again changes nothing.

    A refusal is one of all marketing, whatever the channel: for every customer known by that number, and for the number
    itself. `at` is when we heard of it. Run where every customer is in sight (the sender's login).
    """
    tokens = tokens_of(reply.address, channel)
    wish = asks(reply.text)
    with transaction.atomic(using=using):
        parties = _parties(tokens, channel, using)
        said = Said(tokens[0] if tokens else "", channel, reply.text, reply.at)
        unknown: list[Party | None] = [None]
        stopped = sum(_keep(said, party, wish, at, using) for party in parties or unknown)
        if wish == STOP:
            for token in tokens[:1]:
                permission.suppress(token=token, source=SaidBy.REPLY, at=at, using=using)
    return Word(wish, len(parties), stopped)


def keep_words(
    *,
    party: Party,
    token: str,
    channel: str,
    text: str,
    said_at: datetime,
    at: datetime,
    using: str = "default",
) -> int:
    """The same for a customer known already, without their number; how many queued messages it stopped."""
    with transaction.atomic(using=using):
        return _keep(Said(token, channel, text, said_at), party, asks(text), at, using)


def tokens_of(address: str, channel: str) -> tuple[str, ...]:
    """The keyed tokens a number or address may stand under, the present key's first."""
    kind = KINDS.get(channel)
    return tuple(door().tokens(kind, address)) if kind else ()


def _parties(tokens: tuple[str, ...], channel: str, using: str) -> list[Party]:
    points = ContactPoint.objects.using(using).filter(token__in=tokens, kind__in=POINTS.get(channel, ()))
    keys = points.values_list("party_id", flat=True)
    return list(Party.objects.using(using).filter(pk__in=list(keys)).order_by("pk"))


def _keep(said: Said, party: Party | None, wish: str, at: datetime, using: str) -> int:
    """One customer's row of a reply, and the refusal in it; how many queued messages it stopped."""
    row, new = Heard.objects.using(using).get_or_create(
        party=party, channel=said.channel, token=said.token, at=said.at, text=said.text[:MOST_TEXT],
        defaults={"heard_at": at, "asks": wish},
    )  # fmt: skip
    if not new or wish != STOP or party is None:
        return 0
    _entry, stopped = permission.refuse_all(
        party=party, source=SaidBy.REPLY, at=at, text=said.text[:500], using=using
    )
    row.stopped = stopped
    row.save(update_fields=["stopped"], using=using)
    return stopped
