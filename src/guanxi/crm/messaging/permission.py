"""The gate (触达许可): may these customers be reached now, and taking it from their budget at the instant of sending.

`may_contact` only looks. `take` decides and reserves in the sender's transaction, with the customers' budget rows
locked in the order of their numbers: of two senders at the same customer the second sees what the first took. What
customers say (`refuse_all`, `agree`) and what people hold up (`hold`) waits for calls under way, and counts for
everything that is submitted after it was committed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.arrays import instants, numbers, texts
from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging import facts
from guanxi.crm.messaging.locks import wait_for_calls
from guanxi.crm.messaging.models import ConsentEntry, Hold, SaidBy, Suppression
from guanxi.crm.messaging.policy import bank_day, contact_policy
from guanxi.crm.organisation.models import Staff
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.insight.contact import Asked, Touch, Verdict, decide
from guanxi.insight.contact.facts import ANY, consent_channel
from guanxi.insight.policies.contact import MARKETING, ContactPolicy

UNKNOWN = Verdict(False, "unknown")
NO_POLICY = Verdict(False, "no_policy")
WAIT_FOR_CALLS = "60s"
"""A call to the counterpart takes so long at most; whoever refuses waits for it rather than being told to come back."""

_ROOTS = "SELECT id, COALESCE(merged_into_id, id) FROM customers_party WHERE id = ANY(%s::bigint[])"
_ROWS = """
INSERT INTO messaging_budget (party_id) SELECT id FROM unnest(%s::bigint[]) AS asked (id) ORDER BY id
ON CONFLICT (party_id) DO NOTHING
"""
_LOCK = "SELECT 1 FROM messaging_budget WHERE party_id = ANY(%s::bigint[]) ORDER BY party_id FOR UPDATE"
_RESERVE = """
INSERT INTO messaging_touch AS known (party_id, day, channel, times)
SELECT party, day, channel, COUNT(*) FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS took (party, day, channel)
GROUP BY party, day, channel
ON CONFLICT (party_id, day, channel) DO UPDATE SET times = known.times + EXCLUDED.times
"""
_GIVE_BACK = """
UPDATE messaging_touch AS known SET times = GREATEST(known.times - given.times, 0)
FROM (
    SELECT party, day, channel, COUNT(*) AS times
    FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS took (party, day, channel) GROUP BY party, day, channel
) AS given
WHERE known.party_id = given.party AND known.day = given.day AND known.channel = given.channel
"""
_STOP = """
UPDATE messaging_message SET
    state = CASE WHEN in_doubt THEN 'unknown' ELSE 'stopped' END, code = %(code)s, ended_at = %(at)s,
    unknown_at = CASE WHEN in_doubt THEN COALESCE(unknown_at, %(at)s) ELSE unknown_at END, lease_until = NULL
WHERE party_id = ANY(%(parties)s) AND purpose = 'marketing' AND state = 'planned'
  AND (%(channel)s = '' OR channel = %(channel)s)
"""


class Wanted(Protocol):
    """What the gate needs of a message: the outbox's rows have it."""

    party_id: int
    channel: str
    purpose: str


@dataclass(frozen=True)
class Choice:
    """Whether a message was chosen by scores, and what it is about: its template says so."""

    personal: bool = False
    topic: str = ""


@dataclass(frozen=True)
class Evidence:
    """What an agreement taken in person rests on: lawful basis, version of the words read, proof and its number."""

    basis: str = ""
    wording: str = ""
    proof: str = ""
    proof_no: str = ""


def may_contact(
    *, parties: Iterable[int], channel: str, purpose: str, at: datetime, policy: ContactPolicy | None = None,
    choice: Choice = Choice(), using: str = "default",
) -> dict[int, Verdict]:  # fmt: skip
    """The verdict for each of these customers at that instant, one statement for all; nothing is reserved.

    Customers out of the acting person's sight are "unknown". Without rules in force nobody may be reached.
    """
    wanted = list(parties)
    rules = policy or contact_policy(timezone.localtime(at).date())
    if rules is None:
        return dict.fromkeys(wanted, NO_POLICY)
    known = facts.read(wanted, at=at, policy=rules, using=using)
    tiers = tier_names(bank_day(rules, at))
    asked = Asked(channel, purpose, choice.personal, choice.topic)
    return {
        party: decide(known[party].facts(channel, rules, tiers), rules, at, asked=asked)
        if party in known
        else UNKNOWN
        for party in wanted
    }


