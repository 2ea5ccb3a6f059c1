"""The machine that sends, batch by batch, against a counterpart made of a list: what goes, waits, falls in doubt.

Receipts, which only the sender's own login may keep, are tried in tests/faults/test_sending_gateway.py.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from guanxi.channels.face import Accepted, Doubtful, NotFound, Refused
from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.messaging import services
from guanxi.crm.messaging.engine import doubt, store
from guanxi.crm.messaging.engine.home import Home
from guanxi.crm.messaging.engine.ports import Rendered
from guanxi.crm.messaging.engine.sender import Lane, send
from guanxi.crm.messaging.models import ChannelAccount, Claim, Message, Volume
from guanxi.insight.policies.sending import SendingPolicy

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
LEASE = timedelta(seconds=120)
POLICY = {
    "lease_seconds": 120, "call_seconds": 30, "lanes": 1, "throttle_seconds": 5, "ask_seconds": 60, "late_minutes": 120,
    "person_messages": 2, "person_minutes": 10, "volume_share": "0.01", "calls_most": 3, "silent_hours": 72,
}  # fmt: skip


class Gate:
    """Says of each customer what the test wants."""

    def __init__(self) -> None:
        self.verdicts: dict[int, SimpleNamespace] = {}
        self.back: list[int] = []
        self.bar = ""

    def barred(self, connector, *, at, using):  # noqa: ARG002
        return self.bar

    def take(self, messages, *, at, using):  # noqa: ARG002
        yes = SimpleNamespace(allowed=True, code="ok", next_at=None, word=None)
        return [self.verdicts.get(message.party_id, yes) for message in messages]

    def give_back(self, messages, *, at, using):  # noqa: ARG002
        self.back += [message.id for message in messages]

    def texts(self, messages, *, using):  # noqa: ARG002
        return {message.id: Rendered("您好") for message in messages}

    def hear(self, reply, *, channel, at, using):
        raise NotImplementedError


class Counterpart:
    """Answers each message as told; accepts without being told."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.answers: list = []

    async def send(self, batch):
        self.got += [out.out_id for out in batch]
        made = []
        for out in batch:
            answer = self.answers.pop(0) if self.answers else Accepted(out.out_id, f"v{len(self.got)}", 1, 5)
            made.append(answer(out.out_id) if callable(answer) else answer)
        return made


class World:
    """A bank, one account, one lane; the clock stands until it is moved."""

    def __init__(self, folder) -> None:
        self.people = testing.make_people()
        self.now, self.gate, self.counterpart = NOW, Gate(), Counterpart()
        self.account = ChannelAccount.objects.create(
            code="sms", name="短信", kind="sms", purpose="marketing", adapter="sms_http", rate=1_000, window=100,
            is_on=True, off_reason="",
        )  # fmt: skip
        self.policy = SendingPolicy.from_payload(POLICY)
        self.home = Home(folder, 72)
        self.addresses = {}

    def lane(self) -> Lane:
        return Lane(
            account=self.account.pk, channel=self.counterpart, gate=self.gate, policy=self.policy, home=self.home,
            addresses=lambda parties, _channel, _using: {
                party: self.addresses.get(party, "19900000000") for party in parties
            },
            clock=lambda: self.now, run=lambda call, _seconds: asyncio.run(call), worker="t", using="default",
        )  # fmt: skip

    def customers(self, count: int):
        return [testing.make_party(self.people.outlet, keeper=self.people.alice) for _ in range(count)]

    def queue(self, parties, **more) -> None:
        told = {
            "by": None, "origin": "campaign", "ref": "c", "channel": "sms", "template_version": 1,
            "purpose": "marketing", "parties": [(party.pk, {}) for party in parties], "planned_at": self.now,
            "expires_at": self.now + timedelta(hours=2), "now": self.now,
        } | more  # fmt: skip
        with testing.everything():
            services.queue(**told)

    def send(self):
        with testing.everything():
            return send(self.lane())

    def states(self) -> list[tuple[str, str]]:
        with testing.everything():
            return list(Message.objects.order_by("pk").values_list("state", "code"))

    def clear(self, found) -> None:
        self.account.refresh_from_db()
        with testing.everything():
            told = doubt.standing(self.account, most=100, using="default")
            doubt.clear(
                self.account, told, {one.out_id: found(one.out_id) for one, _since, _why in told if found},
                gate=self.gate, calls_most=3, now=self.now, using="default",
            )  # fmt: skip


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


