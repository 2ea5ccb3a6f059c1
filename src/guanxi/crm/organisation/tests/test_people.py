"""Posts, leave cover and the tree: what they make of a person's reach, and who may change them."""
# a fixture or an argument asked for by name may do all its work by being there

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.audit.selectors import changes
from guanxi.crm.organisation import post_requests, selectors, services
from guanxi.crm.organisation.models import Cover, Post, Unit, UnitScope
from guanxi.crm.organisation.rules import Right

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)


@pytest.fixture
def people() -> testing.People:
    return testing.make_people()


@pytest.fixture
def chief(people):
    return testing.make_staff("administrator", people.bank)


def test_a_unit_is_seen_with_all_below_it() -> None:
    bank = testing.make_unit("行")
    branch = testing.make_unit("分行", parent=bank, kind="branch")
    outlet = testing.make_unit("网点", parent=branch)
    beside = testing.make_unit("网点二", parent=bank)
    head = testing.make_staff("supervisor", branch)
    assert selectors.reach_of(head, TODAY).unit_ids == {branch.pk, outlet.pk}
    assert selectors.members_of(bank) == {bank.pk, branch.pk, outlet.pk, beside.pk}
    assert selectors.path_to(outlet) == [bank, branch, outlet]


def test_a_unit_that_moves_takes_what_is_below_with_it() -> None:
    bank = testing.make_unit()
    old, new = (testing.make_unit(parent=bank, kind="branch") for _ in "ab")
    outlet = testing.make_unit(parent=old)
    Unit.objects.filter(pk=outlet.pk).update(parent=new)
    services.rebuild_unit_scope()
    assert selectors.members_of(old) == {old.pk}
    assert selectors.members_of(new) == {new.pk, outlet.pk}
    count = UnitScope.objects.count()
    services.rebuild_unit_scope()
    assert UnitScope.objects.count() == count


def test_a_post_counts_from_its_first_day_until_the_day_before_its_end(people) -> None:
    staff = testing.make_staff(None, people.outlet)
    Post.objects.create(
        staff=staff, unit=people.outlet, role="teller", valid_from=TODAY, valid_to=TODAY + DAY
    )
    sees = [selectors.reach_of(staff, TODAY + days * DAY).sees_customers for days in (-1, 0, 1)]
    assert sees == [False, True, False]


def test_leave_cover_lends_the_book_for_its_days(people) -> None:
    Cover.objects.create(absent=people.alice, covering=people.charlie, first_day=TODAY, last_day=TODAY + DAY)
    books = [selectors.reach_of(people.charlie, TODAY + days * DAY).staff_ids for days in (-1, 0, 1, 2)]
    his, both = {people.charlie.pk}, {people.charlie.pk, people.alice.pk}
    assert books == [his, both, both, his]


def test_who_was_switched_off_reaches_nothing(people) -> None:
    people.alice.is_active = False
    assert not selectors.reach_of(people.alice, TODAY).sees_customers


def test_posts_are_opened_moved_and_closed_with_their_trail(people, chief) -> None:
    staff = services.create_staff(by=chief, today=TODAY, staff_no="N1", name="新人")
    post = services.open_post(
        by=chief, today=TODAY, staff=staff, unit=people.outlet, role="teller", valid_from=TODAY
    )
    moved = services.move_staff(
        by=chief, today=TODAY, post=post, unit=people.elsewhere, role="lobby", valid_from=TODAY + 3 * DAY
    )
    services.close_post(by=chief, today=TODAY, post=moved, valid_to=TODAY + 9 * DAY)
    held = [(post.role, post.valid_from, post.valid_to) for post in selectors.posts_of(staff)]
    assert held == [
        ("lobby", TODAY + 3 * DAY, TODAY + 9 * DAY),
        ("teller", TODAY, TODAY + 3 * DAY),
    ]
    verbs = [row.verb.split(".")[1] for row in changes(staff_no=chief.staff_no)]
    assert verbs == ["post_closed", "post_opened", "post_closed", "post_opened", "staff_created"]


