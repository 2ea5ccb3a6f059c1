"""Each minute: events become counts once, and what the policy calls work becomes a keeper's task once."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.behaviour import tidy as tidying
from guanxi.crm.behaviour.models import Batch, Daily, Event, KindDay, Recent, RefusedLine, Waiting
from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.behaviour.rollup import roll_up
from guanxi.crm.behaviour.selectors import WrongPurpose, occurred
from guanxi.crm.behaviour.tests.bank import NOON, TODAY, Shore, ago, event, make_shore, take
from guanxi.crm.customers.models import Consent, Party
from guanxi.crm.scores import selectors as scores
from guanxi.crm.worklist.models import Task, TaskState
from guanxi.pipeline import behaving

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])


@pytest.fixture
def _as_pipeline(db: None) -> Iterator[None]:  # noqa: ARG001  # the test's transactions are open before
    """Let everything in the test be written by the pipeline's login, in one transaction."""
    app = connections["default"]
    connections["default"] = connections["pipeline"]
    yield
    connections["default"] = app


@pytest.fixture
def shore(_as_pipeline: None) -> Shore:
    return make_shore()


def minute(today: date = TODAY):
    found = behaving.minute(today=today, now=NOON)
    assert found is not None
    return found


def only_recent() -> Recent:
    return Recent.objects.get()


def test_what_came_is_counted_by_customer_day_kind_and_channel(shore) -> None:
    take(
        shore, event(shore.customer, "a", kind="product_viewed", product="F001"),
        event(shore.customer, "b", at=ago(hours=1)), event(shore.customer, "c", at=ago(days=3)),
        event(shore.customer, "d", at=ago(hours=2), kind="purchase_abandoned", product="W07", step="risk"),
    )  # fmt: skip
    minute()
    row = only_recent()
    assert (row.last_kind, row.left_product, row.sources) == (
        "product_viewed",
        "W07",
        {"mobile": "2026-11-01"},
    )
    assert {kind: counts[:2] for kind, counts in row.counts.items()} == {
        "page_viewed": [2, 2], "product_viewed": [1, 1], "purchase_abandoned": [1, 1],
    }  # fmt: skip


def test_counts_grow_old_without_a_new_event(shore) -> None:
    take(shore, event(shore.customer, "a"))
    seen = []
    for days in (0, 6, 7, 29, 30):
        minute(TODAY + timedelta(days=days))
        seen.append(only_recent().counts["page_viewed"][:2])
    assert seen == [[1, 1], [1, 1], [0, 1], [0, 1], [0, 0]]


def test_the_same_batch_is_added_once_however_often_the_minute_runs(shore) -> None:
    take(shore, event(shore.customer, "a"))
    assert [minute().batches for _again in range(3)] == [1, 0, 0]
    assert Daily.objects.get().times == KindDay.objects.get().times == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_counts_added_step_by_step_are_those_of_all_events_counted_at_once(shore, data) -> None:
    for model in (Event, Daily, Recent, KindDay, Batch):
        model.objects.all().delete()
    other = testing.make_party(shore.people.outlet)
    chosen = st.tuples(
        st.integers(0, 15), st.sampled_from([shore.customer, other]),
        st.sampled_from(["page_viewed", "logged_in"]), st.integers(0, 6),
    )  # fmt: skip
    for number in range(data.draw(st.integers(1, 4))):
        lines = data.draw(st.lists(chosen, max_size=8))
        take(
            shore,
            *(
                event(party, f"{key}.{kind}.{day}.{party.pk}", kind=kind, at=ago(days=day))
                for key, party, kind, day in lines
            ),
        )
        if data.draw(st.booleans()):
            minute()
        del number
    minute()
    singles = Counter(Event.objects.values_list("party", "day", "kind"))
    assert {(row.party_id, row.day, row.kind): row.times for row in Daily.objects.all()} == singles
    assert sum(row.times for row in KindDay.objects.all()) == singles.total()
    recent = {
        row.party_id: {kind: value[0] for kind, value in row.counts.items()} for row in Recent.objects.all()
    }
    counted: dict[int, Counter[str]] = {}
    for (party, _day, kind), times in singles.items():
        counted.setdefault(party, Counter())[kind] += times
    assert recent == counted


# --- work that follows


def left(shore: Shore, key: str, **more):
    return take(
        shore, event(shore.customer, key, kind="purchase_abandoned", product="W07", step="pay", **more)
    )


def test_a_purchase_left_half_way_is_one_task_of_the_keeper(shore) -> None:
    left(shore, "a")
    left(shore, "b")
    assert minute().opened == {"purchase_left": 1}
    left(shore, "c")
    assert minute().opened == {}
    task = Task.objects.get()
    assert (task.assignee_id, task.urgency, task.reason["product"]) == (shore.people.alice.pk, 2, "W07")


