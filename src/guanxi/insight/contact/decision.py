"""The one answer to "may we reach this customer on this channel now"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from guanxi.insight.contact import consent, hours
from guanxi.insight.contact.budget import Left, left_of
from guanxi.insight.contact.facts import Facts
from guanxi.insight.policies.contact import MARKETING, Cap, ContactPolicy

OK = "ok"
# What may change by waiting; everything else is a no until somebody says or does something.
PASSING = ("quiet", "cap_day", "cap_week", "cap_month")
CODES = (
    *(OK, "unknown", "deceased", "stopped", "closed", "minor", "suppressed", "refused", "no_consent"),
    *("no_profiling", "topic", "hold", "zone", "calendar", "cap_none", *PASSING),
)
ROUNDS = 12  # day, week and month may each have to pass, each ending in quiet hours


@dataclass(frozen=True)
class Asked:
    """What somebody wants to send or say. `personal`: chosen by scores, which a customer may refuse and still get the
    general message; `topic`: what it is about."""

    channel: str
    purpose: str
    personal: bool = False
    topic: str = ""


@dataclass(frozen=True)
class Verdict:
    """Allowed or not, why, how many marketing contacts the period still holds, and when it may go (UTC), if ever.

    `remaining` counts before this contact and is None for service notices, which have no budget. `word` refers to the
    consent it rests on, or to the refusal; `why` is the hold's own reason.
    """

    allowed: bool
    code: str
    remaining: int | None = None
    next_at: datetime | None = None
    word: int | None = None
    why: str = ""

    @property
    def passing(self) -> bool:
        """Whether waiting until `next_at` may help."""
        return self.code in PASSING and self.next_at is not None


def decide(facts: Facts, policy: ContactPolicy, at: datetime, *, asked: Asked) -> Verdict:
    """Whether this customer may be reached at that instant.

    The order of the questions is from what never passes to what passes by itself. Who fails two hears of the first.
    """
    channel, purpose = asked.channel, asked.purpose
    refusal, word = _lasting(facts, policy, at, asked)
    left = _left(facts, policy, at, channel) if purpose == MARKETING else None
    remaining = max(left.times, 0) if left else None
    if refusal:
        return Verdict(False, refusal, remaining, word=word, why=_why(facts, refusal))
    window = policy.window(purpose, channel)
    state = hours.open_at(window, facts.zone, at)
    if left is not None and left.times <= 0:
        later = _later(facts, policy, at, channel, purpose)
        return Verdict(False, left.code, 0, later, word)
    if state != hours.OPEN:
        later = _later(facts, policy, at, channel, purpose) if state == hours.QUIET else None
        return Verdict(False, state, remaining, later, word)
    return Verdict(True, OK, remaining, at, word)


def _lasting(facts: Facts, policy: ContactPolicy, at: datetime, asked: Asked) -> tuple[str, int | None]:
    """The code of a no that waiting does not change ("" when there is none), and the word of the customer behind."""
    always = (("deceased", facts.state == "deceased"), ("stopped", bool(facts.stops)))
    if asked.purpose != MARKETING:
        return next((code for code, holds in always if holds), ""), None
    state, word = consent.standing(facts.said, asked.purpose, asked.channel, at)
    day = _local_day(facts, policy, at)
    questions = (
        *always,
        ("closed", facts.state != "active"),
        ("minor", facts.is_person and _too_young(facts.born, policy.youngest, day)),
        ("suppressed", facts.suppressed),
        (state, state != consent.AGREED),
        ("no_profiling", asked.personal and consent.refuses_profiling(facts.said, at)),
        ("topic", asked.topic in facts.topics_off),
        ("hold", bool(facts.holds)),
    )
    return next((code for code, holds in questions if holds), ""), word.ref if word else None


def _why(facts: Facts, code: str) -> str:
    return {"hold": facts.holds, "stopped": facts.stops}.get(code, ("",))[0]


def _local_day(facts: Facts, policy: ContactPolicy, at: datetime) -> date:
    return at.astimezone(ZoneInfo(facts.zone or policy.bank_zone)).date()


def _too_young(born: date | None, youngest: int, day: date) -> bool:
    """Below `youngest` full years, which are full from the day after the birthday on; an unknown birth is of age."""
    if born is None:
        return False
    leap = (born.month, born.day) == (2, 29)
    month, number = (3, 1) if leap and not _is_leap(born.year + youngest) else (born.month, born.day)
    return day <= date(born.year + youngest, month, number)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _left(facts: Facts, policy: ContactPolicy, at: datetime, channel: str) -> Left:
    day = at.astimezone(ZoneInfo(policy.bank_zone)).date()
    caps = policy.caps_for(channel, facts.scheme, facts.tier, facts.stage)
    if facts.most_a_month is not None:
        wish = facts.most_a_month
        caps += (Cap(wish, wish, wish),)
    return left_of(caps, facts.touches, day)


def _later(facts: Facts, policy: ContactPolicy, at: datetime, channel: str, purpose: str) -> datetime | None:
    """The first instant after which neither budget nor hours stand against it, if nothing else happens."""
    window, bank = policy.window(purpose, channel), ZoneInfo(policy.bank_zone)
    moment: datetime | None = at
    for _round in range(ROUNDS):
        if moment is None:
            return None
        left = _left(facts, policy, moment, channel) if purpose == MARKETING else None
        if left is not None and left.times <= 0:
            if left.free_on is None:
                return None
            moment = datetime.combine(left.free_on, time(), bank).astimezone(UTC)
            continue
        opens = hours.next_open(window, facts.zone, moment)
        if opens == moment:
            return moment
        moment = opens
    return None
