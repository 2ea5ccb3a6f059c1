"""One lane of sending: claim, ask permission, commit "submitting", call, write the answers. Each call of `send` is one
batch; a lane belongs to one thread, since the locks around the call stand on its own session."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connections, transaction

from guanxi.channels.face import Accepted, Answer, Channel, Doubtful, Outgoing, Refused
from guanxi.crm.messaging import locks
from guanxi.crm.messaging.engine import brake, hearing, store
from guanxi.crm.messaging.engine.addresses import Addresses
from guanxi.crm.messaging.engine.home import Home
from guanxi.crm.messaging.engine.ports import Clock, Due, Gate, Rendered, Verdict
from guanxi.crm.messaging.engine.store import Batch, Submission
from guanxi.crm.messaging.models import ChannelAccount, State
from guanxi.insight.policies.sending import SendingPolicy

Runner = Callable[[Coroutine[Any, Any, Sequence[Answer]], float], Sequence[Answer]]
"""Runs a call to its end within so many seconds; the pipeline has an event loop for it."""

NOT_SENT = "not_sent"  # we know that the call was not begun
NO_ADDRESS, NO_TEXT, SANDBOX, TOO_OFTEN, LATE = "no_address", "no_text", "sandbox", "calls", "late"
WRITES = 3

logger = logging.getLogger(__name__)


class Braked(Exception):
    """The brake pulled; the submission is undone."""

    def __init__(self, reason: str, seen: str) -> None:
        super().__init__(seen)
        self.reason, self.seen = reason, seen


@dataclass(frozen=True)
class Lane:
    """What a lane works with. `run` carries out the channel's call; `home` knows a restored store."""

    account: int
    channel: Channel
    gate: Gate
    addresses: Addresses
    policy: SendingPolicy
    clock: Clock
    run: Runner
    home: Home
    worker: str
    using: str = "pipeline"

    @property
    def lease(self) -> timedelta:
        """How long a batch is ours without a sign of life."""
        return timedelta(seconds=self.policy.lease_seconds)


@dataclass(frozen=True)
class Sent:
    """What one call of `send` did: how many were claimed and how they were answered; when to come back at the earliest
    (None: at once, more may be due)."""

    claimed: int
    answers: Mapping[int, Answer]
    wait_until: datetime | None = None


@dataclass(frozen=True)
class _Ready:
    """A message with what only this call needs."""

    message: Due
    address: str
    rendered: Rendered


def send(lane: Lane) -> Sent:
    """Send one batch. Whatever happens after "submitting" is committed and before its answer is, leaves the message in
    doubt; nothing else does."""
    account = ChannelAccount.objects.using(lane.using).get(pk=lane.account)
    now = lane.clock()
    if not account.is_on or lane.home.turned(now=now, using=lane.using):
        return Sent(0, {}, now + timedelta(seconds=1))
    paced, furthest = account.paced_until, store.furthest_pace(account.window, account.rate, now)
    if paced is not None and now + timedelta(seconds=1) < paced <= furthest:
        return Sent(0, {}, paced)
    if lane.gate.barred(account.code, at=now, using=lane.using):
        return Sent(0, {}, now + timedelta(seconds=lane.policy.throttle_seconds))
    batch, passed = _claim(lane, account, now)
    if not batch.messages:
        return Sent(0, {}, now + timedelta(seconds=1))
    lane.home.mark(batch.fence)
    answers = _carry(lane, account, batch)
    return Sent(len(batch.messages), answers, passed if passed > lane.clock() else None)


def _claim(lane: Lane, account: ChannelAccount, now: datetime) -> tuple[Batch, datetime]:
    with transaction.atomic(using=lane.using):
        batch = store.claim(
            account.pk, account.kind, account.purpose, most=account.window, worker=lane.worker, now=now,
            lease=lane.lease, using=lane.using,
        )  # fmt: skip
        if not batch.messages:
            return batch, now
        told = len(batch.messages)
        return batch, store.pace(
            account.pk, messages=told, window=account.window, rate=account.rate, now=now, using=lane.using
        )  # fmt: skip


def _carry(lane: Lane, account: ChannelAccount, batch: Batch) -> Mapping[int, Answer]:
    """From claimed to answered, under the locks on the batch's customers."""
    with locks.held_for_call((message.party_id for message in batch.messages), using=lane.using):
        try:
            with transaction.atomic(using=lane.using):
                ready, until = _permitted(lane, account, batch)
        except Braked as pulled:
            _stop(lane, account, batch, pulled)
            return {}
        answers = _call(lane, until, ready) if ready else {}
        _write_surely(lane, batch, [one.message for one in ready], answers)
    return answers


def _permitted(lane: Lane, account: ChannelAccount, batch: Batch) -> tuple[list[_Ready], datetime]:
    """What goes, now in state submitting, with its lease; the rest is turned away or put back. Raises `Braked`."""
    now, using = lane.clock(), lane.using
    ours = store.still_ours(batch, using=using)
    on = ChannelAccount.objects.using(using).filter(pk=account.pk, is_on=True).exists()
    barred = lane.gate.barred(account.code, at=now, using=using)
    if barred or not on:
        store.put_back(((message, None, barred) for message in ours), using=using)
        return [], now
    ready, turned = _sendable(lane, account, ours, now)
    verdicts = lane.gate.take([one.message for one in ready], at=now, using=using) if ready else []
    judged = list(zip(ready, verdicts, strict=True))
    going = [one for one, verdict in judged if verdict.allowed]
    turned += [
        _turned(one.message, word) for one, word in judged if not word.allowed and not _later(one, word)
    ]
    waiting = [
        (one.message, word.next_at, word.code)
        for one, word in judged
        if not word.allowed and _later(one, word)
    ]
    pulled = brake.too_many([one.message for one in going], policy=lane.policy, now=now, using=using)
    if pulled:
        raise Braked(*pulled)
    consents = {one.message.id: word.word for one, word in judged}
    submissions = [
        Submission(
            one.message, consents[one.message.id], hashlib.sha256(one.rendered.text.encode()).hexdigest()
        )
        for one in going
    ]
    store.submit(submissions, now=now, lease_until=now + lane.lease, using=using)
    for one in going:
        one.message.submitted_at = now  # what is given back is given back to this day
    store.turn_away(turned, now=now, using=using)
    store.put_back(waiting, using=using)
    return going, now + lane.lease


