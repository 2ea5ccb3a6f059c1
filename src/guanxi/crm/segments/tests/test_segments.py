"""What each person may see is counted and nothing else; owners change, share and put away."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.segments import services
from guanxi.crm.segments.counting import facts_for
from guanxi.crm.segments.models import Moved, Segment, SegmentVersion
from guanxi.crm.segments.selectors import segments_for
from guanxi.crm.segments.tests.facts_bank import NOW, OLD, RICH, add, count, four_old, make, write_facts_of
from guanxi.insight.segments import read_rule

pytestmark = pytest.mark.django_db


def test_each_person_counts_those_within_reach_and_nobody_else(screen, home) -> None:
    four_old(screen, home)
    people = screen.people
    analyst = testing.make_staff("analyst", people.bank)
    counted = {who: count(staff) for who, staff in (
        ("alice", people.alice), ("bob", people.bob), ("charlie", people.charlie), ("head", people.head),
        ("analyst", analyst),
    )}  # fmt: skip
    assert counted == {"alice": 1, "bob": 1, "charlie": 1, "head": 3, "analyst": 4}


def test_nobody_without_a_post_counts_anybody(screen, home) -> None:
    four_old(screen, home)
    assert count(testing.make_staff(None, screen.people.outlet)) == 0


def test_a_customer_handed_over_today_counts_at_once_for_the_new_keeper_and_no_longer_for_the_old(
    screen, home
) -> None:
    four_old(screen, home)
    people = screen.people
    with acting_as(people.head, today=testing.TODAY) as reach:
        assign_keeper(
            by=people.head,
            reach=reach,
            party=people.customer,
            keeper=people.bob,
            today=testing.TODAY,
            reason="x",
        )
    assert [count(staff) for staff in (people.alice, people.bob, people.head)] == [0, 2, 3]


def test_the_application_sees_no_row_of_who_moved(screen) -> None:
    people = screen.people
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(keeper=people.bob)
        assert Moved.objects.count() == 0
    with acting_as(people.charlie, today=testing.TODAY), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM segments_moved()")
        assert cursor.fetchall() == []


def test_who_refused_profiling_is_not_counted_and_the_count_says_so(screen, home) -> None:
    refusing = add(screen, keeper=screen.people.alice)
    write_facts_of(
        home,
        screen.run,
        {refusing.pk: {"age": 70, "no_profiling": True}, screen.people.customer.pk: {"age": 70}},
    )
    with acting_as(screen.people.alice, today=testing.TODAY) as reach:
        facts = facts_for(reach)
        assert facts is not None
        found = facts.count(read_rule(OLD))
        assert (found.customers, found.refused, found.of_all) == (1, 1, 2)
        assert facts.size(facts.of_rule(read_rule({"not": OLD}))).customers == 0


def test_a_unit_means_everything_below_it(screen, home) -> None:
    four_old(screen, home)
    analyst, people = testing.make_staff("analyst", screen.people.bank), screen.people
    asked = {unit.name: count(analyst, {"fact": "unit_no", "is": "within", "values": [unit.unit_no]}) for unit in
             (people.bank, people.outlet, people.elsewhere)}  # fmt: skip
    assert asked == {people.bank.name: 4, people.outlet.name: 3, people.elsewhere.name: 1}


# ---- owning, sharing, versions


def seen_by(staff: Staff) -> list[str]:
    with acting_as(staff, today=testing.TODAY) as reach:
        return [segment.name for segment in segments_for(reach)]


def test_a_segment_is_its_owners_until_it_is_shared_and_then_the_units(screen) -> None:
    people = screen.people
    segment = make(people.alice)
    assert [seen_by(staff) for staff in (people.alice, people.bob, people.charlie)] == [["老年客户"], [], []]
    with acting_as(people.alice, today=testing.TODAY) as reach:
        services.share(by=people.alice, reach=reach, segment=segment, unit=people.outlet)
    assert [seen_by(staff) for staff in (people.alice, people.bob, people.charlie)] == [
        ["老年客户"],
        ["老年客户"],
        [],
    ]
    analyst = testing.make_staff("analyst", people.bank)
    make(analyst, "全行", shared_with=people.bank)
    assert seen_by(people.charlie) == ["全行"]


def test_the_database_itself_shows_nobody_anothers_segment(screen) -> None:
    people = screen.people
    make(people.alice)
    with acting_as(people.bob, today=testing.TODAY):
        assert Segment.objects.count() == SegmentVersion.objects.count() == 0


def test_only_the_owner_changes_shares_or_puts_away(screen) -> None:
    people = screen.people
    segment = make(people.alice, shared_with=people.outlet)
    with acting_as(people.bob, today=testing.TODAY) as reach:
        told: dict[str, Any] = {"by": people.bob, "reach": reach, "segment": segment}
        for deed, more in (
            (services.change_rule, {"rule": read_rule(RICH), "now": NOW}),
            (services.share, {"unit": None}),
            (services.retire, {"now": NOW}),
        ):
            with pytest.raises(PermissionDenied):
                deed(**told, **more)


def test_one_cannot_share_with_a_unit_one_has_nothing_to_do_with(screen) -> None:
    people = screen.people
    with pytest.raises(PermissionDenied):
        make(people.alice, shared_with=people.elsewhere)
    with pytest.raises(PermissionDenied):
        make(people.alice, shared_with=people.bank)


def test_a_changed_rule_is_a_new_version_and_the_same_rule_is_none(screen) -> None:
    people = screen.people
    segment = make(people.alice)
    with acting_as(people.alice, today=testing.TODAY) as reach:
        for rule in (OLD, RICH, RICH):
            services.change_rule(by=people.alice, reach=reach, segment=segment, rule=read_rule(rule), now=NOW)
        versions = list(SegmentVersion.objects.order_by("number").values_list("number", "rule"))
    assert versions == [(1, OLD), (2, RICH)]
    assert sorted(ChangeLog.objects.filter(verb__startswith="segments.").values_list("verb", flat=True)) == [
        "segments.changed", "segments.made",
    ]  # fmt: skip


def test_a_name_is_taken_once_and_free_again_when_put_away(screen) -> None:
    people = screen.people
    segment = make(people.alice)
    with pytest.raises(ValidationError):
        make(people.alice)
    make(people.bob)
    with acting_as(people.alice, today=testing.TODAY) as reach:
        services.retire(by=people.alice, reach=reach, segment=segment, now=NOW)
    make(people.alice)
    assert seen_by(people.alice) == ["老年客户"]
