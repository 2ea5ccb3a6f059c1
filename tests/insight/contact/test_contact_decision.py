"""The gate itself: random histories of consent against a short reference, hours around the clock, caps never passed."""

import random
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.contact import Asked, Facts, Said, Touch, decide
from guanxi.insight.contact.budget import monday
from guanxi.insight.contact.consent import standing
from guanxi.insight.contact.hours import open_at
from guanxi.insight.policies.contact import ContactPolicy
from guanxi.insight.workdays import is_workday

POLICY = ContactPolicy.from_payload(
    tomllib.loads(
        (Path(__file__).resolve().parents[3] / "banks/demo/policies/contact.toml").read_text("utf8")
    )
)
NOON = datetime(2026, 11, 4, 4, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
AGREED = Said("marketing", "any", True, LONG_AGO, LONG_AGO, 1)
READY = Facts(zone="Asia/Shanghai", said=(AGREED,), born=date(1980, 1, 1))
SMS = Asked("sms", "marketing")
COUNTS = (2_000, pytest.param(100_000, marks=pytest.mark.faults))
ZONES = (
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)


def word(channel, agreed, minutes, *, purpose="marketing", since=None, ref=0):
    at = NOON - timedelta(days=3) + timedelta(minutes=minutes)
    return Said(purpose, channel, agreed, since or at, at, ref)


def reference(history, channel, at):
    """The same rule as a story told in order: each word moves two switches."""
    known = {"sms": "phone" if channel == "call" else channel}["sms"]
    own, general = None, None
    for said in sorted(history, key=lambda one: (one.rank, not one.agreed)):
        if said.purpose != "marketing" or said.since > at:
            continue
        if said.channel == known:
            own = said.agreed
            if said.agreed and general is False:
                general = "answered"
        elif said.channel == "any":
            general = said.agreed
            if not said.agreed and own is True:
                own = None
    if own is False or general is False:
        return "refused"
    return "agreed" if own or general is True else "no_consent"


@pytest.mark.parametrize("histories", COUNTS)
def test_random_histories_of_consent_are_read_as_the_reference_tells_them(histories):
    dice = random.Random(4)  # noqa: S311  # the same histories each time
    for _number in range(histories):
        history = [
            word(
                dice.choice(("sms", "phone", "email", "any")), dice.random() < 0.5, dice.randrange(12) * 30,
                purpose=dice.choice(("marketing", "marketing", "marketing", "profiling")),
            )
            for _word in range(dice.randrange(7))
        ]  # fmt: skip
        at = NOON - timedelta(days=3) + timedelta(minutes=dice.randrange(400))
        for channel in ("sms", "call"):
            assert standing(history, "marketing", channel, at)[0] == reference(history, channel, at), history


@pytest.mark.parametrize("histories", COUNTS)
def test_no_marketing_goes_without_a_word_that_counts_at_that_instant(histories):
    dice = random.Random(5)  # noqa: S311  # the same histories each time
    for _number in range(histories):
        history = tuple(
            word(dice.choice(("sms", "any")), dice.random() < 0.5, dice.randrange(8) * 60, ref=number)
            for number in range(dice.randrange(5))
        )
        verdict = decide(replace(READY, said=history), POLICY, NOON, asked=SMS)
        assert verdict.allowed == (reference(history, "sms", NOON) == "agreed")
        if verdict.allowed:
            assert history[verdict.word].agreed


@pytest.mark.parametrize("zone", [*ZONES, None])
@pytest.mark.parametrize("purpose", ["marketing", "service"])
def test_around_the_clock_and_the_week_nothing_goes_in_quiet_hours(zone, purpose):
    facts = replace(READY, zone=zone)
    for channel in ("sms", "call", "email"):
        window = POLICY.window(purpose, channel)
        # A week with a change of clocks in Europe and one in America, a public holiday in China among them.
        for hour in range(24 * 7 * 2):
            for begins in (
                datetime(2026, 3, 26, 0, 30, tzinfo=UTC),
                datetime(2026, 9, 28, 0, 30, tzinfo=UTC),
            ):
                at = begins + timedelta(hours=hour)
                verdict = decide(facts, POLICY, at, asked=Asked(channel, purpose))
                if zone is None:
                    assert not verdict.allowed
                    assert verdict.next_at is None
                    continue
                local = at.astimezone(ZoneInfo(zone))
                hours = window.hours(is_workday(local.date()))
                inside = hours is not None and hours[0] <= local.time() < hours[1]
                assert verdict.allowed == inside


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30), timezones=st.just(UTC)),  # noqa: DTZ001  # made aware
    st.sampled_from(ZONES),
    st.sampled_from(["sms", "call", "email"]),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["sms", "call", "email", "visit"])), max_size=9),
)
def test_when_it_says_later_that_instant_is_allowed_and_no_whole_hour_before_it_is(at, zone, channel, spent):
    day = at.astimezone(ZoneInfo(POLICY.bank_zone)).date()
    touches = tuple(Touch(day - timedelta(days=ago), by) for ago, by in spent)
    facts = replace(READY, zone=zone, touches=touches, said=(replace(AGREED, since=at, rank=at),))
    asked = Asked(channel, "marketing")
    verdict = decide(facts, POLICY, at, asked=asked)
    if verdict.allowed or verdict.next_at is None:
        return
    assert decide(facts, POLICY, verdict.next_at, asked=asked).allowed
    between = at + timedelta(hours=1)
    while between < min(verdict.next_at, at + timedelta(days=3)):
        assert not decide(facts, POLICY, between, asked=asked).allowed
        between += timedelta(hours=5)


