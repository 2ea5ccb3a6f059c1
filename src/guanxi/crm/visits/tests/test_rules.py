"""Visits as rules: ends are ends, evidence never grows by less, a week never takes more than it has room for."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.visits import rules
from guanxi.crm.visits.rules import Due

MONDAY = date(2026, 11, 2)
days = st.dates(date(2026, 9, 1), date(2026, 12, 31))
due_ones = st.lists(
    st.builds(Due, st.integers(1, 60), days, st.sampled_from("abc"), st.integers(0, 5)),
    max_size=40, unique_by=lambda one: one.key,
)  # fmt: skip
rooms = st.dictionaries(st.sampled_from([MONDAY + timedelta(days=n) for n in range(5)]), st.integers(0, 6))


def test_what_is_done_or_called_off_stays_so() -> None:
    states = (rules.PLANNED, rules.DONE, rules.CANCELLED)
    assert [to for to in states if rules.may_move(rules.PLANNED, to)] == list(states)
    assert not any(rules.may_move(end, to) for end in states[1:] for to in states)


def test_only_a_plan_handed_in_is_confirmed_or_returned() -> None:
    asked = {state: {to for to in (rules.SUBMITTED, rules.CONFIRMED, rules.RETURNED) if rules.may_take(state, to)}
             for state in (rules.DRAFT, rules.SUBMITTED, rules.CONFIRMED, rules.RETURNED)}  # fmt: skip
    again = {rules.SUBMITTED}
    assert asked == {
        rules.DRAFT: again, rules.SUBMITTED: {rules.SUBMITTED, rules.CONFIRMED, rules.RETURNED},
        rules.CONFIRMED: again, rules.RETURNED: again,
    }  # fmt: skip


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_two_visits_share_a_moment_exactly_when_a_minute_lies_in_both(
    start, length, other, other_length
) -> None:
    base = datetime(2026, 11, 2, tzinfo=UTC)
    one, two = ((base + timedelta(minutes=begin), base + timedelta(minutes=begin + lasts))
                for begin, lasts in ((start, length), (other, other_length)))  # fmt: skip
    oracle = bool(set(range(start, start + length)) & set(range(other, other + other_length)))
    assert rules.overlap(one, two) is oracle
    assert rules.overlap(two, one) is oracle


def test_something_added_before_the_visit_or_too_late_is_no_evidence_of_it() -> None:
    told = [rules.in_time(MONDAY, MONDAY + timedelta(days=after), 3) for after in (-1, 0, 3, 4)]
    assert told == [False, True, True, False]


@given(st.text(max_size=30), st.sampled_from(["", " ", "平望村"]), st.integers(0, 2), st.integers(0, 5))
def test_evidence_is_what_there_is_and_late_minutes_are_none(minutes, place, confirmed, late) -> None:
    told = {"minutes": minutes, "place": place, "confirmed": confirmed, "late_days": late}
    found = rules.evidence_of(**told, letters=10, minutes_days=3)
    assert ("minutes" in found) == (len("".join(minutes.split())) >= 10 and late <= 3)
    assert ("place" in found) == (place == "平望村")
    assert ("companion" in found) == (confirmed > 0)
    assert ("photo" in rules.evidence_of(**told, letters=10, minutes_days=3, photos=1)) > ("photo" in found)
    more = rules.evidence_of(**told | {"confirmed": confirmed + 1}, letters=10, minutes_days=3)
    assert set(found) <= set(more)


def test_minutes_of_spaces_are_no_evidence() -> None:
    told = {"place": "", "confirmed": 0, "late_days": 0, "letters": 20, "minutes_days": 3}
    assert rules.evidence_of(minutes=" \n　" * 30, **told) == []
    assert rules.evidence_of(minutes="谈" * 20, **told) == ["minutes"]
    assert rules.evidence_of(minutes="谈" * 19, **told) == []


def test_a_visit_is_due_after_the_last_one_else_after_the_keeper_took_over_else_now() -> None:
    assert rules.due_on(date(2026, 1, 1), 30, date(2020, 1, 1), MONDAY) == date(2026, 1, 31)
    assert rules.due_on(None, 30, date(2026, 10, 10), MONDAY) == date(2026, 11, 9)
    assert rules.due_on(None, 30, None, MONDAY) == MONDAY


@given(due_ones, rooms)
def test_a_week_takes_no_more_than_its_room_and_leaves_nobody_out_while_there_is_some(due, room) -> None:
    found = rules.spread(due, room)
    assert rules.spread(list(reversed(due)), dict(reversed(list(room.items())))) == found
    for day, most in room.items():
        assert sum(on == day for on in found.values()) <= most
    assert set(found.values()) <= set(room)
    assert len(found) == min(len(due), sum(room.values()))


@given(due_ones)
def test_the_most_overdue_comes_first_and_takes_its_neighbours_along(due) -> None:
    found = rules.spread(due, {MONDAY: 3, MONDAY + timedelta(days=1): 99})
    if due:
        first = min(due, key=lambda one: (one.due_on, -one.value_fen, one.key))
        near = [one.key for one in due if one.near == first.near]
        assert found[first.key] == MONDAY
        assert sum(found[key] == MONDAY for key in near) == min(3, len(near))


def test_what_changed_since_a_plan_was_handed_in_is_counted_by_visit() -> None:
    content = [[1, "a"], [2, "b"], [3, "c"]]
    assert rules.changed_since(content, [(1, "a"), (2, "b"), (3, "c")]) == 0
    assert rules.changed_since(content, [(1, "later"), (2, "b"), (4, "d")]) == 3


def test_the_record_suggests_the_most_pressing_aims_and_at_most_three() -> None:
    aims = [
        ("keep", "warning"),
        ("maturity", "maturing"),
        ("promise", "promise"),
        ("advise", "need"),
        ("care", ""),
    ]
    ground = rules.Ground(warned=True, matures=True, promised=True, needs=True, near_line=True)
    assert rules.suggested(ground, aims) == ["promise", "keep", "maturity"]
    assert rules.suggested(rules.Ground(), aims) == []


def test_two_go_where_the_tier_asks_for_it_after_enough_visits_alone() -> None:
    assert rules.needs_companion("private", ["private"], 2, 1)
    assert not rules.needs_companion("private", ["private"], 2, 0)
    assert not rules.needs_companion("gold", ["private"], 2, 9)
    assert rules.needs_companion("private", ["private"], 1, 0)
