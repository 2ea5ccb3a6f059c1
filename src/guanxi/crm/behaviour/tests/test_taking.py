"""Batches of events: each line kept once, dropped or refused with a reason; never half lost."""

import json
from collections import Counter
from datetime import date

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.behaviour.models import Batch, Event, RefusedLine, Waiting
from guanxi.crm.behaviour.tests.bank import NOON, TODAY, Shore, ago, event, make_shore, take
from guanxi.crm.customers.models import Consent, Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.tokens import make_token, stop_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def shore(db) -> Shore:  # noqa: ARG001
    return make_shore()


def kept() -> list[Event]:
    with testing.everything():
        return list(Event.objects.order_by("at"))


def test_an_event_told_twice_is_kept_once_in_one_batch_and_in_two(shore) -> None:
    one, two = event(shore.customer, "a", page="home"), event(shore.customer, "b", page="fund/list")
    first, second = take(shore, one, two, one), take(shore, two, one)
    assert (first.new, first.known, second.new, second.known) == (2, 1, 0, 2)
    assert Counter(row.properties["page"] for row in kept()) == {"home": 1, "fund/list": 1}


def test_the_key_of_one_sender_is_nothing_to_another(shore) -> None:
    other, _told = make_token(name="网银", staff=shore.system, scopes=["behaviour:events"], now=NOON)
    take(shore, event(shore.customer, "a"))
    take(Shore(shore.people, shore.system, other, ""), event(shore.customer, "a"))
    assert len(kept()) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "robbery"}, "unknown_kind"),
        ({"kind": ["page_viewed"]}, "unknown_kind"),
        ({"extra": 1}, "unknown_field"),
        ({"properties": {"query": "王建国"}}, "undeclared_property"),
        ({"properties": {"page": "王建国的账户"}}, "bad_value"),
        ({"properties": {"page": "u/13812345678"}}, "bad_value"),
        ({"properties": {"page": "x" * 41}}, "bad_value"),
        ({"properties": {"page": "home\n"}}, "bad_value"),
        ({"properties": {"seconds": "3"}}, "bad_value"),
        ({"properties": {"seconds": True}}, "bad_value"),
        ({"properties": {"seconds": 1.5}}, "bad_value"),
        ({"properties": {"seconds": -1}}, "bad_value"),
        ({"properties": {"seconds": 10**20}}, "bad_value"),
        ({"properties": [1]}, "bad_properties"),
        ({"key": ""}, "bad_key"),
        ({"key": "a b"}, "bad_key"),
        ({"key": 7}, "bad_key"),
        ({"key": "k" * 65}, "bad_key"),
        ({"source": "atm"}, "unknown_source"),
        ({"source": ["mobile"]}, "unknown_source"),
        ({"at": "2026-11-01T12:00:00"}, "bad_instant"),
        ({"at": "yesterday"}, "bad_instant"),
        ({"at": 1793505600}, "bad_instant"),
        ({"at": ago(days=7, seconds=1).isoformat()}, "too_late"),
        ({"at": ago(minutes=-11).isoformat()}, "ahead"),
        ({"customer": None}, "no_identity"),
        ({"token": "t" * 64}, "no_identity"),
        ({"customer": ""}, "no_identity"),
        ({"customer": "C\x00"}, "no_identity"),
        ({"customer": "王建国"}, "no_identity"),
    ],
)
def test_a_line_that_does_not_fit_the_register_is_refused_whole_with_its_reason(
    shore, change, reason
) -> None:
    taken = take(shore, event(shore.customer, "a", page="home") | change, event(shore.customer, "b"))
    assert [(bad.number, bad.reason) for bad in taken.bad] == [(1, reason)]
    assert (taken.new, len(kept())) == (1, 1)
    assert RefusedLine.objects.get().reason == reason


def test_what_a_refused_line_said_is_kept_nowhere(shore) -> None:
    take(
        shore,
        event(shore.customer, "a", phone_13812345678="x"),
        event(shore.customer, "b", query="银行卡丢了"),
    )
    rows = list(RefusedLine.objects.order_by("line"))
    assert [(row.reason, row.property_name) for row in rows] == [
        ("undeclared_property", ""),
        ("undeclared_property", "query"),
    ]
    assert "银行卡" not in str([vars(row) for row in rows])


