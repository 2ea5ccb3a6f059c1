"""Measures of a made-up team against sums written by hand, and what nobody earns anything with."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.foresight.models import EarlyWarning
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.performance import selectors
from guanxi.crm.performance.measuring import Book, Flags, Measuring
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.rules import Count, Span
from guanxi.crm.performance.team import place_asked
from guanxi.crm.performance.tests import made_up
from guanxi.crm.performance.tests.made_up import (
    NOTE,
    TODAY,
    make_contact,
    make_customer,
    make_promise,
    make_task,
)
from guanxi.crm.visits.models import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return made_up.make_team()


def days(number):
    return TODAY - timedelta(days=number)


def measured(*staff):
    """Measuring as the head sees it, within the test's transaction."""
    return Measuring([one.pk for one in staff], terms_on(TODAY))


def as_head(team):
    return acting_as(team.head, today=TODAY)


def test_done_counts_what_was_due_in_the_span_and_done_by_its_end(team):
    party = make_customer(team, team.ann)
    span = Span(days(6), TODAY)
    make_task(party, team.ann, days(6), done_on=days(5))
    make_task(party, team.ann, days(2), done_on=TODAY)
    make_task(party, team.ann, days(2))
    make_task(party, team.ann, days(2), state="snoozed", snoozed_until=TODAY + timedelta(days=9))
    make_task(party, team.ann, days(7), done_on=days(7))  # due before
    make_task(party, team.ann, days(1), done_on=TODAY + timedelta(days=1))  # done after
    make_task(
        party, team.ann, days(1), state="handed_on", closed_on=days(1), closed_at=team.run.started_at or _at()
    )
    make_task(party, team.ben, days(1), done_on=days(1))
    with as_head(team):
        found = measured(team.ann, team.ben).done(span)
    assert found == {team.ann.pk: Count(2, 5), team.ben.pk: Count(1, 1)}


def _at():
    from datetime import UTC, datetime

    return datetime(2026, 10, 30, tzinfo=UTC)


def test_a_promise_kept_late_stays_broken_and_one_withdrawn_is_nobodys(team):
    party = make_customer(team, team.ann)
    make_promise(party, team.ann, days(10), state="kept", closed_on=days(10), kept_at=_at())
    make_promise(party, team.ann, days(10), state="kept", closed_on=days(2), kept_at=_at(), broken_on=days(6))
    make_promise(party, team.ann, days(10), state="broken", broken_on=days(6))
    make_promise(party, team.ann, days(10))  # past its day and grace, the night has not marked it yet
    make_promise(party, team.ann, TODAY)
    make_promise(party, team.ann, days(10), state="withdrawn", closed_on=days(10))
    with as_head(team):
        found = measured(team.ann).broken(Span.back(TODAY, 28))
    assert found == {team.ann.pk: Count(3, 5)}


def test_coverage_is_of_the_book_by_anybody_who_reached_the_customer_in_time(team):
    gold = [make_customer(team, team.ann) for _ in range(5)]
    make_contact(gold[0], team.ann, days(59))
    make_contact(gold[1], team.ann, days(60))  # a gold customer is to be contacted every 60 days: too old
    make_contact(gold[2], team.ben, days(1))  # a colleague
    make_contact(gold[3], team.ann, days(1), outcome="not_reached")
    make_contact(gold[4], team.ann, days(1), channel="visit", note="去了")  # no evidence
    make_customer(team, team.ann, rank=1)  # no cadence
    with as_head(team):
        measuring, place = measured(team.ann), place_asked(_reach(team), None)
        assert measuring.coverage() == {(team.ann.pk, ("person", 4)): Count(2, 5)}
        late = {row.party_id for row in selectors.uncovered(_reach(team), place, terms_on(TODAY))}
    assert late == {gold[1].pk, gold[3].pk, gold[4].pk}


def _reach(team):
    from guanxi.crm.organisation.selectors import reach_of

    return reach_of(team.head, TODAY)