def test_what_is_due_goes_once_and_is_accepted(world) -> None:
    world.queue(world.customers(3))
    world.send()
    world.send()
    assert world.states() == [("accepted", "")] * 3
    assert len(world.counterpart.got) == len(set(world.counterpart.got)) == 3
    claim = Claim.objects.get()
    assert (claim.taken, claim.submitted, claim.accepted) == (3, 3, 3)
    assert Volume.objects.get().submitted == 3


def test_a_channel_that_is_off_sends_nothing(world) -> None:
    world.queue(world.customers(1))
    ChannelAccount.objects.update(is_on=False, off_reason="person")
    world.send()
    assert world.states() == [("planned", "")]


def test_a_channel_whose_vendor_may_have_no_data_sends_nothing_and_goes_on_once_it_may(world) -> None:
    world.queue(world.customers(2))
    world.gate.bar = "contract_over"
    world.send()
    assert world.states() == [("planned", "")] * 2
    answers = iter(["", "contract_over"])  # over between the claim and the call
    world.gate.barred = lambda _code, *, at, using: next(answers)  # noqa: ARG005
    world.send()
    assert world.states() == [("planned", "contract_over")] * 2
    assert not world.counterpart.got
    del world.gate.barred
    world.gate.bar = ""
    world.send()
    assert world.states() == [("accepted", "")] * 2


def test_permission_refused_or_later_goes_no_further(world) -> None:
    never, later, too_late = world.customers(3)
    for party, code, at in (
        (never, "suppressed", None),
        (later, "quiet", NOW + timedelta(hours=1)),
        (too_late, "quiet", NOW + timedelta(hours=3)),
    ):
        world.gate.verdicts[party.pk] = SimpleNamespace(allowed=False, code=code, next_at=at, word=None)
    world.queue([never, later, too_late])
    world.send()
    assert world.states() == [("refused", "suppressed"), ("planned", "quiet"), ("refused", "quiet")]
    assert not world.counterpart.got


def test_a_missed_schedule_expires_and_is_not_made_up_for(world) -> None:
    world.queue(world.customers(1))
    world.now += timedelta(hours=2)
    world.send()
    with testing.everything():
        assert store.expire(now=world.now, most=10, using="default") == 1
    assert world.states() == [("expired", "late")]


def test_without_an_address_or_outside_of_the_sandboxes_list_nothing_goes(world) -> None:
    one, two = world.customers(2)
    world.addresses = {one.pk: "", two.pk: "13800000000"}
    ChannelAccount.objects.update(allowed=["19900000001"])
    world.queue([one, two])
    world.send()
    assert world.states() == [("refused", "no_address"), ("refused", "sandbox")]


def test_throttled_messages_wait_and_give_their_budget_back(world) -> None:
    world.queue(world.customers(1))
    world.counterpart.answers = [lambda out: Refused(out, "88", "", True)]
    world.send()
    assert world.states() == [("planned", "88")]
    assert len(world.gate.back) == 1
    assert Volume.objects.get().submitted == 0
    assert world.send().claimed == 0
    world.now += timedelta(seconds=6)
    world.send()
    assert world.states() == [("accepted", "")]


def test_more_than_usual_to_one_customer_stops_the_channel_before_the_call(world) -> None:
    (party,) = world.customers(1)
    for ref in ("a", "b", "c"):
        world.queue([party], ref=ref)
    world.send()
    world.account.refresh_from_db()
    assert (world.account.is_on, world.account.off_reason) == (False, "brake_person")
    assert world.states() == [("planned", "brake_person")] * 3
    assert not world.counterpart.got
    assert ChangeLog.objects.filter(verb="messaging.channel_stopped").count() == 1


