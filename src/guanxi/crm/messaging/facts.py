"""Reading what the gate needs to know of customers: one statement for however many, the same for one on a page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections

from guanxi.crm.arrays import numbers
from guanxi.crm.messaging.models.permission import STOPPING
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.contact import Facts, Said, Touch
from guanxi.insight.contact.budget import first_day
from guanxi.insight.policies.contact import ContactPolicy

# Which kinds of contact point a channel uses: a suppressed number stops the channel that would reach it.
POINTS: Mapping[str, tuple[str, ...]] = {
    "sms": ("mobile",),
    "call": ("mobile", "phone"),
    "email": ("email",),
    "wecom": ("wecom",),
    "letter": ("address",),
}

# A customer number merged into a person leads to that person, and the person has what was said under each number.
_READ = """
WITH asked AS (
    SELECT own.id AS given, COALESCE(own.merged_into_id, own.id) AS root
    FROM customers_party AS own WHERE own.id = ANY(%(ids)s::bigint[])
), root AS (
    SELECT DISTINCT root AS id FROM asked
), member AS (
    SELECT id AS root, id FROM root
    UNION ALL
    SELECT merged.merged_into_id, merged.id FROM customers_party AS merged
    WHERE merged.merged_into_id = ANY(ARRAY(SELECT id FROM root))
)
SELECT given, 'is', jsonb_build_array(root) FROM asked WHERE root <> given
UNION ALL
SELECT party.id, 'party', jsonb_build_array(
    party.state, party.kind, party.birth_date, party.id_type, score.tier_scheme, score.tier_rank, score.stage,
    budget.zone, budget.language, budget.most_a_month, budget.topics_off)
FROM customers_party AS party JOIN root ON root.id = party.id
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
LEFT JOIN messaging_budget AS budget ON budget.party_id = party.id
UNION ALL
SELECT member.root, 'bank', jsonb_build_array(word.purpose, word.channel, word.agreed, word.given_on, word.id)
FROM customers_consent AS word JOIN member ON member.id = word.party_id
WHERE word.purpose IN ('marketing', 'profiling')
UNION ALL
SELECT member.root, 'us', jsonb_build_array(word.purpose, word.channel, word.agreed, word.at, word.id)
FROM messaging_consententry AS word JOIN member ON member.id = word.party_id
UNION ALL
SELECT member.root, 'hold', jsonb_build_array(held.reason)
FROM messaging_hold AS held JOIN member ON member.id = held.party_id
WHERE held.released_at IS NULL AND (held.until IS NULL OR held.until > %(at)s)
UNION ALL
SELECT member.root, 'suppressed', jsonb_build_array(point.kind)
FROM customers_contactpoint AS point JOIN member ON member.id = point.party_id
JOIN messaging_suppression AS off ON off.token = point.token AND off.ended_at IS NULL
UNION ALL
SELECT member.root, 'touch', jsonb_build_array(touched.day, touched.channel, touched.times)
FROM messaging_touch AS touched JOIN member ON member.id = touched.party_id
WHERE touched.day >= %(first)s
UNION ALL
SELECT member.root, 'touch', jsonb_build_array(contact.day, contact.channel, COUNT(*))
FROM interactions_contact AS contact JOIN member ON member.id = contact.party_id
WHERE contact.day >= %(first)s AND contact.channel = ANY(%(people)s)
GROUP BY member.root, contact.day, contact.channel
"""


@dataclass
class Known:
    """One customer as read: the facts still to be put together, and what pages show beside them."""

    root: int
    party: Sequence[Any] = ()
    said: list[Said] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    suppressed: set[str] = field(default_factory=set)
    touches: list[Touch] = field(default_factory=list)

    @property
    def language(self) -> str:
        """The language the customer wished for, "zh" without a wish."""
        return str(self.party[8] or "zh") if self.party else "zh"

    def facts(self, channel: str, policy: ContactPolicy, tiers: TierNames) -> Facts:
        """What the gate is told for one channel."""
        state, kind, born, id_type, scheme, rank, stage, zone, _language, most, topics = self.party
        band = tiers.band(scheme, rank)
        home = policy.home_zone if id_type in policy.home_id_types else None
        stops = tuple(reason for reason in self.holds if reason in STOPPING)
        return Facts(
            state=state, is_person=kind == "person", born=date.fromisoformat(born) if born else None,
            zone=zone or home, scheme=scheme or "", tier=band.code if band else "", stage=stage or "",
            said=tuple(self.said), suppressed=bool(self.suppressed.intersection(POINTS.get(channel, ()))),
            holds=tuple(reason for reason in self.holds if reason not in STOPPING), stops=stops,
            touches=tuple(self.touches), most_a_month=most, topics_off=tuple(topics or ()),
        )  # fmt: skip


def read(
    ids: Iterable[int], *, at: datetime, policy: ContactPolicy, using: str = "default"
) -> dict[int, Known]:
    """What is known of these customers, by the number asked for; who is out of sight is missing. One statement."""
    zone, wanted = ZoneInfo(policy.bank_zone), sorted(set(ids))
    told: dict[str, Any] = {
        "ids": numbers(wanted), "at": at, "people": list(policy.people_channels),
        "first": first_day(at.astimezone(zone).date()),
    }  # fmt: skip
    with connections[using].cursor() as cursor:
        cursor.execute(_READ, told)
        rows = cursor.fetchall()
    roots = {key: _values(told)[0] for key, what, told in rows if what == "is"}
    known: dict[int, Known] = {}
    for key, what, values in rows:
        if what != "is":
            if key not in known:
                known[key] = Known(key)
            _add(known[key], what, _values(values), zone)
    for one in known.values():
        one.said = _as_they_came(one.said, at)
    found = ((given, known.get(roots.get(given, given))) for given in wanted)
    return {given: one for given, one in found if one is not None and one.party}


def _values(told: Any) -> list[Any]:
    """A row's values: the driver hands JSON over read, or as text."""
    return list(json.loads(told) if isinstance(told, str) else told)


