"""Identity numbers and what a list may show of them, against arithmetic of their own."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.staging.identifiers import (
    Protected,
    birth_date_of,
    id_kind,
    is_card,
    is_mobile,
    is_resident_id,
    is_resident_id_15,
    is_uscc,
    is_valid,
    mask,
    normalise,
    resident_id_check,
    uscc_check,
)

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
days = st.dates(date(1900, 1, 1), date(2026, 12, 31))
areas = st.integers(110000, 820000)
orders = st.integers(0, 999)


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    first = f"{draw(areas)}{draw(days):%Y%m%d}{draw(orders):03d}"
    # ISO 7064 MOD 11-2 said its other way: doubling as one goes, not a table of weights
    rest = 0
    for digit in first:
        rest = (rest + int(digit)) * 2 % 11
    check = (12 - rest) % 11
    return first + ("X" if check == 10 else str(check))


@st.composite
def usccs(draw: st.DrawFn) -> str:
    first = "".join(draw(st.lists(st.sampled_from(LETTERS), min_size=17, max_size=17)))
    total = sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(first))
    return first + LETTERS[-total % 31]


@given(resident_ids())
def test_a_resident_id_made_by_the_standard_is_valid(number: str) -> None:
    assert is_resident_id(number)
    assert birth_date_of(number).strftime("%Y%m%d") == number[6:14]


@given(resident_ids(), st.integers(0, 17), st.integers(1, 9))
def test_any_single_wrong_digit_of_a_resident_id_is_found(number: str, place: int, shift: int) -> None:
    old = number[place]
    wrong = str((int(old) + shift) % 10) if old.isdigit() else str(shift)
    assert not is_resident_id(number[:place] + wrong + number[place + 1 :])


@given(resident_ids(), st.integers(0, 16))
def test_swapped_neighbours_in_a_resident_id_are_found(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not is_resident_id(swapped)


@given(usccs())
def test_a_credit_code_made_by_the_standard_is_valid(code: str) -> None:
    assert is_uscc(code)
    assert uscc_check(code[:17]) == code[17]


@given(usccs(), st.integers(0, 17), st.integers(1, 30))
def test_any_single_wrong_letter_of_a_credit_code_is_found(code: str, place: int, shift: int) -> None:
    wrong = LETTERS[(LETTERS.index(code[place]) + shift) % 31]
    assert not is_uscc(code[:place] + wrong + code[place + 1 :])


def test_a_credit_code_whose_sum_leaves_no_remainder_ends_in_zero() -> None:
    first = next(
        f"9111{serial:013d}"
        for serial in range(1000)
        if sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(f"9111{serial:013d}"))
        % 31
        == 0
    )
    assert uscc_check(first) == "0"
    assert is_uscc(first + "0")


@pytest.mark.parametrize("area", ["440305", "310115", "500103", "511025", "810000"])
def test_people_born_before_their_county_code_existed_are_real(area: str) -> None:
    first = f"{area}19500101001"
    assert is_resident_id(first + resident_id_check(first))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "12345678901234567",
        "32010219800229001x",
        "32010219810229001",
        "320102198001010011 ",
        "３２0102198001010011",
    ],
)
def test_other_texts_are_no_resident_id(wrong: str) -> None:
    assert not is_resident_id(wrong)


def test_a_birth_date_that_never_was_makes_a_resident_id_invalid() -> None:
    first = "32010219810229001"
    assert not is_resident_id(first + resident_id_check(first))
    assert is_resident_id_15("320102800229001")
    assert not is_resident_id_15("320102810229001")


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "+86 138 0013 8000",
        "86-138-0013-8000",
        "008613800138000",
        "１３８００１３８０００",
        " 138 00138000",
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_written(written: str) -> None:
    assert normalise(Protected.MOBILE, written) == "13800138000"
    assert is_mobile(normalise(Protected.MOBILE, written))


@given(st.text(alphabet="0123456789", min_size=12, max_size=18))
def test_a_luhn_digit_makes_a_card_valid_and_any_other_does_not(first: str) -> None:
    valid = [digit for digit in "0123456789" if is_card(first + digit)]
    assert len(valid) == 1


def test_lower_case_x_is_the_same_number() -> None:
    first = next(
        f"3201021980{month:02d}{day:02d}001"
        for month in range(1, 13)
        for day in range(1, 29)
        if resident_id_check(f"3201021980{month:02d}{day:02d}001") == "X"
    )
    assert normalise(Protected.RESIDENT_ID, first + "x") == first + "X"
    assert is_valid(Protected.RESIDENT_ID, normalise(Protected.RESIDENT_ID, f" {first}x"))


def test_an_identity_number_without_a_type_is_known_by_its_form() -> None:
    first = "32010219800101001"
    assert id_kind(None, first + resident_id_check(first).lower()) is Protected.RESIDENT_ID
    code = "91110000600037341"
    assert id_kind(None, code + uscc_check(code)) is Protected.USCC
    assert id_kind(None, "G12345678") is Protected.OTHER_ID
    assert id_kind("passport", "G12345678") is Protected.PASSPORT


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Protected.NAME, "张三", "张*"),
        (Protected.NAME, "张小三", "张*三"),
        (Protected.NAME, "买买提·艾合买提", "买*提"),
        (Protected.NAME, "𠮷", "*"),
        (Protected.MOBILE, "13800132210", "138****2210"),
        (Protected.RESIDENT_ID, "11010519491231002X", "1******X"),
        (Protected.CARD, "6222020000000000", "622202******0000"),
        (Protected.EMAIL, "zhang@bank.cn", "z******@bank.cn"),
        (Protected.ADDRESS, "江苏省南京市玄武区中山路1号", "江苏省南京市玄武区******"),
        (Protected.ADDRESS, "某处", "******"),
        (Protected.OTHER_ID, "A1", "******"),
    ],
)
def test_a_mask_shows_what_the_class_allows(kind: Protected, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


@given(st.sampled_from(list(Protected)), st.text(min_size=1, max_size=60))
def test_no_mask_ever_is_the_value(kind: Protected, value: str) -> None:
    normal = normalise(kind, value)
    masked = mask(kind, normal)
    assert masked != normal or set(normal) <= {"*"}
    assert "*" in masked
