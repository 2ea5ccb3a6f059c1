"""A saved segment as the audience of a notice: within the author's reach and the reader's."""

import pytest
from django.core.exceptions import ValidationError

from guanxi.crm import testing
from guanxi.crm.messaging import audiences
from guanxi.crm.messaging.audiences import Whom
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.segments.tests.facts_bank import four_old, make

pytestmark = pytest.mark.django_db


def test_a_segment_is_read_within_the_reach_of_its_author_and_of_who_looks(screen, home) -> None:
    four_old(screen, home)
    people, today = screen.people, testing.TODAY
    segment = make(people.head, shared_with=None)
    with acting_as(people.head, today=today):
        whom = audiences.settled(Whom(key=str(segment.uuid)), reach_of(people.head, today), today)

    def meant(reader) -> set[int]:
        with acting_as(reader, today=today):
            rows = audiences.meant(reach_of(reader, today), whom, people.head, today)
            return set(rows.values_list("pk", flat=True))

    head, alice = meant(people.head), meant(people.alice)
    assert alice < head
    with acting_as(people.alice, today=today):
        one = next(iter(head - alice)), next(iter(alice))
        reach = reach_of(people.alice, today)
        told = [audiences.suits(reach, whom, people.head, testing.Party(pk=key), today) for key in one]
        assert told == [False, True]


def test_a_segment_that_is_not_shared_with_the_author_is_none(screen, home) -> None:
    four_old(screen, home)
    people, today = screen.people, testing.TODAY
    segment = make(people.head, shared_with=None)
    with acting_as(people.charlie, today=today):
        reach = reach_of(people.charlie, today)
        assert audiences.ASKED[0].offered(reach) == []
        with pytest.raises(ValidationError):
            audiences.settled(Whom(key=str(segment.uuid)), reach, today)