def take(
    *, messages: Sequence[Wanted], at: datetime, policy: ContactPolicy | None = None, using: str = "default",
    choices: Mapping[int, Choice] | None = None,
) -> list[Verdict]:  # fmt: skip
    """Decide each message in its order and take the allowed ones from the budget, in the sender's transaction.

    `choices` by place in `messages`, for those chosen by scores. The budget rows of these customers stay locked until
    the transaction ends; a rollback gives everything back. RuntimeError outside of a transaction.
    """
    if not connections[using].in_atomic_block:
        raise RuntimeError("take() belongs into the sender's transaction")
    rules = policy or contact_policy(timezone.localtime(at).date())
    if rules is None:
        return [NO_POLICY] * len(messages)
    parties = {message.party_id for message in messages}
    _lock(parties, using)
    known = facts.read(parties, at=at, policy=rules, using=using)
    tiers, day = tier_names(bank_day(rules, at)), bank_day(rules, at)
    verdicts, taken = [], []
    for place, message in enumerate(messages):
        one = known.get(message.party_id)
        choice = (choices or {}).get(place, Choice())
        verdict = _decided(one, message, rules, tiers, at, choice)
        verdicts.append(verdict)
        if one is not None and verdict.allowed and message.purpose == MARKETING:
            one.touches.append(Touch(day, message.channel))
            taken.append((one.root, day, message.channel))
    _move(_RESERVE, taken, using)
    return verdicts


def give_back(
    *,
    messages: Sequence[Wanted],
    taken_at: datetime,
    policy: ContactPolicy | None = None,
    using: str = "default",
) -> None:
    """Give back what `take` took for messages that surely were not sent (the counterpart said "not now")."""
    rules = policy or contact_policy(timezone.localtime(taken_at).date())
    if rules is None:
        return
    day = bank_day(rules, taken_at)
    roots = _roots({message.party_id for message in messages}, using)
    given = [
        (roots.get(message.party_id, message.party_id), day, message.channel)
        for message in messages
        if message.purpose == MARKETING
    ]
    _move(_GIVE_BACK, given, using)


def note_touch(*, party_id: int, channel: str, at: datetime, using: str = "default") -> None:
    """Count that marketing reached a customer in another way than by a message or a contact logged (a prompt used)."""
    rules = contact_policy(timezone.localtime(at).date())
    if rules is not None:
        with transaction.atomic(using=using):
            _lock({party_id}, using)
            root = _roots({party_id}, using).get(party_id, party_id)
            _move(_RESERVE, [(root, bank_day(rules, at), channel)], using)


def refuse_all(
    *, party: Party, channel: str | None = None, source: str, at: datetime, text: str = "", by: Staff | None = None,
    using: str = "default",
) -> tuple[ConsentEntry, int]:  # fmt: skip
    """The customer wants no marketing (on one channel, or at all): the ledger's row, and how many queued were stopped.

    Waits for a call to this customer that is under way; when the caller's transaction is committed, nothing of the
    customer's is submitted any more. Service notices are not marketing and go on.
    """
    with transaction.atomic(using=using):
        family = _alone(party, using)
        entry = _say(
            ConsentEntry(
                party=party, purpose=MARKETING, channel=_on(channel), agreed=False, at=at, source=source, text=text,
                by=by,
            ),
            using,
        )  # fmt: skip
        stopped = stop_queued(family, code="refused", channel=channel, at=at, using=using)
        audit.record(
            by=by, verb="messaging.refused", on=entry, using=using, party=party.pk, channel=channel or ANY,
            source=source, stopped=stopped,
        )  # fmt: skip
    return entry, stopped


def agree(
    *, party: Party, channel: str | None = None, purpose: str = MARKETING, source: str, at: datetime, text: str,
    by: Staff | None = None, using: str = "default", evidence: Evidence = Evidence(),
) -> ConsentEntry:  # fmt: skip
    """The customer agrees, explicitly: `text` is what they had before them. ValidationError without it."""
    if not text.strip():
        raise ValidationError(_("Keep the words the customer agreed to."))
    with transaction.atomic(using=using):
        entry = _say(
            ConsentEntry(
                party=party, purpose=purpose, channel=_on(channel), agreed=True, at=at, source=source, text=text,
                by=by, **vars(evidence),
            ),
            using,
        )  # fmt: skip
        audit.record(
            by=by, verb="messaging.agreed", on=entry, using=using, party=party.pk, channel=channel or ANY,
            purpose=purpose, source=source, **{name: told for name, told in vars(evidence).items() if told},
        )  # fmt: skip
    return entry


def refuse_profiling(
    *,
    party: Party,
    source: str,
    at: datetime,
    text: str = "",
    by: Staff | None = None,
    using: str = "default",
) -> ConsentEntry:
    """The customer does not want messages chosen by their data; general ones go on (PIPL 24)."""
    with transaction.atomic(using=using):
        _alone(party, using)
        entry = _say(
            ConsentEntry(
                party=party, purpose="profiling", channel=ANY, agreed=False, at=at, source=source, text=text,
                by=by,
            ),
            using,
        )  # fmt: skip
        audit.record(
            by=by, verb="messaging.profiling_refused", on=entry, using=using, party=party.pk, source=source
        )
    return entry