def test_the_edges_of_lateness_are_within(shore) -> None:
    taken = take(
        shore, event(shore.customer, "a", at=ago(days=7)), event(shore.customer, "b", at=ago(minutes=-10))
    )
    assert (taken.new, taken.bad) == (2, [])


def test_a_whole_batch_with_one_bad_line_keeps_nothing(shore) -> None:
    taken = take(shore, event(shore.customer, "a"), event(shore.customer, "b", nonsense=1), whole=True)
    assert (len(taken.bad), kept(), Batch.objects.count()) == (1, [], 0)


def refuse(party: Party, channel: str, day: date, agreed: bool) -> None:
    with testing.everything():
        Consent.objects.create(party=party, purpose="profiling", channel=channel, agreed=agreed, given_on=day)


def test_a_refusal_counts_where_the_clock_has_gone_back_behind_its_day(shore) -> None:
    refuse(shore.customer, "app", date(2027, 3, 1), agreed=False)
    assert take(shore, event(shore.customer, "a")).new == 0


def test_who_refused_profiling_is_not_kept_until_the_word_is_taken_back(shore) -> None:
    refuse(shore.customer, "app", date(2026, 3, 1), agreed=False)
    assert take(shore, event(shore.customer, "a")).dropped == {"no_profiling": 1}
    refuse(shore.customer, "app", date(2026, 4, 1), agreed=True)
    assert take(shore, event(shore.customer, "b")).new == 1
    refuse(shore.customer, "phone", date(2026, 4, 2), agreed=False)
    assert take(shore, event(shore.customer, "c")).dropped == {"no_profiling": 1}


@pytest.mark.parametrize("state", ["closed", "deceased"])
def test_who_is_no_longer_a_customer_is_dropped_with_a_count(shore, state) -> None:
    gone = testing.make_party(shore.people.outlet, state=state)
    assert take(shore, event(gone, "a"), event(gone, "b")).dropped == {"restricted": 2}
    assert kept() == []


@pytest.mark.parametrize(
    ("birth", "dropped"),
    [(date(2012, 11, 2), 1), (date(2012, 11, 1), 0), (date(2012, 2, 29), 0), (None, 0)],
)
def test_a_child_below_fourteen_is_not_observed(shore, birth, dropped) -> None:
    child = testing.make_party(shore.people.outlet, birth_date=birth)
    assert take(shore, event(child, "a")).dropped.total() == dropped


def test_an_unknown_number_waits_and_counts_as_known_when_told_again(shore) -> None:
    first, second = take(shore, event(None, "a")), take(shore, event(None, "a"))
    assert (first.waiting, second.waiting, second.known) == (1, 0, 1)
    assert Waiting.objects.get().identity == "C-nobody"


def test_a_number_of_a_merged_customer_counts_for_whom_it_belongs_to_now(shore) -> None:
    old = testing.make_party(shore.people.outlet, merged_into=shore.customer)
    take(shore, event(old, "a"))
    assert [row.party_id for row in kept()] == [shore.customer.pk]


def test_a_token_finds_its_customer_and_one_of_two_customers_finds_nobody(shore) -> None:
    twin = testing.make_party(shore.people.outlet)
    with testing.everything():
        shore.customer.identifiers.create(kind="id", token="t" * 64)
        for party in (shore.customer, twin):
            party.contact_points.create(kind="mobile", token="m" * 64)
    told = event(None, "a") | {"customer": None, "token": "t" * 64}
    both = event(None, "b") | {"customer": None, "token": "m" * 64}
    taken = take(shore, told, both)
    assert (taken.new, taken.dropped) == (1, {"ambiguous": 1})


def test_a_channel_sees_no_further_than_the_person_it_acts_as(shore) -> None:
    far = testing.make_staff("outlet_head", shore.people.elsewhere)
    token, _told = make_token(name="far", staff=far, scopes=["behaviour:events"], now=NOON)
    taken = take(Shore(shore.people, far, token, ""), event(shore.customer, "a"))
    assert (taken.new, taken.waiting) == (0, 1)


