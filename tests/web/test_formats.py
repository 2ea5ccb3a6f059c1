"""Numbers as people read them: exact, rounded half up, by language, and never 0 for what is not known."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.web import formats

S = formats.SPACE
FEN = st.integers(min_value=-(10**17), max_value=10**17)


@given(FEN)
def test_money_written_in_full_reads_back_to_the_same_fen(fen):
    assert formats.fen_of(Decimal(formats.money(fen).replace(",", ""))) == fen


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (1, "0.01"), (-1, "-0.01"), (123456789, "1,234,567.89")]
)
def test_money_has_two_places_and_separated_thousands(fen, text):
    assert formats.money(fen) == text


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (999_999, "9,999.99", f"10.00{S}K"),
        (1_000_000, f"1.00{S}万", f"10.00{S}K"),
        (123_460_000, f"123.46{S}万", f"1.23{S}M"),
        (9_999_999_999, f"1.00{S}亿", f"100.00{S}M"),
        (9_999_400_000, f"9,999.40{S}万", f"99.99{S}M"),
        (99_999_999_500, f"10.00{S}亿", f"1.00{S}B"),
        (-8_210_000, f"-8.21{S}万", f"-82.10{S}K"),
        (99_999, "999.99", "999.99"),
    ],
)
def test_short_money_takes_the_unit_that_its_written_size_reaches(fen, chinese, english):
    assert formats.money_short(fen, "zh-hans") == chinese
    assert formats.money_short(fen, "en") == english


@given(FEN)
def test_short_money_never_shows_a_figure_that_the_next_unit_would_show_shorter(fen):
    for language, step in (("zh-hans", 10_000), ("en", 1_000)):
        text = formats.money_short(fen, language)
        figure = abs(Decimal(text.split(S)[0].replace(",", "")))
        assert figure < step or text.endswith(("亿", "B"))


def test_money_in_a_sentence_carries_its_word():
    assert formats.money_words(48_200_000, "zh-hans") == f"48.20{S}万元"
    assert formats.money_words(50_000, "zh-hans") == f"500.00{S}元"
    assert formats.money_words(48_200_000, "en") == f"482.00{S}K"


def test_money_refuses_a_float_and_a_part_of_a_fen():
    with pytest.raises(TypeError):
        formats.money(1.5)
    with pytest.raises(ValueError, match="whole fen"):
        formats.money(Decimal("1.5"))


def test_what_is_not_known_is_a_dash_and_never_nothing():
    writers = (
        formats.money,
        formats.count,
        formats.percent,
        formats.decimal,
        formats.day,
        formats.month,
        formats.moment,
    )
    assert {writer(None) for writer in writers} == {formats.MISSING}
    assert formats.money_short(None, "en") == formats.money_words(None, "zh-hans") == formats.MISSING


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0214, "2.1%"), (0.00005, "0.0%"), (0.0005, "0.1%"), (Decimal("1.3"), "130.0%"), (-0.0341, "-3.4%")],
)
def test_a_share_is_a_percentage_with_one_place_rounded_half_up(share, text):
    assert formats.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (99, "99"), (8437, "8,400"), (8450, "8,500"), (999, "1,000")]
)
def test_a_rough_number_keeps_two_figures(value, text):
    assert formats.about(value) == text


def test_days_months_and_moments_are_written_in_one_order():
    assert formats.day(date(2026, 10, 31)) == "2026-10-31"
    assert formats.month(date(2026, 10, 1)) == "2026-10"
    assert formats.moment(datetime(2026, 10, 31, 8, 5)) == "2026-10-31 08:05"  # noqa: DTZ001  # zone is the caller's


@given(st.floats(min_value=-10, max_value=10))
def test_a_movement_says_by_arrow_and_sign_what_its_written_size_says(share):
    moved = formats.change_percent(share)
    shown = Decimal(moved.text.rstrip("%").replace(",", ""))
    assert moved.direction == ("rise" if shown > 0 else "fall" if shown < 0 else "same")
    assert moved.text.startswith("+") == (moved.direction == "rise")


def test_a_movement_too_small_to_be_written_is_no_movement():
    assert formats.change_percent(0.0001) == formats.Change("same", "▬", "0.0%")
    assert formats.change_percent(-0.0001).text == "0.0%"
