"""`python -m bench.messages [--messages N] [--rival M] [--home DIR]`: the outbox through the simulated SMSC.

Queues N messages to N customers (one transaction), then sends them with the bank's own permission, the vault, SMPP
and receipts, until every receipt stands in the store. Beside it, on the same store and SMSC, the sender that one would
write first: one message at a time, claimed, called, answered. The SMSC is its own process; nothing goes wrong in it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.processes import cpu_of, postgres_of, tree_of
from guanxi.project.embedded import ensure_running
from guanxi.project.logins import LOGINS

VARIABLES = {"owner": "DATABASE_OWNER_URL", "app": "DATABASE_URL", "pipeline": "DATABASE_PIPELINE_URL"}
MORNING = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)  # ten o'clock in the bank's zone, a Tuesday
TEXT = "您尾号8821的定期存款将于明日到期，请及时办理"
WINDOW, SLICE = 500, 20_000
STILL = 120  # seconds without progress after which the run is given up

_PARTIES = """
INSERT INTO customers_party (id, uuid, customer_no, kind, unit_id, keeper_id, id_type)
SELECT 30000000 + n, gen_random_uuid(), 'B' || n, 'person', %(unit)s, %(keeper)s, 'resident_id'
FROM generate_series(1, %(count)s) AS n
"""
_CONSENTS = """
INSERT INTO customers_consent (party_id, purpose, channel, agreed, given_on)
SELECT id, 'marketing', 'any', TRUE, '2026-01-01' FROM customers_party
"""
_POINTS = """
INSERT INTO customers_contactpoint (party_id, kind, token, masked, is_primary)
SELECT * FROM unnest(%s::bigint[], array_fill('mobile'::text, ARRAY[%s]), %s::text[], %s::text[],
                     array_fill(TRUE, ARRAY[%s]))
"""
_VAULT = """
INSERT INTO customers_vaultentry (token, kind, ciphertext, key_id)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[])
"""
_ONE = """
SELECT id, replace(uuid::text, '-', ''), party_id FROM messaging_message
WHERE ref = 'rival' AND state = 'planned' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


_MARK = """
UPDATE messaging_message SET state = 'submitting', submitted_at = now(), lease_until = now(), fence = 1 WHERE id = %s
"""


@contextmanager
def smsc(folder: Path) -> Iterator[tuple[Mapping[str, Any], int]]:
    """The simulated SMSC as a process; receipts come at once. Its account's settings, its process."""
    quiet = ["--fails", "0", "--opt-out", "0", "--replies", "0", "--seconds", "0"]
    command = [
        sys.executable,
        "-m",
        "guanxi.project.cli",
        "simulator",
        "smsc",
        "--folder",
        str(folder),
        *quiet,
    ]
    told = folder / "accounts.json"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not told.exists():
            time.sleep(0.05)
        try:
            settings = json.loads(told.read_text())["sms"]["settings"]
            yield {**settings, "window": WINDOW, "seconds": 60.0, "inbox": str(folder / "inbox")}, process.pid
        finally:
            process.kill()