def test_a_visit_without_evidence_earns_nothing(team):
    party = make_customer(team, team.ann)
    make_contact(party, team.ann, days(1), channel="visit", note="      x      ")
    span = Span.back(TODAY, 28)
    with as_head(team):
        measuring = measured(team.ann)
        bare = (measuring.contacts(span), measuring.flags(span), measuring.coverage())
    make_contact(party, team.ann, days(1), minute=300, channel="visit", note=NOTE)
    with as_head(team):
        told = (measuring.contacts(span), measuring.flags(span), measuring.coverage())
    key = (team.ann.pk, ("person", 4))
    assert bare == ({team.ann.pk: Count(0, 1)}, {team.ann.pk: Flags(bare=1)}, {key: Count(0, 1)})
    assert told == ({team.ann.pk: Count(1, 2)}, {team.ann.pk: Flags(bare=1)}, {key: Count(1, 1)})


@pytest.mark.parametrize(("proven", "counts"), [(True, 1), (False, 0)])
def test_a_recorded_visit_counts_by_its_evidence_and_not_by_the_length_of_its_note(team, proven, counts):
    party = make_customer(team, team.ann)
    contact = make_contact(party, team.ann, days(1), channel="visit", note="" if proven else NOTE)
    at = contact.at
    with testing.everything():
        Visit.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=team.ann, day=days(1), starts_at=at,
            ends_at=at + timedelta(minutes=45), place="客户单位", state="done", made_on=days(5), closed_at=at,
            closed_on=days(1), is_proven=proven, contact=contact,
        )  # fmt: skip
    span = Span.back(TODAY, 28)
    with as_head(team):
        measuring = measured(team.ann)
        assert measuring.contacts(span) == {team.ann.pk: Count(counts, 1)}
        assert measuring.flags(span)[team.ann.pk].bare == 1 - counts
        late = selectors.uncovered(_reach(team), place_asked(_reach(team), None), terms_on(TODAY))
        assert late.count() == 1 - counts


def test_two_visits_at_once_are_flagged_both_and_those_of_two_people_are_not(team):
    one, two = make_customer(team, team.ann), make_customer(team, team.ann)
    at = {"channel": "visit", "note": NOTE}
    first = make_contact(one, team.ann, days(1), minute=0, **at)
    second = make_contact(two, team.ann, days(1), minute=20, **at)
    make_contact(one, team.ann, days(1), minute=41, **at)
    make_contact(one, team.ben, days(1), minute=1, **at)
    with as_head(team):
        found = measured(team.ann, team.ben).flagged(Span.back(TODAY, 28))
    assert {key for key, flags in found.items() if flags.at_once} == {first.pk, second.pk}


def bursts_by_hand(minutes, many, within):
    """Which of these minutes lie in some window of `within` minutes with at least `many` of them."""
    inside = set()
    for start in minutes:
        window = [at for at in minutes if start <= at <= start + within]
        if len(window) >= many:
            inside |= set(window)
    return inside


@pytest.mark.parametrize("seed", range(4))
def test_contacts_written_down_at_once_are_those_of_a_window_with_too_many(team, seed):
    party, rng = make_customer(team, team.ann), random.Random(seed)  # noqa: S311  # a made-up day
    minutes = sorted(rng.sample(range(120), 25))
    made = {make_contact(party, team.ann, days(1), minute=minute).pk: minute for minute in minutes}
    with as_head(team):
        measuring = measured(team.ann)
        found = measuring.flagged(Span.back(TODAY, 28))
    expected = bursts_by_hand(minutes, measuring.policy.burst_contacts, measuring.policy.burst_minutes)
    assert {made[key] for key, flags in found.items() if flags.burst} == expected


def test_a_queue_sent_later_and_a_file_brought_in_are_no_burst(team):
    party = make_customer(team, team.ann)
    sent = _at()
    for number in range(8):
        make_contact(party, team.ann, days(1), minute=60 * number, source="offline", logged_at=sent)
        make_contact(party, team.ann, days(2), minute=60 * number, source="import", logged_at=sent)
    with as_head(team):
        assert measured(team.ann).flags(Span.back(TODAY, 28))[team.ann.pk].burst == 0


