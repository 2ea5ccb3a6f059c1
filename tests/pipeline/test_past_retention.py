"""The demo bank's past of retention and of the counters: told once, believable in its parts."""

from datetime import date

import pytest

from guanxi.crm import testing
from guanxi.crm.counter.models import EntitlementBook, EntitlementUse, Reception
from guanxi.crm.retention.models import Case, CaseOffer
from guanxi.crm.retention.tests.bank import warn
from guanxi.crm.worklist.models import Task
from guanxi.pipeline.demo.past import counter, retention

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
TODAY = date(2026, 11, 1)


@pytest.fixture
def told() -> tuple[int, int]:
    """Forty warned customers that Alice keeps, at an outlet with a teller; the rows that both rooms wrote."""
    testing.make_policies(
        "tier", "access", "lists", "retention", "counter", "suitability", "interaction", "worklist"
    )
    people, run = testing.make_people(), testing.make_run()
    testing.make_staff("teller", people.outlet)
    for number in range(40):
        party = testing.make_party(people.outlet, keeper=people.alice, name=f"张{number}")
        testing.make_score(
            party, run, tier_scheme="person", tier_rank=2 + number % 5, aum_fen=50_000_000, deposits_fen=1
        )
        warn(party)
    return retention.tell(today=TODAY), counter.tell(today=TODAY)


def test_both_rooms_are_told_once(told) -> None:
    assert min(told) > 0
    assert (retention.tell(today=TODAY), counter.tell(today=TODAY)) == (0, 0)


def test_cases_end_after_they_began_and_open_ones_stand_on_a_list(told) -> None:  # noqa: ARG001  # tells it
    cases = list(Case.objects.using("pipeline").all())
    ended = [case for case in cases if case.state != "open"]
    assert ended
    assert all(case.opened_on <= case.closed_on < TODAY for case in ended)
    assert all(case.evidence["signals"][0]["day"] <= case.opened_on.isoformat() for case in ended)
    assert {case.kept is None for case in ended} >= {case.judge_on >= TODAY for case in ended}
    standing = Task.objects.using("pipeline").filter(origin="retention", subject="case").count()
    assert standing == len(cases) - len(ended)
    assert not CaseOffer.objects.using("pipeline").filter(state="asked").exclude(case__state="open").exists()


def test_nobody_used_more_than_the_tier_has(told) -> None:  # noqa: ARG001  # tells it
    books = EntitlementBook.objects.using("pipeline").all()
    uses = EntitlementUse.objects.using("pipeline").all()
    assert sum(book.used for book in books) == uses.count() > 0
    assert all(use.book.used <= use.quota for use in uses.select_related("book"))
    assert Reception.objects.using("pipeline").filter(day__lt=TODAY).exists()
