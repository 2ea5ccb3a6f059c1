"""Nobody in a branch sees an arm or who is held out: asked as the app's login, with every filter forgotten."""

from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from guanxi.crm import testing
from guanxi.crm.campaigns.models import Assignment, Campaign, Recipient, State
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def bank():
    people = testing.make_people()
    analyst = testing.make_staff("analyst", people.bank, name="Ann")
    other = testing.make_party(people.outlet, keeper=people.alice, name="陈静")
    campaign = Campaign.objects.create(
        name="定期到期承接", owner=analyst, unit=people.bank, content_hash="h", state=State.RUNNING,
        launched_on=testing.TODAY, made_at=NOW, changed_at=NOW,
    )  # fmt: skip
    rows = [(people.customer, "treated"), (other, "control")]
    Assignment.objects.using("pipeline").bulk_create(
        Assignment(
            campaign=campaign, party=party, cluster=f"customer:{party.pk}", arm=arm, wave=1, assigned_on=testing.TODAY
        )
        for party, arm in rows
    )  # fmt: skip
    Recipient.objects.using("pipeline").create(
        campaign=campaign, party=people.customer, unit=people.outlet, keeper=people.alice, wave=1,
        entered_on=testing.TODAY,
    )  # fmt: skip
    return people, analyst, campaign


def arms(campaign) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM campaigns_arms(%s)", [campaign.pk])
        return cursor.fetchall()


def test_branches_see_the_treated_and_nobody_a_row_of_the_assignment(bank):
    people, analyst, campaign = bank
    for person in (people.alice, people.bob, people.head, people.charlie, analyst):
        with acting_as(person, today=testing.TODAY):
            assert Assignment.objects.count() == 0
            seen = set(Recipient.objects.values_list("party_id", flat=True))
            away = person in (people.charlie, people.bob)
            assert seen == (set() if away else {people.customer.pk})
    assert Recipient.objects.count() == 0  # with nobody acting

    # how many are in each arm is told to whom sees the whole bank alone
    with acting_as(people.head, today=testing.TODAY):
        assert arms(campaign) == []
    with acting_as(analyst, today=testing.TODAY):
        assert arms(campaign) == [("control", 1, 0), ("treated", 1, 0)]
    assert arms(campaign) == []

    # a customer who moves takes the row along
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "UPDATE customers_party SET unit_id = %s, keeper_id = %s WHERE id = %s",
            [people.elsewhere.pk, people.charlie.pk, people.customer.pk],
        )
    with acting_as(people.alice, today=testing.TODAY):
        assert Recipient.objects.count() == 0
    with acting_as(people.charlie, today=testing.TODAY):
        assert Recipient.objects.count() == 1
