"""A batch of events into the store, all of it in one transaction: each line kept, known before, dropped or refused.

Rows go in as arrays in one statement (COPY is refused on row-secured tables, and the application's login makes no
temporary ones), in the order of their keys, so that two requests with the same events wait for each other and never in
a circle.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from guanxi.crm.arrays import instants, texts
from guanxi.crm.behaviour.models import Batch, RefusedLine
from guanxi.crm.behaviour.policy import register_on
from guanxi.crm.behaviour.rules import Bad, Line, read_line, too_young
from guanxi.crm.organisation.models import Token
from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy

SCOPE = "behaviour:events"
# Reasons why a sound event is not kept.
NO_PROFILING, RESTRICTED, CHILD, AMBIGUOUS = "no_profiling", "restricted", "child", "ambiguous"

_ROWS = (
    "unnest(%(keys)s::uuid[], %(owners)s::text[], %(kinds)s::text[], %(sources)s::text[], %(instants)s::timestamptz[],"
    " %(days)s::date[], %(properties)s::text[]) AS row (key, owner, kind, source, at, day, properties)"
)
_KEEP = f"""
INSERT INTO behaviour_event (key, batch_id, party_id, kind, source, at, day, properties)
SELECT key, %(batch)s, owner::bigint, kind, source, at, day, properties::jsonb FROM {_ROWS} ORDER BY key
ON CONFLICT DO NOTHING
"""
_WAIT = f"""
INSERT INTO behaviour_waiting (key, token_id, identity, kind, source, at, properties, taken_at)
SELECT key, %(token)s, owner, kind, source, at, properties::jsonb, %(now)s FROM {_ROWS} ORDER BY key
ON CONFLICT DO NOTHING
"""
# The latest word on each channel counts, as in the night (score.segment_fact): one refusal is a refusal.
_WHO = """
WITH asked AS (
    SELECT customer_no AS told, id FROM customers_party WHERE customer_no = ANY(%(numbers)s::text[])
    UNION SELECT token, party_id FROM customers_identifier WHERE token = ANY(%(tokens)s::text[])
    UNION SELECT token, party_id FROM customers_contactpoint WHERE token = ANY(%(tokens)s::text[])
)
SELECT DISTINCT asked.told, party.id, party.state, party.birth_date, EXISTS (
    SELECT 1 FROM (
        SELECT DISTINCT ON (said.channel) said.agreed FROM customers_consent AS said
        WHERE said.party_id = party.id AND said.purpose = 'profiling'
          AND (said.given_on <= %(today)s OR NOT said.agreed)
        ORDER BY said.channel, said.given_on DESC
    ) AS word WHERE NOT word.agreed
)
FROM asked
JOIN customers_party AS own ON own.id = asked.id
JOIN customers_party AS party ON party.id = COALESCE(own.merged_into_id, own.id)
"""


class NoRegister(Exception):
    """The bank has set no policy of events."""


class TooMuch(Exception):
    """More lines than one request may have."""


@dataclass
class Taken:
    """What became of a batch. `bad` are the lines refused, with why."""

    batch: int = 0
    came: int = 0
    new: int = 0
    known: int = 0
    waiting: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    bad: list[Bad] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """Events of customers, new or told before."""
        return self.new + self.known


@dataclass(frozen=True, slots=True)
class _Who:
    party: int | None  # None: nobody has this number
    why_not: str = ""


def take(
    *,
    token: Token,
    told: Sequence[Any],
    today: date,
    now: datetime,
    whole: bool = False,
    using: str = "default",
) -> Taken:
    """Keep a batch of decoded events, as the token's person (`acting_as` is the caller's), in the caller's or an own
    transaction.

    `whole`: a batch with a line that cannot be taken is not taken at all, and only the lines refused are told.
    Raises NoRegister, and TooMuch above the policy's limit.
    """
    known = register_on(today)
    if known is None:
        raise NoRegister
    policy, register = known
    if len(told) > policy.batch_most:
        raise TooMuch
    salt = salt_of(token)
    taken = Taken(came=len(told))
    lines: dict[Any, Line] = {}
    for number, each in enumerate(told, 1):
        read = each if isinstance(each, Bad) else read_line(number, each, register, now=now, salt=salt)
        if isinstance(read, Bad):
            taken.bad.append(read)
        elif lines.setdefault(read.key, read) is not read:
            taken.known += 1  # twice in one batch
    if whole and taken.bad:
        return taken
    with transaction.atomic(using=using):
        _write(taken, list(lines.values()), policy, token, today, now, using)
    return taken


def salt_of(token: Token) -> bytes:
    """What tells this sender's keys from another's."""
    return hashlib.sha256(f"behaviour:{token.pk}".encode()).digest()


def who_are(
    identities: Iterable[tuple[str, bool]], policy: BehaviourEventPolicy, today: date, using: str
) -> Mapping[str, _Who]:
    """Whose these numbers and tokens are, within the acting person's sight, and whether events of them are kept."""
    numbers: set[str] = set()
    tokens: set[str] = set()
    for identity, by_token in identities:
        (tokens if by_token else numbers).add(identity)
    told: dict[str, Any] = {
        "numbers": texts(sorted(numbers)),
        "tokens": texts(sorted(tokens)),
        "today": today,
    }
    found: dict[str, _Who] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(_WHO, told)
        for identity, party, state, birth, refused in cursor.fetchall():
            why = ""
            if identity in found and found[identity].party != party:
                why = AMBIGUOUS
            elif state != "active":
                why = RESTRICTED
            elif refused:
                why = NO_PROFILING
            elif too_young(birth, today, policy.youngest_age):
                why = CHILD
            found[identity] = _Who(party, why)
    return found