def suppress(*, token: str, source: str, at: datetime, using: str = "default") -> Suppression:
    """Nothing goes to this number or address any more, whosever it is; once is enough."""
    with transaction.atomic(using=using):
        known = Suppression.objects.using(using).filter(token=token, ended_at=None).first()
        if known is not None:
            return known
        made = Suppression.objects.using(using).create(token=token, since=at, source=source)
        audit.record(by=None, verb="messaging.suppressed", on=made, using=using, source=source)
    return made


def hold(
    *, party: Party, reason: str, at: datetime, by: Staff | None, until: datetime | None = None, note: str = "",
    subject: str = "", using: str = "default",
) -> Hold:  # fmt: skip
    """Address this customer no more until a day or until somebody releases the hold. The same matter once."""
    with transaction.atomic(using=using):
        _alone(party, using)
        if subject:
            known = Hold.objects.using(using).filter(party=party, reason=reason, subject=subject).first()
            if known is not None:
                return known
        made = Hold.objects.using(using).create(
            party=party, reason=reason, note=note.strip()[:200], since=at, until=until, by=by, subject=subject
        )
        audit.record(
            by=by, verb="messaging.held", on=made, using=using, party=party.pk, reason=reason, until=until
        )
    return made


def release(*, held: Hold, by: Staff, at: datetime, using: str = "default") -> Hold:
    """End a hold; ValidationError when it has ended already."""
    with transaction.atomic(using=using):
        locked = Hold.objects.using(using).select_for_update(of=("self",)).get(pk=held.pk)
        if locked.released_at is not None:
            raise ValidationError(_("This pause has ended already."))
        locked.released_at, locked.released_by = at, by
        locked.save(update_fields=["released_at", "released_by"])
        audit.record(by=by, verb="messaging.released", on=locked, using=using, party=locked.party_id)
    return locked


def stop_queued(
    parties: Iterable[int], *, code: str, at: datetime, channel: str | None = None, using: str = "default"
) -> int:
    """Stop marketing to these customers that waits in the outbox; how many messages. What is with a sender meets the
    gate."""
    told: dict[str, Any] = {"parties": list(parties), "channel": channel or "", "code": code, "at": at}
    with connections[using].cursor() as cursor:
        cursor.execute(_STOP, told)
        return int(cursor.rowcount)


def _decided(
    one: facts.Known | None,
    message: Wanted,
    rules: ContactPolicy,
    tiers: TierNames,
    at: datetime,
    choice: Choice,
) -> Verdict:
    if one is None:
        return UNKNOWN
    asked = Asked(message.channel, message.purpose, choice.personal, choice.topic)
    return decide(one.facts(message.channel, rules, tiers), rules, at, asked=asked)


def _lock(parties: Iterable[int], using: str) -> None:
    """Lock the budget rows of these customers, in the order of their numbers; make the missing ones."""
    roots = numbers(sorted(set(_roots(parties, using).values())))
    with connections[using].cursor() as cursor:
        cursor.execute(_ROWS, [roots])
        cursor.execute(_LOCK, [roots])


def _roots(parties: Iterable[int], using: str) -> dict[int, int]:
    with connections[using].cursor() as cursor:
        cursor.execute(_ROOTS, [numbers(parties)])
        return dict(cursor.fetchall())


def _alone(party: Party, using: str) -> list[int]:
    """Wait until nobody is calling this customer, under any of their numbers; the numbers."""
    root = party.merged_into_id or party.pk
    merged = Party.objects.using(using).filter(merged_into=root).values_list("pk", flat=True)
    family = [root, *merged]
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (before,) = cursor.fetchone() or ("0",)
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [WAIT_FOR_CALLS])
        wait_for_calls(family, using=using)
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    return family


def _say(word: ConsentEntry, using: str) -> ConsentEntry:
    """Keep the ledger's row; the same word at the same instant is one."""
    if word.source not in SaidBy.values:
        raise ValueError(word.source)
    same = {name: getattr(word, name) for name in ("party", "purpose", "channel", "agreed", "at")}
    more: dict[str, Any] = {"source": word.source, "text": word.text.strip()[:500], "by": word.by}
    more |= {name: getattr(word, name) for name in vars(Evidence())}
    entry, _new = ConsentEntry.objects.using(using).get_or_create(**same, defaults=more)
    return entry


def _on(channel: str | None) -> str:
    return consent_channel(channel) if channel else ANY


def _move(statement: str, rows: Sequence[tuple[int, date, str]], using: str) -> None:
    if rows:
        parties, days, channels = zip(*rows, strict=True)
        with connections[using].cursor() as cursor:
            cursor.execute(statement, [numbers(parties), instants(days), texts(channels)])


__all__ = [
    "Choice", "agree", "give_back", "hold", "may_contact", "note_touch", "refuse_all",
    "refuse_profiling", "release", "stop_queued", "suppress", "take",
]  # fmt: skip
