"""Sending (发送): the outbox of one bank handed to its counterparts, by lanes that each carry one batch at a time.

One process has one event loop (channels speak asynchronously), for each account some lanes that send and one ear that
listens, and one keeper that looks after what is late or in doubt. Several processes may do this side by side.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from django.db import connections
from django.db.utils import OperationalError

from guanxi.channels.face import Channel, ChannelClosed
from guanxi.channels.register import open_channel
from guanxi.channels.settings import SettingsRefused
from guanxi.crm.messaging.engine import doubt, hearing, store
from guanxi.crm.messaging.engine.addresses import Addresses, from_vault
from guanxi.crm.messaging.engine.gate import BankGate
from guanxi.crm.messaging.engine.home import Home
from guanxi.crm.messaging.engine.ports import Clock, Gate
from guanxi.crm.messaging.engine.sender import Lane, send
from guanxi.crm.messaging.models import ChannelAccount
from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.sending import SendingPolicy
from guanxi.lake.door import Door, read_keys

USING = "pipeline"
IDLE, BUSY, TROUBLE = 0.5, 0.0, 5.0  # seconds until the next look
# An ear that heard less than many waits: one transaction for a few receipts costs as much.
GATHER, MANY = 0.2, 500
SOME = 1_000  # rows of one look at what is late or in doubt
LISTENING = (
    "",
    "person",
    "brake_person",
    "brake_volume",
    "restored",
)  # a channel that is off still hears refusals

T = TypeVar("T")
logger = logging.getLogger(__name__)


def sending_policy(today: date) -> SendingPolicy:
    """The policy in force; KeyError for a bank without one, which then sends nothing."""
    return cast("SendingPolicy", active(SendingPolicy.kind, today))


def channel_of(account: ChannelAccount, environment: Mapping[str, str] = os.environ) -> Channel:
    """The account's channel, not yet connected; SettingsRefused in plain words.

    In the sandbox only this machine can be reached, or another one for the account's list of addresses alone.
    """
    secrets = json.loads(environment.get(account.secrets_from) or "{}") if account.secrets_from else {}
    inside = account.sandbox and not account.allowed
    return open_channel(account.adapter, account.settings, secrets, sandbox=inside)


@dataclass
class Office:
    """What one process sends with. `wanted` names accounts by code; none: all of them."""

    gate: Gate
    addresses: Addresses
    policy: SendingPolicy
    clock: Clock
    home: Home
    wanted: Sequence[str] = ()
    channels: Callable[[ChannelAccount], Channel] = channel_of
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}"[:64])
    using: str = USING
    stopping: threading.Event = field(default_factory=threading.Event, init=False)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop, init=False)
    _threads: list[threading.Thread] = field(default_factory=list, init=False)
    _hired: set[str] = field(default_factory=set, init=False)
    _channels: list[Channel] = field(default_factory=list, init=False)
    _idle: dict[str, bool] = field(default_factory=dict, init=False)

    @contextmanager
    def at_work(self) -> Iterator[Office]:
        """Send in the background while the block runs; calls under way are seen through at its end."""
        loop = threading.Thread(target=self._loop.run_forever, name="channels", daemon=True)
        loop.start()
        self._hire()
        self._start("keeper", self._keep)
        try:
            yield self
        finally:
            self._end(loop)

    def done(self) -> bool:
        """Whether every lane found nothing to send and every ear nothing to hear at its last look."""
        return all(list(self._idle.values()))

    def run(self, call: Coroutine[Any, Any, T], seconds: float) -> T:
        """A channel's call, run to its end on the event loop within so many seconds; TimeoutError when it is not."""
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(call, seconds), self._loop)
        try:
            return future.result(seconds + TROUBLE)
        except TooLate:
            future.cancel()
            raise

    def _hire(self) -> None:
        """Lanes and an ear for each account that has none yet; one that cannot be opened is tried again later."""
        for account in self._accounts():
            channel = None if account.code in self._hired else self._opened(account)
            if channel is None:
                continue
            self._hired.add(account.code)
            self._idle[f"ear {account.code}"] = False
            self._start(f"ear {account.code}", partial(self._listen, account, channel))
            for number in range(self.policy.lanes):
                self._idle[f"lane {account.code} {number}"] = False
                self._start(f"lane {account.code} {number}", partial(self._send, account, channel))

    def _accounts(self) -> list[ChannelAccount]:
        rows = ChannelAccount.objects.using(self.using).order_by("code")
        found = list(rows.filter(code__in=self.wanted) if self.wanted else rows)
        return [account for account in found if account.is_on or account.off_reason in LISTENING]

    def _opened(self, account: ChannelAccount) -> Channel | None:
        """The account's channel, open; None and a word in the log when it cannot be opened now."""
        try:
            channel = self.channels(account)
            self.run(channel.open(), self.policy.call_seconds)
        except (ChannelClosed, SettingsRefused, OSError, TimeoutError, TooLate):
            logger.warning("channel %s cannot be opened", account.code, exc_info=True)
            return None
        self._channels.append(channel)
        return channel

    def _start(self, name: str, work: Callable[[], object]) -> None:
        thread = threading.Thread(target=self._guarded, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guarded(self, name: str, work: Callable[[], object]) -> None:
        """Again and again until the end; trouble is said and waited out, and never ends the thread."""
        try:
            while not self.stopping.is_set():
                try:
                    work()
                except OperationalError:
                    logger.exception("%s: the database cannot be reached", name)
                    connections[self.using].close()
                    self.stopping.wait(TROUBLE)
                except Exception:
                    logger.exception("%s: trouble", name)
                    self.stopping.wait(TROUBLE)
        finally:
            connections.close_all()

    def _send(self, account: ChannelAccount, channel: Channel) -> None:
        """A lane's life."""
        name = threading.current_thread().name
        lane = Lane(
            account=account.pk, channel=channel, gate=self.gate, addresses=self.addresses, policy=self.policy,
            clock=self.clock, run=self._answers, home=self.home, worker=self.worker, using=self.using,
        )  # fmt: skip
        while not self.stopping.is_set():
            sent = send(lane)
            self._idle[name] = sent.claimed == 0
            if sent.wait_until is not None:
                seconds = (sent.wait_until - self.clock()).total_seconds()
                self.stopping.wait(min(max(seconds, 0.0), IDLE if sent.claimed == 0 else 1.0))

    def _answers(self, call: Coroutine[Any, Any, Any], seconds: float) -> Any:
        return self.run(call, seconds)

    def _listen(self, account: ChannelAccount, channel: Channel) -> None:
        """An ear's life: what came in is kept before the counterpart is told so."""
        asked = self.clock() - timedelta(seconds=self.policy.ask_seconds)
        while not self.stopping.is_set():
            now = self.clock()
            heard = self.run(channel.heard(), self.policy.call_seconds)
            hearing.keep(
                heard, account=account.pk, channel=account.kind, gate=self.gate, now=now, using=self.using
            )
            if (now - asked).total_seconds() >= self.policy.ask_seconds:
                asked = now
                self._ask(account, channel)
            if not heard:
                since = now - timedelta(hours=self.policy.silent_hours)
                hearing.match_waiting(account=account.pk, since=since, now=now, using=self.using)
            self._idle[threading.current_thread().name] = not heard
            self.stopping.wait(BUSY if len(heard) >= MANY else GATHER if heard else IDLE)

    def _ask(self, account: ChannelAccount, channel: Channel) -> None:
        """Clear what is in doubt, as far as the counterpart knows of it."""
        fresh = ChannelAccount.objects.using(self.using).get(pk=account.pk)
        after = 0
        while doubtful := doubt.standing(fresh, most=SOME, using=self.using, after=after):
            after = doubtful[-1][0].id
            out_ids = [message.out_id for message, _since, _why in doubtful]
            found = self.run(channel.ask(out_ids), self.policy.call_seconds * 2) if fresh.can_ask else {}
            doubt.clear(
                fresh, doubtful, found, gate=self.gate, calls_most=self.policy.calls_most, now=self.clock(),
                using=self.using,
            )  # fmt: skip

    def _keep(self) -> None:
        """The keeper's life: give up what is late, find what its sender left, open what was switched on meanwhile."""
        looked, lease = time.monotonic(), timedelta(seconds=self.policy.lease_seconds)
        while not self.stopping.is_set():
            now = self.clock()
            if time.monotonic() - looked > TROUBLE:
                looked = time.monotonic()
                self._hire()
            late = store.expire(now=now, most=SOME, using=self.using)
            back, broken = doubt.sweep(now=now, lease=lease, most=SOME, using=self.using)
            self.stopping.wait(BUSY if late + back + broken >= SOME else IDLE)

    def _end(self, loop: threading.Thread) -> None:
        self.stopping.set()
        for thread in list(self._threads):
            thread.join(self.policy.call_seconds + TROUBLE)
        for channel in self._channels:
            with suppress(Exception):  # a counterpart that does not hear our good-bye
                self.run(channel.close(), TROUBLE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        loop.join(TROUBLE)


def bank_office(folder: Path, *, today: date, clock: Clock, wanted: Sequence[str] = ()) -> Office:
    """What sends for one bank, with its own gate and keys; KeyError when it has no policy `sending`."""
    policy = sending_policy(today)
    return Office(
        gate=BankGate(), addresses=from_vault(Door(read_keys(folder))), policy=policy, clock=clock,
        home=Home(folder, policy.silent_hours), wanted=wanted,
    )  # fmt: skip


def is_configured(using: str = USING) -> bool:
    """Whether there is a channel to send by or to listen to."""
    return ChannelAccount.objects.using(using).filter(off_reason__in=LISTENING).exists()


def drain(office: Office, seconds: float) -> None:
    """Send and listen until there is nothing to do, for so many seconds at most."""
    ends = time.monotonic() + seconds
    with office.at_work():
        while not office.done() and time.monotonic() < ends:
            time.sleep(IDLE)


@dataclass(frozen=True)
class Standing:
    """How the outbox stands: waiting, with a sender, in doubt; accepted so far and a second, in the last minute."""

    waiting: int
    with_sender: int
    in_doubt: int
    accepted: int
    per_second: float


_STANDING = """
SELECT (SELECT COUNT(*) FROM messaging_message WHERE state = 'planned'),
       (SELECT COUNT(*) FROM messaging_message WHERE state IN ('claimed', 'submitting')),
       (SELECT COUNT(*) FROM messaging_message WHERE state = 'unknown'),
       (SELECT COALESCE(SUM(accepted), 0) FROM messaging_claim WHERE claimed_at >= %(began)s),
       (SELECT COALESCE(SUM(accepted), 0) FROM messaging_claim WHERE ended_at >= %(minute)s)
"""


def standing(*, began: datetime, now: datetime, using: str = USING) -> Standing:
    """How sending stands, `accepted` since `began`."""
    with connections[using].cursor() as cursor:
        cursor.execute(_STANDING, {"began": began, "minute": now - timedelta(minutes=1)})
        waiting, with_sender, in_doubt, accepted, lately = (int(value) for value in cursor.fetchone())
    seconds = min(60.0, max((now - began).total_seconds(), 1.0))
    return Standing(waiting, with_sender, in_doubt, accepted, lately / seconds)
