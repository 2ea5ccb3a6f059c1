"""The demo bank's key people: told once, the legal representative as on record, tied to people of the bank."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.customers.models import Relation
from guanxi.crm.visits.models import Acquaintance, KeyPerson, Sponsor
from guanxi.crm.worklist.models import Task
from guanxi.pipeline.demo.past import key_people

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])


@pytest.fixture
def _as_pipeline(db: None) -> Iterator[None]:  # noqa: ARG001  # the test's transactions are open before
    app = connections["default"]
    connections["default"] = connections["pipeline"]
    yield
    connections["default"] = app


@pytest.mark.usefixtures("_as_pipeline")
def test_the_largest_companies_have_a_map_and_most_a_sponsor() -> None:
    testing.make_policies("visit", "interaction")
    run, people = testing.make_run(), testing.make_people()
    firms = [  # who has a sponsor hangs on the customer's number, so the numbers are fixed
        testing.make_party(
            people.outlet, keeper=people.alice, name=f"企业{number}", kind="company", customer_no=f"K{number}"
        )
        for number in range(12)
    ]
    with testing.everything():
        for place, firm in enumerate(firms):
            testing.make_score(firm, run, aum_fen=place * 1_000_000)
        Relation.objects.create(party=people.customer, other=firms[0], kind="legal_person")
        told = key_people.tell(today=testing.TODAY)
        assert key_people.tell(today=testing.TODAY) == 0
        assert told >= KeyPerson.objects.count() + Acquaintance.objects.count() + Sponsor.objects.count()
        legal = KeyPerson.objects.get(party=firms[0], post="legal_person")
        assert (legal.linked_id, legal.name) == (people.customer.pk, people.customer.name)
        assert set(Acquaintance.objects.values_list("staff", flat=True)) == {people.alice.pk, people.head.pk}
        assert 0 < Sponsor.objects.count() < len(firms)
        for task in Task.objects.all():  # only who is due, and not so late that the night gives it up
            assert task.due_on < testing.TODAY <= task.due_on + timedelta(days=60)