def test_a_task_settled_comes_again_only_after_the_quiet_days(shore) -> None:
    left(shore, "a")
    minute()
    Task.objects.update(state=TaskState.DONE, closed_on=TODAY, closed_at=NOON)
    left(shore, "b")
    assert minute().opened == {}
    Task.objects.update(closed_on=TODAY - timedelta(days=14))
    left(shore, "c")
    assert minute().opened == {"purchase_left": 1}


def test_a_trigger_of_several_times_waits_for_the_last_of_them(shore) -> None:
    opened = []
    for key in "abc":
        take(shore, event(shore.customer, key, kind="loan_calculated", at=ago(days=2 if key == "a" else 0)))
        opened.append(minute().opened)
    assert opened == [{}, {}, {"borrowing": 1}]


def test_what_happened_days_ago_is_no_news_and_who_has_no_keeper_no_task(shore) -> None:
    left(shore, "a", at=ago(days=2))
    alone = testing.make_party(shore.people.outlet)
    take(shore, event(alone, "b", kind="purchase_abandoned"))
    assert (minute().opened, Task.objects.count()) == ({}, 0)


# --- what campaigns ask


def test_a_campaign_hears_of_an_event_when_it_was_added_however_late_it_came(shore) -> None:
    left(shore, "a", at=ago(days=6))
    roll_up(event_policy(TODAY), today=TODAY, now=NOON)
    found = occurred(["purchase_abandoned"], ago(hours=1), today=TODAY)
    assert [(one.party_id, one.product) for one in found] == [(shore.customer.pk, "W07")]
    assert occurred(["purchase_abandoned"], found[-1].added_at, today=TODAY) == []


def test_events_kept_for_service_are_refused_to_a_campaign(shore) -> None:
    take(shore, event(shore.customer, "a", kind="card_lost_viewed"))
    with pytest.raises(WrongPurpose):
        occurred(["page_viewed", "card_lost_viewed"], ago(days=1), today=TODAY)
    minute()
    assert len(occurred(["card_lost_viewed"], ago(days=1), today=TODAY, purpose="service")) == 1


# --- what goes


def test_single_events_go_with_their_kind_and_the_counts_stay(shore) -> None:
    take(shore, event(shore.customer, "a"), event(shore.customer, "b", kind="product_viewed"))
    minute()
    for days, kinds in ((30, {"page_viewed", "product_viewed"}), (31, {"product_viewed"}), (91, set())):
        later = timedelta(days=days)
        behaving.hour(today=TODAY + later, now=NOON + later)
        assert set(Event.objects.values_list("kind", flat=True)) == kinds
    assert Daily.objects.count() == 2


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1), timedelta(days=365)])
def test_a_clock_that_stands_ahead_deletes_nothing_before_the_bank_is_as_far(
    shore, monkeypatch, jump
) -> None:
    monkeypatch.setattr(scores, "current_business_date", lambda: TODAY - timedelta(days=1))
    take(shore, event(shore.customer, "a"), event(None, "b"), event(shore.customer, "c", page="王建国的账户"))
    minute()
    kept = [model.objects.count() for model in (Event, Daily, KindDay, Waiting, RefusedLine, Batch)]
    assert all(kept)
    for on in (jump, timedelta(), jump):
        behaving.hour(today=TODAY + on, now=NOON + on)
    assert [model.objects.count() for model in (Event, Daily, KindDay, Waiting, RefusedLine, Batch)] == kept
    later = timedelta(days=40)
    monkeypatch.setattr(scores, "current_business_date", lambda: TODAY + later)
    behaving.hour(today=TODAY + later, now=NOON + later)
    assert not Event.objects.exists()


@pytest.mark.parametrize("change", ["refused", "refused as the clock stood back", "closed", "child"])
def test_everything_of_who_may_not_be_observed_any_more_goes_within_the_hour(shore, change) -> None:
    take(shore, event(shore.customer, "a"))
    minute()
    if change.startswith("refused"):
        on = TODAY + (timedelta(days=365) if change.endswith("back") else timedelta())
        told = {"purpose": "profiling", "channel": "app", "agreed": False, "given_on": on}
        Consent.objects.create(party=shore.customer, **told)
    else:
        told = {"state": "closed"} if change == "closed" else {"birth_date": date(2013, 1, 1)}
        Party.objects.filter(pk=shore.customer.pk).update(**told)
    done = behaving.hour(today=TODAY, now=NOON)
    assert done is not None
    assert done.customers == 1
    assert not any(model.objects.exists() for model in (Event, Daily, Recent))


def test_an_unknown_number_is_dropped_after_its_days_and_found_when_it_gets_an_owner(shore) -> None:
    take(shore, event(None, "a"), event(None, "b") | {"customer": "C-later"})
    testing.make_party(shore.people.outlet, customer_no="C-later")
    done = tidying.settle(shore.token, event_policy(TODAY), today=TODAY, now=NOON)
    assert (done.found, Event.objects.count(), Waiting.objects.count()) == (1, 1, 1)
    later = timedelta(days=7, seconds=1)
    gone = behaving.hour(today=TODAY + later, now=NOON + later)
    assert gone is not None
    assert (gone.unknown, Waiting.objects.count()) == (1, 0)
