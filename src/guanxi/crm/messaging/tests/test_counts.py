"""The overview's counts: the same as counting every message one by one, and read from indexes alone."""

import importlib
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.messaging.models import Message

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
TIMES = (None, SINCE - timedelta(seconds=1), SINCE, SINCE + timedelta(hours=3))
STATES = (
    "planned", "claimed", "submitting", "accepted", "delivered", "failed", "refused", "expired", "unknown", "stopped",
)  # fmt: skip
SUBMITTED = {"submitting", "accepted", "delivered"}
PARTS = importlib.import_module("guanxi.crm.messaging.migrations.0014_counts_by_index").PARTS


@pytest.fixture
def outbox() -> list[Message]:
    """A message of every state, submitted and ended before, at and after the instant, where its state allows it."""
    people = testing.make_people()
    party = testing.make_party(people.outlet, keeper=people.alice)
    made = [
        Message(
            uuid=uuid.uuid4(), party=party, unit_id=party.unit_id, keeper_id=party.keeper_id,
            channel=("sms", "email")[number % 2], purpose=("marketing", "service")[number % 3 % 2], origin="manual",
            ref=f"{number}", planned_at=SINCE, ready_at=SINCE, expires_at=SINCE + timedelta(days=2), state=state,
            fence=1, lease_until=SINCE if state in {"claimed", "submitting"} else None,
            unknown_at=SINCE if state == "unknown" else None, submitted_at=submitted, ended_at=ended,
            code=("cap", "quiet")[number % 2], cost_fen=number,
        )
        for number, (state, submitted, ended) in enumerate(product(STATES, TIMES, TIMES))
        if submitted or state not in SUBMITTED
    ]  # fmt: skip
    with testing.everything():
        return Message.objects.bulk_create(made)


def told_of(message: Message) -> list[tuple[str, str]]:
    """What one message counts as, with the code that is shown."""
    told = [("queued", "")] if message.state in {"planned", "claimed"} else []
    told += [("doubt", "")] if message.state == "unknown" else []
    told += [("sent", "")] if message.submitted_at and message.submitted_at >= SINCE else []
    if message.state in {"delivered", "failed", "refused"} and message.ended_at and message.ended_at >= SINCE:
        told.append((message.state, message.code if message.state == "refused" else ""))
    return told


def test_the_counts_are_those_of_counting_one_by_one(outbox) -> None:
    numbers: Counter[tuple[str, ...]] = Counter()
    costs: Counter[tuple[str, ...]] = Counter()
    for message in outbox:
        for what, code in told_of(message):
            key = (message.channel, message.purpose, what, code)
            numbers[key] += 1
            costs[key] += message.cost_fen if what == "sent" else 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT channel, purpose, what, code, number, cost_fen FROM messaging_counts(%s)", [SINCE]
        )
        found = {tuple(row[:4]): (row[4], row[5] or 0) for row in cursor.fetchall()}
    assert found == {key: (numbers[key], costs[key]) for key in numbers}
    assert len({what for _channel, _purpose, what, _code in found}) == 6


@pytest.mark.parametrize("index", PARTS)
def test_each_part_of_the_counts_answers_from_an_index(index) -> None:
    """On an empty table a scan is as good, so scans are forbidden: what has no index would still be one.

    Which of two that fit is taken hangs on what the table has been analysed to hold.
    """
    asked = PARTS[index].replace(">= since", "> '2026-11-01'")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index" in plan
    assert "Seq Scan" not in plan
