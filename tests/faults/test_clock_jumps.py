"""The clock jumps ahead or back by an hour, a day, a year, between any two steps, and is put right again: nobody who
refused is written to, nothing waits for the year the clock once showed, nothing is deleted too early."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.audit import seals
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.customers.models import Consent
from guanxi.crm.messaging import permission
from guanxi.crm.messaging.engine import doubt, store
from guanxi.crm.messaging.engine.home import Home
from guanxi.crm.messaging.models import ChannelAccount, Touch
from guanxi.crm.messaging.tests.test_machine import LEASE, NOW, World
from guanxi.crm.salons import treating
from guanxi.crm.salons.models import Channel
from guanxi.crm.scores import selectors as scores
from guanxi.crm.scores.selectors import aged_by

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
JUMPS = (HOUR, DAY, YEAR)
NOON = datetime(2026, 11, 4, 4, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
SOON = timedelta(minutes=1)

# --- sending


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("jump", JUMPS)
def test_the_pace_of_a_clock_that_stood_ahead_holds_nobody_up(world, jump) -> None:
    parties = world.customers(2)
    world.now = NOW + jump
    world.queue(parties[:1])
    world.send()
    world.now, world.home = NOW, Home(world.home.folder, 24 * 400)
    ChannelAccount.objects.update(is_on=True, off_reason="")
    world.queue(parties[1:], ref="then")
    world.send()
    assert len(world.counterpart.got) == 2


@pytest.mark.parametrize("jump", JUMPS)
def test_a_pace_that_was_taken_in_earnest_is_kept(world, jump) -> None:
    ChannelAccount.objects.update(rate=2, window=20)
    world.queue(world.customers(40))
    world.now = NOW + jump
    with testing.everything():
        until = store.pace(world.account.pk, messages=20, window=20, rate=2, now=world.now, using="default")
    assert until == world.now + timedelta(seconds=10)
    assert world.send().claimed == 0


@pytest.mark.parametrize("jump", JUMPS)
def test_a_lease_given_by_a_clock_that_stood_ahead_is_over(world, jump) -> None:
    world.queue(world.customers(2), expires_at=NOW + 2 * YEAR)
    with testing.everything():
        batch = store.claim(
            world.account.pk,
            "sms",
            "marketing",
            most=2,
            worker="x",
            now=NOW + jump,
            lease=LEASE,
            using="default",
        )
        going = [store.Submission(batch.messages[0], None, "")]
        store.submit(going, now=NOW + jump, lease_until=NOW + jump + LEASE, using="default")
        assert doubt.sweep(now=NOW + jump, lease=LEASE, most=10, using="default") == (0, 0)
        assert doubt.sweep(now=NOW, lease=LEASE, most=10, using="default") == (1, 1)


@pytest.mark.parametrize("jump", JUMPS)
def test_what_was_sent_in_the_future_does_not_pull_the_brake_today(world, jump) -> None:
    parties = world.customers(1)
    world.now = NOW + jump
    for ref in ("a", "b"):
        world.queue(parties, ref=ref)
    world.send()
    world.now, world.home = NOW, Home(world.home.folder, 24 * 400)
    world.queue(parties, ref="c")
    world.send()
    world.account.refresh_from_db()
    assert (world.account.off_reason, len(world.counterpart.got)) == ("", 3)


@pytest.mark.parametrize(("jump", "state"), [(HOUR, "accepted"), (DAY, "expired"), (YEAR, "expired")])
def test_a_schedule_missed_by_a_jump_is_given_up_and_not_made_up_for(world, jump, state) -> None:
    """A message is rather not sent than at an hour nobody chose."""
    world.queue(world.customers(1))
    with testing.everything():
        store.expire(now=NOW + jump, most=10, using="default")
    world.send()
    assert [now for now, _code in world.states()] == [state]


@pytest.mark.parametrize(
    ("jump", "reason"), [(HOUR, ""), (DAY, ""), (YEAR, "restored"), (-HOUR, ""), (-YEAR, "restored")]
)
def test_only_a_long_silence_turns_channels_off_and_a_person_turns_them_on(world, jump, reason) -> None:
    world.queue(world.customers(1), ref="first")
    world.send()
    for now in (NOW + jump, NOW + SOON):
        world.now = now
        world.queue(world.customers(1), ref=str(now))
        world.send()
    world.account.refresh_from_db()
    assert world.account.off_reason == reason


# --- what customers said


@pytest.fixture
def customer():
    """Lives here and has agreed to text messages long ago."""
    testing.make_policies("contact", "tier")
    people = testing.make_people()
    party = testing.make_party(people.outlet, keeper=people.alice, id_type="resident_id")
    with testing.everything():
        Consent.objects.create(
            party=party, purpose="marketing", channel="sms", agreed=True, given_on=(NOON - 2 * YEAR).date()
        )
    return party


def code(party, at: datetime) -> str:
    with testing.everything():
        return permission.may_contact(parties=[party.pk], channel="sms", purpose="marketing", at=at)[
            party.pk
        ].code


AGREE, REFUSE = permission.agree, permission.refuse_all
SAID = {
    "refused while the clock is off": ([(REFUSE, 1)], "refused"),
    "agreed, then refused while it is off": ([(AGREE, 0), (REFUSE, 1)], "refused"),
    "agreed while it is off, refused when it was right again": ([(AGREE, 1), (REFUSE, 0)], "refused"),
    "refused while it is off, agreed long before": ([(AGREE, -1), (REFUSE, 1)], "refused"),
    "agreed while it is right": ([(REFUSE, -1), (AGREE, 0)], "ok"),
}


@pytest.mark.parametrize("jump", [*JUMPS, *(-jump for jump in JUMPS)])
@pytest.mark.parametrize("case", SAID)
def test_a_refusal_counts_whatever_the_clock_said_when_it_was_heard(customer, case, jump) -> None:
    said, expected = SAID[case]
    if case == "agreed while it is right":
        jump = abs(jump)
    with testing.everything():
        for number, (word, jumps) in enumerate(said):
            told = {"channel": None if word is REFUSE else "sms", "source": "reply", "text": "同意"}
            word(party=customer, at=NOON + jumps * jump + number * timedelta(seconds=1), **told)
    assert code(customer, NOON + SOON) == expected
    assert code(customer, NOON + 7 * DAY) == expected  # and it stays so
    assert expected == "ok" or code(customer, NOON + 2 * 364 * DAY) == expected


@pytest.mark.parametrize("jump", [*JUMPS, *(-jump for jump in JUMPS)])
def test_a_refused_call_is_no_invitation_whatever_day_the_clock_shows(customer, jump) -> None:
    with testing.everything():
        for agreed, days in ((True, -900), (False, 0)):
            Consent.objects.create(
                party=customer, purpose="marketing", channel="phone", agreed=agreed,
                given_on=NOON.date() + timedelta(days=days),
            )  # fmt: skip
        acting = SimpleNamespace(today=(NOON + jump).date())
        assert treating.allowed([customer], Channel.CALL, acting) == frozenset()


@pytest.mark.parametrize("jump", JUMPS)
def test_a_pause_begun_by_a_clock_that_stood_ahead_holds_at_once(customer, jump) -> None:
    with testing.everything():
        permission.hold(party=customer, reason="complaint", at=NOON + jump, by=None)
    assert code(customer, NOON) == "hold"


@pytest.mark.parametrize("jump", [*JUMPS, *(-jump for jump in JUMPS)])
def test_no_recorded_day_or_week_holds_more_than_the_caps(customer, jump) -> None:
    message = SimpleNamespace(party_id=customer.pk, channel="sms", purpose="marketing")
    for step in range(24):
        at = NOON + step * timedelta(hours=8) + (jump if step % 3 == 1 else timedelta())
        with testing.everything():
            permission.take(messages=[message], at=at)
    with testing.everything():
        touches = list(Touch.objects.values_list("day", "times"))
    weeks: Counter[tuple[int, int]] = Counter()
    for day, times in touches:
        weeks[day.isocalendar()[:2]] += times
    assert max(times for _day, times in touches) == 1  # as the demo bank's rules say: one a day, two a week
    assert max(weeks.values()) == 2


# --- the trail


def viewed(at: datetime) -> None:
    row = CustomerView.objects.using("owner").create(
        staff_no="S", staff_name="李敏", party_key=7, what="page"
    )
    CustomerView.objects.using("owner").filter(pk=row.pk).update(at=at)


@pytest.mark.parametrize("jump", [*JUMPS, *(-jump for jump in JUMPS)])
def test_seals_made_while_the_clock_is_off_leave_the_chain_and_its_heads_whole(tmp_path, jump) -> None:
    file = tmp_path / "heads.log"
    for turn in range(6):
        now = NOON + turn * HOUR + (jump if turn == 2 else timedelta())
        viewed(now)
        seals.seal(now=now + timedelta(minutes=30), using="owner")
        seals.write_down(file, using="owner")
        assert seals.verify(using="owner") == []
        assert seals.compare(seals.heads_of(file), using="owner") == []
    viewed(NOON + YEAR + DAY)
    seals.seal(now=NOON + YEAR + 2 * DAY, using="owner")
    seals.write_down(file, using="owner")
    assert len(seals.heads_of(file)) == len(set(seals.heads_of(file))) >= 5
    assert sum(head.rows for head in seals.heads_of(file)) == CustomerView.objects.using("owner").count()


@pytest.mark.parametrize("jump", JUMPS)
def test_a_row_whose_transaction_has_not_ended_is_not_sealed_past(monkeypatch, jump) -> None:
    """However late the clock says it is: its row would be found in a seal that never counted it."""
    monkeypatch.setattr(seals, "WAIT", 0.1)
    viewed(NOON)
    told = connections["owner"].get_connection_params()
    wanted = {name: told[name] for name in ("dbname", "user", "password", "host", "port") if told.get(name)}
    with psycopg.connect(**wanted) as other:
        other.execute(
            "INSERT INTO audit_customerview (at, staff_no, staff_name, party_key, what) "
            "VALUES (now(), 'S', '', 7, 'page')"
        )
        assert seals.seal(now=NOON + jump, using="owner") == []
        other.rollback()
    assert len(seals.seal(now=NOON + jump, using="owner")) == 1


# --- what is deleted by its age


@pytest.mark.parametrize("jump", [*JUMPS, *(-jump for jump in JUMPS)])
def test_ages_are_judged_by_the_figures_day_where_the_clock_stands_ahead(monkeypatch, jump) -> None:
    figures = NOON.date() - DAY
    assert aged_by(NOON + jump) == NOON + jump  # before the first night there is only the clock
    monkeypatch.setattr(scores, "current_business_date", lambda: figures)
    assert aged_by(NOON) == NOON
    assert aged_by(NOON + jump) <= min(NOON + jump, NOON + timedelta(hours=12))