def _turned(message: Due, word: Verdict) -> tuple[Due, str, str]:
    return message, State.REFUSED.value, word.code


def _later(one: _Ready, word: Verdict) -> bool:
    """Whether waiting helps within the message's time."""
    return word.next_at is not None and word.next_at < one.message.expires_at


def _sendable(
    lane: Lane, account: ChannelAccount, ours: Sequence[Due], now: datetime
) -> tuple[list[_Ready], list[tuple[Due, str, str]]]:
    """Those with time left, an address this account may reach and a text; and the others with their reason."""
    addresses = lane.addresses((message.party_id for message in ours), account.kind, lane.using)
    texts = lane.gate.texts(ours, using=lane.using) if ours else {}
    ready: list[_Ready] = []
    turned: list[tuple[Due, str, str]] = []
    for message in ours:
        address, text = addresses.get(message.party_id, ""), texts.get(message.id)
        code = _obstacle(lane, account, message, address, text, now)
        if code:
            turned.append((message, State.EXPIRED.value if code == LATE else State.REFUSED.value, code))
        else:
            assert text is not None
            ready.append(_Ready(message, address, text))
    return ready, turned


def _obstacle(
    lane: Lane, account: ChannelAccount, message: Due, address: str, text: Rendered | None, now: datetime
) -> str:
    if message.expires_at <= now:
        return LATE
    if message.attempts >= lane.policy.calls_most:
        return TOO_OFTEN
    if not address:
        return NO_ADDRESS
    if account.sandbox and account.allowed and address not in account.allowed:
        return SANDBOX
    return "" if text is not None else NO_TEXT


def _call(lane: Lane, until: datetime, ready: Sequence[_Ready]) -> Mapping[int, Answer]:
    """The counterpart's answer to each; what has none is doubtful. Only a call not begun is surely not sent: one that
    could outlast its lease, or whose locks are gone."""
    outgoing = [
        Outgoing(one.message.out_id, one.address, one.rendered.text, one.rendered.subject, _words(one))
        for one in ready
    ]
    latest = until - timedelta(seconds=lane.policy.call_seconds)
    if lane.clock() > latest or not _session_lives(lane.using):
        return {one.message.id: Refused(one.message.out_id, NOT_SENT, "", True) for one in ready}
    try:
        answers = lane.run(lane.channel.send(outgoing), lane.policy.call_seconds)
    except Exception:  # whatever broke, it broke after the call had begun
        logger.exception("a call to the counterpart broke off")
        answers = ()
    told = {answer.out_id: answer for answer in answers}
    return {
        one.message.id: told.get(one.message.out_id, Doubtful(one.message.out_id, "no answer"))
        for one in ready
    }


def _words(one: _Ready) -> Mapping[str, str]:
    told = {key: str(value) for key, value in one.message.fields.items()}
    return told | ({"unsubscribe": one.rendered.unsubscribe} if one.rendered.unsubscribe else {})


def _session_lives(using: str) -> bool:
    """Whether the session that holds the locks is still there: a paused sender may come back without it."""
    try:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        return False
    return True


def _write_surely(lane: Lane, batch: Batch, sent: Sequence[Due], answers: Mapping[int, Answer]) -> None:
    """Write, again after a deadlock; a session that is gone leaves the batch to be cleared from doubt."""
    for tries in range(WRITES, 0, -1):
        try:
            _write(lane, batch, sent, answers)
        except OperationalError:
            if tries == 1 or not _session_lives(lane.using):
                raise
        else:
            return


def _write(lane: Lane, batch: Batch, sent: Sequence[Due], answers: Mapping[int, Answer]) -> None:
    """Keep the answers; what was surely not taken gives its budget and its place in the volume back."""
    now, using = lane.clock(), lane.using
    later = now + timedelta(seconds=lane.policy.throttle_seconds)
    with transaction.atomic(using=using):
        kept = store.answer(answers, fence=batch.fence, now=now, later=later, using=using)
        back = [
            message
            for message in sent
            if message.id in kept and isinstance(answers[message.id], Refused) and not message.in_doubt
        ]
        if back:
            lane.gate.give_back(back, at=now, using=using)
            again = [message for message in back if _temporary(answers[message.id])]
            store.count(
                {key: -number for key, number in Counter(m.volume for m in again).items()}, using=using
            )
        taken = [one for one in answers.values() if isinstance(one, Accepted)]
        hearing.match(
            [one.vendor_id for one in taken], account=lane.account, now=now, using=using,
            outs=[one.out_id for one in answers.values()],
        )  # fmt: skip
        store.end_claim(batch, submitted=len(sent), answers=answers.values(), now=now, using=using)


def _temporary(said: Answer) -> bool:
    return isinstance(said, Refused) and said.temporary


def _stop(lane: Lane, account: ChannelAccount, batch: Batch, pulled: Braked) -> None:
    with transaction.atomic(using=lane.using):
        ours = store.still_ours(batch, using=lane.using)
        store.put_back(((message, None, pulled.reason) for message in ours), using=lane.using)
        brake.pull(account.pk, pulled.reason, pulled.seen, now=lane.clock(), using=lane.using)