def test_a_post_is_held_once(people, chief) -> None:
    again = {"by": chief, "today": TODAY, "staff": people.alice, "unit": people.outlet, "valid_from": TODAY}
    with pytest.raises(ValidationError):
        services.open_post(role="relationship_manager", **again)


def test_nobody_changes_the_past_or_themselves(people, chief) -> None:
    told = {"by": chief, "today": TODAY, "unit": people.bank, "role": "analyst"}
    with pytest.raises(ValidationError):
        services.open_post(staff=people.alice, valid_from=TODAY - DAY, **told)
    with pytest.raises(ValidationError):
        services.open_post(staff=chief, valid_from=TODAY, **told)
    with pytest.raises(ValidationError):
        services.set_active(by=chief, today=TODAY, staff=chief, active=False)


@pytest.mark.parametrize("name", ["alice", "head"])
def test_only_administrators_change_people(people, name) -> None:
    by = getattr(people, name)
    with pytest.raises(PermissionDenied):
        services.create_staff(by=by, today=TODAY, staff_no="N2", name="x")
    with pytest.raises(PermissionDenied):
        services.set_active(by=by, today=TODAY, staff=people.bob, active=False)
    with pytest.raises(PermissionDenied):
        services.set_password(by=by, today=TODAY, staff=people.bob, password="long enough for anybody")


def test_a_head_sets_cover_for_ones_own_people_only(people) -> None:
    told = {"today": TODAY, "covering": people.bob, "first_day": TODAY, "last_day": TODAY}
    services.set_cover(by=people.head, absent=people.alice, **told)
    with pytest.raises(PermissionDenied):
        services.set_cover(by=people.head, absent=people.charlie, **told)
    with pytest.raises(PermissionDenied):
        services.set_cover(by=people.alice, absent=people.alice, **told)


def test_cover_that_is_ended_today_lends_nothing_any_more(people) -> None:
    cover = Cover.objects.create(
        absent=people.alice, covering=people.bob, first_day=TODAY - DAY, last_day=TODAY + 9 * DAY
    )
    services.end_cover(by=people.head, today=TODAY, cover=cover)
    assert selectors.reach_of(people.bob, TODAY).staff_ids == {people.bob.pk}
    assert selectors.reach_of(people.bob, TODAY - DAY).staff_ids == {people.bob.pk, people.alice.pk}


def test_a_weak_password_is_refused(people) -> None:
    with pytest.raises(ValidationError):
        services.set_password(by=people.alice, today=TODAY, staff=people.alice, password="short")


def test_rights_follow_the_posts_of_the_day(people, chief) -> None:
    assert selectors.reach_of(chief, TODAY).may(Right.CHANGE_PEOPLE)
    services.require(people.head, Right.ASSIGN_KEEPER, TODAY)
    with pytest.raises(PermissionDenied):
        services.require(people.alice, Right.ASSIGN_KEEPER, TODAY)


def test_a_post_that_has_ended_stays_ended_and_is_not_moved(people, chief) -> None:
    post = Post.objects.get(staff=people.alice)
    told = {"by": chief, "today": TODAY + 9 * DAY}
    services.close_post(by=chief, today=TODAY, post=post, valid_to=TODAY + DAY)
    with pytest.raises(ValidationError):
        services.close_post(**told, post=post, valid_to=TODAY + 20 * DAY)
    with pytest.raises(ValidationError):
        services.move_staff(
            **told, post=post, unit=people.elsewhere, role="teller", valid_from=TODAY + 20 * DAY
        )
    assert not selectors.reach_of(people.alice, TODAY + 5 * DAY).sees_customers