def test_more_than_planned_stops_the_channel(world) -> None:
    world.queue(world.customers(4))
    Volume.objects.update(planned=3)
    world.send()
    world.account.refresh_from_db()
    assert world.account.off_reason == "brake_volume"
    assert not world.counterpart.got


def test_marketing_in_doubt_stays_in_doubt_when_the_counterpart_is_blind(world) -> None:
    world.queue(world.customers(1))
    world.counterpart.answers = [lambda out: Doubtful(out, "timeout")]
    world.send()
    for _hour in range(3):
        world.now += timedelta(minutes=30)
        world.clear(None)
        world.send()
    assert world.states() == [("unknown", "no_answer")]
    assert len(world.counterpart.got) == 1


def test_not_found_counts_only_after_the_visibility_lag(world) -> None:
    ChannelAccount.objects.update(can_ask=True, visible_after=600)
    world.queue(world.customers(1))
    world.counterpart.answers = [lambda out: Doubtful(out, "timeout")]
    world.send()
    world.now += timedelta(seconds=599)
    world.clear(NotFound)
    assert world.states()[0][0] == "unknown"
    world.now += timedelta(seconds=1)
    world.clear(NotFound)
    assert world.states()[0][0] == "planned"
    assert Volume.objects.get().submitted == 0
    world.send()
    assert world.states() == [("accepted", "")]


def test_an_idempotent_counterpart_gets_the_same_id_again_unless_permission_is_gone(world) -> None:
    ChannelAccount.objects.update(takes_twice=False)
    first, second = world.customers(2)
    world.queue([first, second])
    world.counterpart.answers = [lambda out: Doubtful(out, "")] * 2
    world.send()
    world.clear(None)
    world.gate.verdicts[second.pk] = SimpleNamespace(allowed=False, code="refused", next_at=None, word=None)
    world.send()
    assert world.states() == [("accepted", ""), ("unknown", "refused")]
    assert world.counterpart.got[2] == world.counterpart.got[0]


def test_what_a_dead_sender_left_is_found_when_its_lease_is_over(world) -> None:
    world.queue(world.customers(2))
    with testing.everything():
        batch = store.claim(
            world.account.pk, "sms", "marketing", most=2, worker="x", now=NOW, lease=timedelta(seconds=60),
            using="default",
        )  # fmt: skip
        going = [store.Submission(batch.messages[0], None, "")]
        store.submit(going, now=NOW, lease_until=batch.lease_until, using="default")
        assert doubt.sweep(now=NOW + timedelta(seconds=59), lease=LEASE, most=10, using="default") == (0, 0)
        assert doubt.sweep(now=NOW + timedelta(seconds=61), lease=LEASE, most=10, using="default") == (1, 1)
        late = {batch.messages[1].id: Accepted("x", "v", 1, 1)}
        other = store.claim(
            world.account.pk, "sms", "marketing", most=2, worker="y", now=NOW, lease=timedelta(seconds=60),
            using="default",
        )  # fmt: skip
        assert len(other.messages) == 1
        assert not store.answer(late, fence=batch.fence, now=NOW, later=NOW, using="default")
    assert sorted(state for state, _code in world.states()) == ["claimed", "unknown"]


def test_a_store_older_than_the_place_starts_with_its_channels_off_and_all_in_doubt(world, tmp_path) -> None:
    world.queue(world.customers(1), ref="first")
    world.send()
    Claim.objects.all().delete()
    world.queue(world.customers(1), ref="second")
    world.home = Home(tmp_path, 72)
    world.send()
    world.account.refresh_from_db()
    assert (world.account.is_on, world.account.off_reason) == (False, "restored")
    assert world.states() == [("accepted", ""), ("unknown", "restored")]
    assert len(world.counterpart.got) == 1


def test_a_place_the_store_does_not_know_and_a_long_silence_turn_channels_off(world, tmp_path) -> None:
    world.queue(world.customers(1))
    world.send()
    for home, later in ((Home(tmp_path / "new", 72), timedelta()), (Home(tmp_path, 72), timedelta(hours=73))):
        ChannelAccount.objects.update(is_on=True, off_reason="")
        world.now, world.home = NOW + later, home
        world.send()
        world.account.refresh_from_db()
        assert world.account.off_reason == "restored"