def _write(
    taken: Taken, lines: Sequence[Line], policy: BehaviourEventPolicy, token: Token, today: date, now: datetime,
    using: str,
) -> None:  # fmt: skip
    who = who_are({(line.identity, line.by_token) for line in lines}, policy, today, using)
    nobody = _Who(None)
    own: list[tuple[Line, str]] = []
    strange: list[tuple[Line, str]] = []
    for line in lines:
        owner = who.get(line.identity, nobody)
        if owner.why_not:
            taken.dropped[owner.why_not] += 1
        elif owner.party is None:
            strange.append((line, line.identity))
        else:
            own.append((line, str(owner.party)))
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('behaviour_batch', 'id'))")
        ((taken.batch,),) = cursor.fetchall()
        if own:
            cursor.execute(_KEEP, {**_columns(own), "batch": taken.batch})
            taken.new = cursor.rowcount
        if strange:
            cursor.execute(_WAIT, {**_columns(strange), "token": token.pk, "now": now})
            taken.waiting = cursor.rowcount
    taken.known += len(own) + len(strange) - taken.new - taken.waiting
    Batch.objects.using(using).create(
        pk=taken.batch, token=token, taken_at=now, came=taken.came, new=taken.new, known=taken.known,
        waiting=taken.waiting, refused=len(taken.bad), dropped=dict(taken.dropped),
        rolled_at=None if taken.new else now,
    )  # fmt: skip
    RefusedLine.objects.using(using).bulk_create(
        RefusedLine(
            batch_id=taken.batch,
            line=bad.number,
            reason=bad.reason,
            kind=bad.kind,
            property_name=bad.property_name,
        )
        for bad in taken.bad
    )


def _columns(rows: Sequence[tuple[Line, str]]) -> dict[str, str]:
    """The rows turned round: one array a column, which PostgreSQL unnests."""
    return {
        "keys": texts(line.key.hex for line, _owner in rows),
        "owners": texts(owner for _line, owner in rows),
        "kinds": texts(line.kind for line, _owner in rows),
        "sources": texts(line.source for line, _owner in rows),
        "instants": instants(line.at for line, _owner in rows),
        "days": instants(timezone.localtime(line.at).date() for line, _owner in rows),
        "properties": texts(line.properties for line, _owner in rows),
    }


def decoded(body: bytes, *, line_bytes: int, listed: bool = False) -> list[Any] | None:
    """The events of a body: a JSON list, {"events": […]}, or one JSON object a line; None for anything else.

    `listed`: a JSON list and nothing else. A line that is no JSON stands in the list as the line refused.
    """
    text = body.lstrip()
    if listed:
        only = _json(text)
        return only if isinstance(only, list) and only else None
    if text[:1] == b"[" or text[:9] == b'{"events"':
        whole = _json(text)
        events = whole.get("events") if isinstance(whole, dict) and len(whole) == 1 else whole
        return events if isinstance(events, list) else None
    found: list[Any] = []
    for number, line in enumerate((part for part in body.split(b"\n") if part.strip()), 1):
        if len(line) > line_bytes:
            found.append(Bad(number, "too_long"))
            continue
        read = _json(line)
        found.append(Bad(number, "not_json") if read is None else read)
    return found or None


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