@given(
    st.lists(
        st.tuples(st.integers(0, 24 * 45), st.sampled_from(["sms", "email", "call", "push"])), max_size=60
    )
)
def test_caps_are_never_passed_whatever_is_tried_in_whatever_order(tries):
    touches, cap = [], POLICY.caps_for("sms", "", "", "")[0]
    zone = ZoneInfo(POLICY.bank_zone)
    for hour, channel in sorted(tries):
        at = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=hour)
        verdict = decide(
            replace(READY, touches=tuple(touches)), POLICY, at, asked=Asked(channel, "marketing")
        )
        if verdict.allowed:
            assert verdict.remaining > 0
            touches.append(Touch(at.astimezone(zone).date(), channel))
    days = [touch.day for touch in touches]
    assert all(days.count(day) <= cap.a_day for day in days)
    assert all(sum(monday(other) == monday(day) for other in days) <= cap.a_week for day in days)
    assert all(
        sum((other.year, other.month) == (day.year, day.month) for other in days) <= cap.a_month
        for day in days
    )


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2012, 11, 3), True), (date(2012, 11, 4), False), (date(2012, 11, 5), False), (None, True),
        (date(2026, 11, 3), False),
    ],
)  # fmt: skip
def test_marketing_begins_on_the_day_after_the_fourteenth_birthday(born, of_age):
    assert decide(replace(READY, born=born), POLICY, NOON, asked=SMS).allowed == of_age
    assert decide(replace(READY, born=born), POLICY, NOON, asked=Asked("sms", "service")).allowed


@pytest.mark.parametrize(("day", "of_age"), [(date(2026, 3, 1), False), (date(2026, 3, 2), True)])
def test_who_was_born_on_29_february_has_the_birthday_on_1_march(day, of_age):
    at = datetime.combine(day, time(4), UTC)
    said = (replace(AGREED, since=at - timedelta(days=1), rank=at - timedelta(days=1)),)
    verdict = decide(replace(READY, born=date(2012, 2, 29), said=said), POLICY, at, asked=SMS)
    assert verdict.allowed == of_age


@pytest.mark.parametrize(
    ("facts", "asked", "code"),
    [
        ({"state": "deceased"}, Asked("sms", "service"), "deceased"),
        ({"stops": ("restricted",)}, Asked("sms", "service"), "stopped"),
        ({"state": "closed"}, SMS, "closed"),
        ({"suppressed": True}, SMS, "suppressed"),
        ({"said": ()}, SMS, "no_consent"),
        ({"holds": ("complaint",)}, SMS, "hold"),
        ({"topics_off": ("wealth",)}, Asked("sms", "marketing", topic="wealth"), "topic"),
        ({"most_a_month": 0}, SMS, "cap_month"),
        ({"zone": None}, SMS, "zone"),
    ],
)
def test_each_no_has_its_code(facts, asked, code):
    assert decide(replace(READY, **facts), POLICY, NOON, asked=asked).code == code


def test_a_year_without_announced_holidays_is_closed_where_they_matter():
    window = POLICY.window("marketing", "sms")
    assert open_at(window, "Asia/Shanghai", datetime(2099, 5, 6, 4, tzinfo=UTC)) == "calendar"
    assert (
        open_at(POLICY.window("service", "sms"), "Asia/Shanghai", datetime(2099, 5, 6, 4, tzinfo=UTC))
        == "open"
    )


def test_a_customers_own_wish_is_a_cap_beside_the_banks():
    touched = (Touch(date(2026, 11, 2), "email"),)
    assert decide(replace(READY, touches=touched), POLICY, NOON, asked=SMS).remaining == 1
    wished = replace(READY, touches=touched, most_a_month=1)
    assert decide(wished, POLICY, NOON, asked=SMS).code == "cap_month"


def test_the_bank_without_a_window_for_a_channel_sends_nothing():
    bare = replace(POLICY, windows=())
    assert decide(READY, bare, NOON, asked=SMS).code == "quiet"
