"""Published figures: of the current run, and of customers within reach."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from guanxi.crm import testing
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores import selectors
from guanxi.crm.scores.models import PartyScore, Run, TierHistory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> testing.People:
    return testing.make_people()


def test_the_current_run_is_one(people) -> None:
    assert selectors.current_run() is None
    assert selectors.current_business_date() is None
    run = testing.make_run()
    assert selectors.current_run() == run
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(id="another", business_date=date(2026, 11, 1), is_current=True)


def test_the_list_shows_the_largest_first_and_the_unknown_last(people) -> None:
    run = testing.make_run()
    amounts = {}
    for amount in (None, 5, 900):
        party = testing.make_party(people.outlet, keeper=people.alice)
        amounts[testing.make_score(party, run, aum_fen=amount).pk] = amount
    with acting_as(people.alice, today=testing.TODAY) as reach:
        assert [score.aum_fen for score in selectors.scores_within(reach)] == [900, 5, None]


def test_scores_are_shown_within_reach_only(people) -> None:
    run, party = testing.make_run(), people.customer
    testing.make_score(party, run, aum_fen=1)
    for staff, seen in (
        (people.alice, True),
        (people.head, True),
        (people.bob, False),
        (people.charlie, False),
    ):
        with acting_as(staff, today=testing.TODAY) as reach:
            assert (selectors.score_of(reach, party) is not None) is seen
            assert selectors.scores_within(reach).exists() is seen


def test_without_a_reach_nothing_is_shown_even_where_the_database_would(people) -> None:
    run, nobody = testing.make_run(), Reach(people.alice.pk)
    testing.make_score(people.customer, run, aum_fen=1)
    with testing.everything():
        assert PartyScore.objects.exists()
        assert selectors.score_of(nobody, people.customer) is None
        assert selectors.history_of(nobody, people.customer) is None
        assert not selectors.tiers_of(nobody, people.customer).exists()
        for rows in (selectors.scores_within, selectors.large_changes, selectors.maturities):
            assert not rows(nobody).exists()
        assert not selectors.near_lines(nobody, "below").exists()


def test_tiers_are_shown_as_known_today(people) -> None:
    run = testing.make_run()
    first, later = date(2026, 1, 1), date(2026, 3, 1)
    with testing.everything():
        told = {"party": people.customer, "scheme": "person", "run": run, "known_from": first}
        TierHistory.objects.create(tier_rank=2, valid_from=first, valid_to=later, **told)
        TierHistory.objects.create(tier_rank=9, valid_from=later, known_to=later, **told)
        TierHistory.objects.create(tier_rank=3, valid_from=later, **(told | {"known_from": later}))
    with acting_as(people.alice, today=testing.TODAY) as reach:
        assert [tier.tier_rank for tier in selectors.tiers_of(reach, people.customer)] == [3, 2]