def test_events_are_seen_by_whoever_sees_the_customer_and_by_nobody_without_a_reach(shore) -> None:
    take(shore, event(shore.customer, "a"))
    seen = {}
    for name in ("alice", "bob", "charlie", "head"):
        with acting_as(getattr(shore.people, name), today=TODAY):
            seen[name] = Event.objects.count()
    assert (seen, Event.objects.count()) == ({"alice": 1, "bob": 0, "charlie": 0, "head": 1}, 0)


# --- any batch, in any order, however often


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(
            st.tuples(st.integers(0, 9), st.sampled_from(["own", "nobody", "bad", "gone"])), max_size=12
        ),
        max_size=5,
    )
)
def test_every_line_of_every_batch_is_accounted_for_once(shore, batches) -> None:
    with testing.everything():
        Event.objects.all().delete()
    Waiting.objects.all().delete()
    gone = testing.make_party(shore.people.outlet, state="closed")
    owners = {"own": shore.customer, "nobody": None, "bad": shore.customer, "gone": gone}
    told_keys = set()
    for lines in batches:
        told = [event(owners[whose], f"{whose}{key}") for key, whose in lines]
        for each, (_key, whose) in zip(told, lines, strict=True):
            each.update({"extra": 1} if whose == "bad" else {})
        taken = take(shore, *told)
        accounted = taken.kept + taken.waiting + taken.dropped.total() + len(taken.bad)
        assert accounted == len(lines)
        told_keys |= {(key, whose) for key, whose in lines if whose in ("own", "nobody")}
    assert len(kept()) == sum(whose == "own" for _key, whose in told_keys)
    assert Waiting.objects.count() == sum(whose == "nobody" for _key, whose in told_keys)


# --- the door


def send(shore: Shore, body: str | bytes, *, token: str | None = None, query: str = ""):
    return Client().post(
        f"/behaviour/events{query}", body, content_type="application/x-ndjson",
        headers={"Authorization": f"Bearer {shore.told if token is None else token}"},
    )  # fmt: skip


@pytest.fixture
def clock(settings, monkeypatch) -> None:
    settings.GUANXI_TODAY = TODAY.isoformat()
    monkeypatch.setattr("guanxi.project.clock.now", lambda: NOON)


@pytest.mark.usefixtures("clock")
def test_lines_of_json_and_a_list_are_both_taken(shore) -> None:
    one, two = event(shore.customer, "a"), event(shore.customer, "b")
    answer = send(shore, f"{json.dumps(one)}\n\n{{\n{json.dumps(two)}\n")
    assert answer.status_code == 200
    assert answer.json() | {"lines": []} == {
        "received": 3, "new": 2, "known": 0, "waiting": 0, "dropped": {}, "refused": 1, "lines": [],
    }  # fmt: skip
    assert answer.json()["lines"][0]["line"] == 2
    assert send(shore, json.dumps([one, two])).json()["known"] == 2
    assert send(shore, json.dumps({"events": [one]})).json()["known"] == 1


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 422), (b"  \n", 422), (b"[", 422), (b"{\"events\": 1}", 422), (b"x" * 600_000, 413),
     (b"[" * 5000, 422), (b"\n".join([b"{}"] * 1001), 413)],
)  # fmt: skip
def test_a_body_without_events_or_too_large_is_refused(shore, body, status) -> None:
    assert send(shore, body).status_code == status


@pytest.mark.usefixtures("clock")
def test_no_token_a_stopped_one_and_one_of_another_scope_open_nothing(shore) -> None:
    _other, told = make_token(name="柜面", staff=shore.system, scopes=["counter:events"], now=NOON)
    body = json.dumps(event(shore.customer, "a"))
    assert [send(shore, body, token=one).status_code for one in ("", "wrong", told)] == [401, 401, 403]
    stop_token(token=shore.token, now=NOON)
    assert (send(shore, body).status_code, kept()) == (401, [])


@pytest.mark.usefixtures("clock")
def test_a_whole_batch_is_refused_with_the_line_that_is_wrong(shore) -> None:
    body = "\n".join(json.dumps(each) for each in (event(shore.customer, "a"), {"kind": "x"}))
    answer = send(shore, body, query="?whole=1")
    assert (answer.status_code, answer.json()["lines"][0]["line"], kept()) == (422, 2, [])