def main() -> None:
    """Make the store, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.messages")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rival", type=int, default=2_000, help="messages of the naive sender")
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--home", type=Path, default=None, help="where the database is kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home or Path(folder)
        cluster = ensure_running(home, name="bench")
        name = f"bench_messages_{os.getpid()}"
        cluster.create_database(name)
        os.environ.update({VARIABLES[login]: cluster.url(login, name) for login in LOGINS})
        os.environ.update(
            DJANGO_SETTINGS_MODULE="guanxi.project.settings", GUANXI_HOME=str(home), GUANXI_DEMO="1",
            GUANXI_TODAY="2026-11-03", GUANXI_LOG_LEVEL="ERROR", BENCH_SECRETS='{"password": "x"}',
        )  # fmt: skip
        try:
            measure(asked, Path(folder), home)
        finally:
            cluster.drop_database(name)
            if asked.home is None:
                cluster.remove()


def measure(asked: argparse.Namespace, folder: Path, home: Path) -> None:
    """The parts in their order, each with its seconds."""
    import django

    django.setup()
    from guanxi.project.databases import migrate

    migrate()
    print(f"{asked.messages:,} messages; load before: {os.getloadavg()[0]:.1f}")
    _customers(max(asked.messages, asked.rival), folder)
    with smsc(folder) as (settings, counterpart):
        account = _account(settings)

        def used() -> Used:
            return time.process_time(), cpu_of(postgres_of(home, "bench")), cpu_of(tree_of(counterpart))

        before = used()
        _timed("queued (one transaction)", asked.messages, lambda: _queue("bench", asked.messages))
        before = _used("queueing", asked.messages, before, used())
        _timed("sent, all receipts kept", asked.messages, lambda: _send(asked, folder))
        _used("sending", asked.messages, before, used())
        _queue("rival", asked.rival)
        _timed("rival: one at a time, no receipts", asked.rival, lambda: _naive(account, asked.rival, folder))
    print(f"load after: {os.getloadavg()[0]:.1f}; memory of the sender at most: "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MiB")  # fmt: skip


Used = tuple[float, float, float]  # processor seconds of program, database, counterpart


def _used(what: str, count: int, before: Used, after: Used) -> Used:
    """Print what the three sides used; the figures to go on from."""
    shares = [(then - earlier) / count * 1e3 for earlier, then in zip(before, after, strict=True)]
    named = zip(("program", "database", "counterpart"), shares, strict=True)
    told = ", ".join(f"{name} {share:.3f}" for name, share in named)
    print(f"    {what}, processor ms a message: {told}; together {sum(shares):.3f}", flush=True)
    return after


def _timed(what: str, count: int, work: Any) -> None:
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    print(f"  {what}: {seconds:.1f} s, {count / seconds:,.0f} a second", flush=True)


def _customers(count: int, folder: Path) -> None:
    """Customers with a number in the vault and a consent."""
    from django.db import connections, transaction

    from guanxi.crm import testing
    from guanxi.insight.staging.identifiers import Protected
    from guanxi.lake.door import Door, read_keys

    testing.make_policies("tier", "access", "lists", "contact", "interaction", "sending")
    bank = testing.make_unit("演示银行")
    outlet = testing.make_unit("观前支行", parent=bank)
    manager = testing.make_staff("relationship_manager", outlet)
    door = Door(read_keys(folder))
    with transaction.atomic(using="pipeline"), connections["pipeline"].cursor() as cursor:
        cursor.execute(_PARTIES, {"count": count, "unit": outlet.pk, "keeper": manager.pk})
        cursor.execute(_CONSENTS)
        for start in range(1, count + 1, SLICE):
            numbers = range(start, min(start + SLICE, count + 1))
            shown, kept = door.protect(Protected.MOBILE, [f"{19900000000 + n}" for n in numbers])
            size, keys = len(numbers), [30_000_000 + n for n in numbers]
            tokens, masks = [one.token for one in shown], [one.masked for one in shown]
            cursor.execute(_POINTS, [keys, size, tokens, masks, size])
            columns = [
                list(column)
                for column in zip(*((r.token, r.kind, r.ciphertext, r.key_id) for r in kept), strict=True)
            ]
            cursor.execute(_VAULT, columns)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _account(settings: Mapping[str, Any]) -> Any:
    from guanxi.crm import testing
    from guanxi.crm.messaging.models import ChannelAccount

    testing.make_processors("sms")
    return ChannelAccount.objects.create(
        code="sms", name="短信", kind="sms", purpose="marketing", adapter="sms_smpp", settings=dict(settings),
        secrets_from="BENCH_SECRETS", is_on=True, off_reason="", rate=1_000_000, window=WINDOW,
    )  # fmt: skip


def _queue(ref: str, count: int) -> None:
    from django.db import transaction

    from guanxi.crm.messaging import services

    parties = [(30_000_000 + n, {"text": TEXT}) for n in range(1, count + 1)]
    with transaction.atomic(using="pipeline"):
        services.queue(
            by=None, origin="campaign", ref=ref, channel="sms", template_version=1, purpose="marketing",
            parties=parties, planned_at=MORNING, expires_at=MORNING + timedelta(hours=9), now=MORNING, using="pipeline",
        )  # fmt: skip


def _send(asked: argparse.Namespace, folder: Path) -> None:
    """The bank's own machine until every receipt stands in the store."""
    import dataclasses

    from django.db import connections

    from guanxi.crm.messaging.engine.gate import BankGate
    from guanxi.crm.messaging.engine.ports import Due, Rendered
    from guanxi.pipeline.sending import bank_office

    class Gate(BankGate):
        """The bank's permission; the text is given."""

        def texts(self, messages: Sequence[Due], *, using: str) -> Mapping[int, Rendered]:  # noqa: ARG002
            return {message.id: Rendered(str(message.fields["text"])) for message in messages}

    shift = MORNING - datetime.now(UTC)
    office = bank_office(folder, today=MORNING.date(), clock=lambda: datetime.now(UTC) + shift)
    office.gate, office.policy = Gate(), dataclasses.replace(office.policy, lanes=asked.lanes)
    left = "SELECT 1 FROM messaging_message WHERE state <> 'delivered' LIMIT 1"
    ended = "SELECT state, code, COUNT(*) FROM messaging_message GROUP BY state, code"
    with office.at_work(), connections["pipeline"].cursor() as cursor:
        _watch(cursor, asked.messages)
        while True:
            cursor.execute(left)
            if cursor.fetchone() is None:
                return
            cursor.execute(ended)
            if any(state in ("refused", "expired", "failed") for state, _code, _count in cursor.fetchall()):
                raise RuntimeError("not every message went")
            time.sleep(1)