def test_a_warning_touched_in_time_is_not_untouched_whoever_touched_it(team):
    parties = [make_customer(team, team.ann) for _ in range(4)]
    for party in parties:
        made_up.make_warning(party, days(8))
    make_contact(parties[0], team.ann, days(8))
    make_contact(parties[1], team.ben, days(5), outcome="not_reached")  # trying is touching
    make_contact(parties[2], team.ann, days(4))  # a day too late
    with as_head(team):
        found = measured(team.ann).untouched(Span.back(TODAY, 28))
        place = place_asked(_reach(team), None)
        now = {row.party_id for row in selectors.untouched_warnings(_reach(team), place, terms_on(TODAY))}
    assert found == {team.ann.pk: Count(2, 4)}
    assert now == {parties[3].pk}
    assert EarlyWarning._meta.db_table == "foresight_warning"


def test_only_deals_in_the_ledger_count_as_conversion(team):
    party = make_customer(team, team.ann)
    intent = {"outcome": "reached_interested", "intent_family": "wealth", "intent_fen": 5_000_000}
    deal = {"deal_account": "A1", "deal_on": days(1), "deal_fen": 5_000_000}
    make_contact(party, team.ann, days(9), **intent, **deal)
    make_contact(party, team.ann, days(8), **intent)
    make_contact(party, team.ann, days(8), minute=90)
    with as_head(team):
        assert measured(team.ann).conversion() == {(team.ann.pk, ("person", 4)): Count(1, 2)}


def test_minutes_of_a_book_follow_the_scope_policy(team):
    for rank in (3, 3, 4, 5):
        make_customer(team, team.ann, rank=rank)
    with as_head(team):
        assert measured(team.ann).books() == {team.ann.pk: Book(4, 20 + 20 + 40 + 90)}


def test_a_team_of_twenty_costs_as_many_queries_as_a_team_of_two(team):
    from django.test.utils import CaptureQueriesContext

    def asked(people):
        with as_head(team):
            measuring = measured(*people)
            with CaptureQueriesContext(connection) as queries:
                measuring.process()
                measuring.books()
                measuring.flags(measuring.usual)
        return len(queries)

    few = asked([team.ann, team.ben])
    more = [testing.make_staff("relationship_manager", team.outlet) for _ in range(18)]
    for one in more:
        make_contact(make_customer(team, one), one, days(1))
    assert asked([team.ann, team.ben, *more]) == few


@pytest.mark.parametrize("seed", range(3))
def test_figures_of_a_made_up_team_equal_sums_by_hand(team, seed):
    rng = random.Random(seed)  # noqa: S311
    people = [team.ann, team.ben]
    parties = [make_customer(team, rng.choice(people)) for _ in range(6)]
    due, done, counted, contacts = Counter(), Counter(), Counter(), Counter()
    for _ in range(30):
        who, party, back = rng.choice(people), rng.choice(parties), rng.randrange(40)
        finished = rng.choice([None, back, max(0, back - 3)])
        make_task(party, who, days(back), done_on=None if finished is None else days(finished))
        due[who.pk] += back < 28
        done[who.pk] += back < 28 and finished is not None
        outcome, channel, note = (
            rng.choice(["reached_later", "not_reached"]),
            rng.choice(["call", "visit"]),
            "",
        )
        if channel == "visit" and rng.random() < 0.5:
            note = NOTE
        if channel == "visit" and outcome == "not_reached":
            outcome = "reached_later"
        make_contact(
            party, who, days(back), minute=rng.randrange(900), channel=channel, outcome=outcome, note=note
        )
        contacts[who.pk] += back < 28
        counted[who.pk] += back < 28 and outcome == "reached_later" and (channel == "call" or note == NOTE)
    with as_head(team):
        measuring = measured(*people)
        found = measuring.process()
    by_hand = {
        one.pk: (Count(done[one.pk], due[one.pk]), Count(counted[one.pk], contacts[one.pk])) for one in people
    }
    assert {
        key: (found["done"].get(key, Count()), found["contacts"].get(key, Count())) for key in by_hand
    } == by_hand
