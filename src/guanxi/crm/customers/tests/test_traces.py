"""Looking once which tables hold nothing of a customer."""

import pytest

from guanxi.crm import testing
from guanxi.crm.customers.models import Holding, Party, Relation
from guanxi.crm.customers.traces import look, nothing_in
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
TABLES = (Holding, Relation)


@pytest.fixture
def people():
    made = testing.make_people()
    merged = testing.make_party(made.outlet, keeper=made.alice, merged_into=made.customer)
    with testing.everything():
        merged.holdings.create(account_no="1", family="demand", currency="CNY")
    return made


def test_a_row_of_a_merged_number_is_a_trace_of_the_person_and_a_table_without_one_holds_nothing(people):
    with acting_as(people.alice, today=testing.TODAY):
        party = Party.objects.get(pk=people.customer.pk)
        assert not nothing_in(party, Relation), "nobody has looked yet"
        look(party, TABLES)
        assert [nothing_in(party, table) for table in TABLES] == [False, True]


def test_who_may_not_see_the_rows_sees_no_trace_of_them(people):
    party = people.customer
    with acting_as(people.charlie, today=testing.TODAY):
        party.merged_keys = list(range(party.pk, party.pk + 10))
        look(party, TABLES)
        assert nothing_in(party, Holding)


def test_looking_is_one_question_whatever_the_number_of_tables(people, django_assert_num_queries):
    with acting_as(people.alice, today=testing.TODAY):
        party = Party.objects.get(pk=people.customer.pk)
        party.merged_keys = []
        with django_assert_num_queries(1):
            look(party, TABLES)