def _watch(cursor: Any, count: int) -> None:
    """Until the claims say that all were accepted; a line for each tenth. A look at the outbox itself would cost."""
    began = seen_at = time.monotonic()
    accepted, tenth = 0, 1
    while accepted < count:
        time.sleep(1)
        cursor.execute("SELECT COALESCE(SUM(accepted), 0), COUNT(*) FROM messaging_claim")
        told, claims = cursor.fetchone()
        if told > accepted:
            accepted, seen_at = int(told), time.monotonic()
        if time.monotonic() - seen_at > STILL:
            raise RuntimeError(
                f"nothing went for {STILL} s; {accepted:,} of {count:,} accepted in {claims} claims"
            )
        if accepted * 10 >= count * tenth:
            seconds = time.monotonic() - began
            print(
                f"    {accepted:,} accepted after {seconds:.0f} s: {accepted / seconds:,.0f} a second",
                flush=True,
            )
            tenth = accepted * 10 // count + 1


def _naive(account: Any, count: int, folder: Path) -> None:
    """One message at a time: taken, marked, called, marked. No permission, no lease: it may lose and double."""
    from django.db import connections, transaction

    from guanxi.channels.face import Accepted, Outgoing
    from guanxi.crm.messaging.engine.addresses import from_vault
    from guanxi.lake.door import Door, read_keys
    from guanxi.pipeline.sending import channel_of

    addresses = from_vault(Door(read_keys(folder)))

    async def go() -> None:
        channel = channel_of(account)
        await channel.open()
        for _number in range(count):
            out = await asyncio.to_thread(one)
            (answer,) = await channel.send([out[1]])
            assert isinstance(answer, Accepted)
            await asyncio.to_thread(done, out[0], answer)
        await channel.close()

    def one() -> tuple[int, Outgoing]:
        with transaction.atomic(using="pipeline"), connections["pipeline"].cursor() as cursor:
            cursor.execute(_ONE)
            key, out_id, party = cursor.fetchone()
            cursor.execute(
                _MARK, [key],
            )  # fmt: skip
            return key, Outgoing(out_id, addresses([party], "sms", "pipeline")[party], TEXT)

    def done(key: int, answer: Accepted) -> None:
        with transaction.atomic(using="pipeline"), connections["pipeline"].cursor() as cursor:
            cursor.execute(
                "UPDATE messaging_message SET state = 'accepted', accepted_at = now(), vendor_id = %s WHERE id = %s",
                [answer.vendor_id, key],
            )

    asyncio.run(go())


if __name__ == "__main__":
    main()