def test_what_is_sent_twice_is_refused_in_words(people, chief) -> None:
    told = {"by": chief, "today": TODAY}
    days = {"first_day": TODAY, "last_day": TODAY + DAY}
    services.set_cover(**told, absent=people.alice, covering=people.bob, **days)
    with pytest.raises(ValidationError):
        services.set_cover(**told, absent=people.alice, covering=people.bob, **days)
    services.create_staff(**told, staff_no="N1", name="新")
    with pytest.raises(ValidationError):
        services.create_staff(**told, staff_no="N1", name="新")
    held = {"staff": people.alice, "unit": people.outlet, "role": "lobby", "valid_from": TODAY + DAY}
    post = services.open_post(**told, **held)
    services.close_post(**told, post=post, valid_to=TODAY + 2 * DAY)
    with pytest.raises(ValidationError):
        services.open_post(**told, **held)


def test_cover_that_is_over_keeps_its_days(people, chief) -> None:
    told = {"absent": people.alice, "covering": people.bob}
    cover = Cover.objects.create(**told, first_day=TODAY - 9 * DAY, last_day=TODAY - 5 * DAY)
    services.end_cover(by=chief, today=TODAY, cover=cover)
    assert Cover.objects.get(pk=cover.pk).last_day == TODAY - 5 * DAY


def asked(people, by, **more):
    told = {"staff": people.alice, "unit": people.elsewhere, "role": "teller", "valid_from": TODAY} | more
    return post_requests.ask(by=by, today=TODAY, now=NOW, **told)


def test_a_post_is_granted_by_a_second_person_alone(people, chief) -> None:
    two = testing.make_staff("administrator", people.bank, name="二")
    request = asked(people, chief)
    told = {"today": TODAY, "now": NOW, "request": request}
    with pytest.raises(ValidationError):
        asked(people, two)
    with pytest.raises(ValidationError):
        post_requests.grant(by=chief, **told)
    with pytest.raises(PermissionDenied):
        post_requests.grant(by=people.head, **told)
    cover = Cover.objects.create(absent=chief, covering=two, first_day=TODAY, last_day=TODAY)
    with pytest.raises(ValidationError):
        post_requests.grant(by=two, **told)
    cover.delete()
    epoch = people.alice.session_epoch
    post = post_requests.grant(by=two, **told)
    assert (post.role, post.unit, post.valid_from) == ("teller", people.elsewhere, TODAY)
    people.alice.refresh_from_db()
    assert people.alice.session_epoch > epoch
    with pytest.raises(ValidationError):
        post_requests.turn_down(by=two, **told)
    verbs = [row.verb.split(".")[1] for row in changes(staff_no=two.staff_no)]
    assert verbs == ["post_granted"]


def test_nobody_grants_a_post_to_themselves(people, chief) -> None:
    two = testing.make_staff("administrator", people.bank, name="二")
    request = asked(people, chief, staff=two)
    with pytest.raises(ValidationError):
        post_requests.grant(by=two, today=TODAY, now=NOW, request=request)


def test_a_move_closes_the_old_post_when_it_is_granted_and_begins_no_earlier(people, chief) -> None:
    two = testing.make_staff("compliance", people.bank, name="二")
    held = Post.objects.get(staff=people.alice)
    request = asked(people, chief, replaces=held)
    later = TODAY + 2 * DAY
    post = post_requests.grant(by=two, today=later, now=NOW, request=request)
    held.refresh_from_db()
    assert (post.valid_from, held.valid_to) == (later, later)


def test_what_somebody_asked_for_who_may_not_any_more_is_not_granted(people, chief) -> None:
    two = testing.make_staff("compliance", people.bank, name="二")
    request = asked(people, chief)
    Post.objects.filter(staff=chief).update(valid_to=TODAY)
    with pytest.raises(ValidationError):
        post_requests.grant(by=two, today=TODAY, now=NOW, request=request)
    request.refresh_from_db()
    assert request.state == "asked"
    post_requests.turn_down(by=two, today=TODAY, now=NOW, request=request)
    assert not Post.objects.filter(staff=people.alice, role="teller").exists()