def _add(known: Known, what: str, values: list[Any], zone: ZoneInfo) -> None:
    if what == "party":
        known.party = values
    elif what == "bank":
        known.said.append(_of_the_bank(*values, zone=zone))
    elif what == "us":
        purpose, channel, agreed, at, key = values
        moment = datetime.fromisoformat(at)
        known.said.append(Said(purpose, channel, agreed, moment, moment, -key))
    elif what == "hold":
        known.holds.append(values[0])
    elif what == "suppressed":
        known.suppressed.add(values[0])
    else:
        known.touches.append(Touch(date.fromisoformat(values[0]), values[1], values[2]))


def _as_they_came(said: Iterable[Said], at: datetime) -> list[Said]:
    """The words with what a clock that jumped cannot take away: a refusal counts from when it stands here, and over
    each agreement that stood in our ledger before it, whatever instants the clock gave to the two.

    Our ledger only grows, so its numbers tell the order. An agreement gains nothing: one that was written down late
    must not lift a refusal heard since.
    """
    latest, words = datetime.min.replace(tzinfo=UTC), []
    for word in sorted(said, key=lambda word: max(-word.ref, 0)):  # the bank's, then ours as they came
        ours = word.ref < 0
        latest = max(latest, word.rank) if ours else latest
        rank = latest if ours and not word.agreed else word.rank
        words.append(replace(word, since=word.since if word.agreed else min(word.since, at), rank=rank))
    return words


def _of_the_bank(
    purpose: str, channel: str, agreed: bool, given_on: str, key: int, *, zone: ZoneInfo
) -> Said:
    """A word of which only the day is known: it counts from the day's begin, a refusal ranks at the day's end."""
    begins = datetime.combine(date.fromisoformat(given_on), time(), zone).astimezone(UTC)
    ends = begins + timedelta(days=1) - timedelta(microseconds=1)
    return Said(purpose, channel, agreed, begins, begins if agreed else ends, key)
