"""What a customer's words come to: the latest word counts, and a refusal of a channel is lifted for that channel only.

Rules: PIPL 14-16 (voluntary, explicit, withdrawn as easily as given), 消费者权益保护法 29 (nothing commercial without
consent or after a refusal).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from guanxi.insight.contact.facts import ANY, Said, consent_channel

REFUSED, NO_CONSENT, AGREED = "refused", "no_consent", "agreed"


def standing(said: Iterable[Said], purpose: str, channel: str, at: datetime) -> tuple[str, Said | None]:
    """What counts at that instant for a purpose on a channel, with the word it rests on.

    A word on the channel itself and one on all channels stand beside each other: nothing is agreed where either is a
    refusal not answered later by a word that reaches it. A refusal on the channel is answered by a later agreement on
    that channel only; a refusal of everything by a later agreement on everything or on the channel.
    """
    heard = [word for word in said if word.purpose == purpose and word.since <= at]
    own = _latest(word for word in heard if word.channel == consent_channel(channel))
    general = _latest(word for word in heard if word.channel == ANY)
    if own is not None and not own.agreed:
        return REFUSED, own
    if general is not None and not general.agreed and not (own and own.rank > general.rank):
        return REFUSED, general
    agreed = own or general
    return (AGREED, agreed) if agreed is not None else (NO_CONSENT, None)


def refuses_profiling(said: Iterable[Said], at: datetime) -> bool:
    """Whether the customer does not want to be judged by their data (no_profiling, PIPL 24)."""
    heard = [word for word in said if word.purpose == "profiling" and word.since <= at]
    channels = {word.channel for word in heard}
    newest = [_latest(word for word in heard if word.channel == channel) for channel in channels]
    return any(word is not None and not word.agreed for word in newest)


def _latest(words: Iterable[Said]) -> Said | None:
    """The last word; of words at the same instant the refusal."""
    return max(words, key=lambda word: (word.rank, not word.agreed), default=None)
