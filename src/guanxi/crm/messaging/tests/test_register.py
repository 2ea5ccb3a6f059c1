"""The bank's gate asks the register of processors; people whose data went abroad, against a count row by row."""

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging.engine.gate import BankGate
from guanxi.crm.messaging.figures import people_abroad
from guanxi.crm.messaging.migrations import __name__ as migrations
from guanxi.crm.messaging.models import ChannelAccount, Message
from guanxi.crm.processors.models import Processor

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY


def account(code: str, kind: str = "sms") -> ChannelAccount:
    return ChannelAccount.objects.create(
        code=code, name=code, kind=kind, purpose="marketing", adapter="sms_http", rate=1, window=1
    )


def test_the_gate_bars_an_account_from_the_day_after_its_contract_in_the_bank_s_zone() -> None:
    testing.make_processors("sms", contract_until=TODAY)
    evening = datetime(2026, 11, 1, 15, 59, tzinfo=UTC)  # 23:59 in the bank
    told = [BankGate().barred("sms", at=evening + timedelta(minutes=n), using="default") for n in (0, 1)]
    assert told == ["", "processor_unconfirmed"]


def test_accounts_that_stand_already_are_entered_to_be_confirmed_by_the_migration() -> None:
    from importlib import import_module

    account("sms")
    with connection.cursor() as cursor:
        cursor.execute(import_module(f"{migrations}.0018_processors").STANDING)
    made = Processor.objects.get()
    assert (made.connectors, made.state, made.vendor) == (["sms"], "to_confirm", "sms")
    assert made.contract_until - made.contract_from == timedelta(days=90)


def test_people_whose_data_went_abroad_this_year_are_counted_once_each() -> None:
    testing.make_policies("protection")
    people, chance = testing.make_people(), random.Random(7)  # noqa: S311  # a made-up bank
    accounts = [account("sms"), account("email", "email"), account("push", "push")]
    staff = {"written_by": people.alice, "decided_by": people.head, "decided_at": timezone.now()}
    spans = (
        ("sms", "HK", "2026-02-01", "2026-05-31", None, "approved"),
        ("sms", "CN", "2026-06-01", "2026-12-31", None, "approved"),
        ("email", "US", "2025-01-01", "2027-12-31", "2026-03-10", "ended"),
        ("push", "US", "2026-01-01", "2026-12-31", None, "rejected"),
    )
    for code, country, since, until, ended, state in spans:
        testing.make_processors(
            code,
            country=country,
            contract_from=since,
            contract_until=until,
            ended_on=ended,
            state=state,
            **staff,
        )
    parties = [testing.make_party(people.outlet, keeper=people.alice) for _ in range(12)]
    with testing.everything():
        Party.objects.filter(pk=parties[1].pk).update(merged_into=parties[0].pk)
    rows = []
    for number in range(90):
        at = datetime(2025, 11, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 420))
        rows.append((chance.choice(parties), chance.choice(accounts), at))
        with testing.everything():
            Message.objects.create(
                uuid=uuid4(), party=rows[-1][0], unit=people.outlet, channel="sms", purpose="marketing",
                origin="manual", ref=str(number), planned_at=at, ready_at=at, expires_at=at, state="delivered",
                submitted_at=at, account=rows[-1][1],
            )  # fmt: skip
    gone = set()
    for party, one, at in rows:
        day = timezone.localtime(at).date().isoformat()
        abroad = (one.code == "sms" and "2026-02-01" <= day <= "2026-05-31") or (
            one.code == "email" and day <= "2026-03-10"
        )
        if abroad and day.startswith("2026"):
            gone.add(parties[0].pk if party.pk == parties[1].pk else party.pk)
    assert 3 < len(gone) < 12
    assert people_abroad(TODAY) == len(gone)
    assert people_abroad(TODAY.replace(year=2028)) == 0
