"""Planted doubles differ exactly as their kind says; who only looks alike is somebody else."""

import re

import pytest
from tests.pipeline.demo.banks import asked, bank

from guanxi.pipeline.demo.doubles import DOUBLED, DOUBLES, LOOKALIKES

SIZE = (20_000, 2)
PAIRS = """
    SELECT a.*, d.kind AS planted, b.name AS first_name, b.id_type AS first_type, b.id_no AS first_no,
           b.birth_date AS first_birth, b.sex AS first_sex, b.unit_no AS first_unit
    FROM truth_{table} AS d JOIN customers AS a USING (customer_no) JOIN customers AS b ON b.customer_no = d.{other}
"""


def pairs(table: str) -> list[dict[str, object]]:
    other = "same_as" if table == "duplicates" else "unlike"
    found = asked(bank(*SIZE)).execute(PAIRS.format(table=table, other=other))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_full_bank_would_hold_more_than_two_thousand_doubles() -> None:
    found = pairs("duplicates")
    assert len(found) == round(20_000 * DOUBLED)
    assert round(459_067 * DOUBLED) > 2_000
    assert {pair["planted"] for pair in found} == set(DOUBLES)
    assert {pair["planted"] for pair in pairs("lookalikes")} == set(LOOKALIKES)


def test_a_double_differs_as_its_kind_says() -> None:
    for pair in pairs("duplicates"):
        kind, name, first = pair["planted"], pair["name"], pair["first_name"]
        assert (name != first) == (kind in ("name_typo", "name_variant", "name_pinyin")), pair
        assert (pair["birth_date"] != pair["first_birth"]) == (kind == "swapped_birth"), pair
        assert pair["sex"] == pair["first_sex"]
        if kind == "name_pinyin":
            assert re.fullmatch(r"[A-Z]+ [A-Z]+", str(name)), name
        if kind == "same_id":
            assert pair["id_no"] == pair["first_no"]
        if kind == "no_id":
            assert pair["id_no"] is None
            assert pair["id_type"] is None


def test_an_old_number_is_the_new_one_without_century_and_check_digit() -> None:
    old = [pair for pair in pairs("duplicates") if pair["id_type"] == "resident_id_15"]
    assert len(old) >= 3
    for pair in old:
        whole = str(pair["first_no"])
        assert pair["id_no"] == whole[:6] + whole[8:17]


def test_a_swapped_birth_day_has_day_and_month_the_wrong_way_round_or_another_year() -> None:
    for pair in pairs("duplicates"):
        if pair["planted"] != "swapped_birth":
            continue
        year, month, day = str(pair["first_birth"]).split("-")
        shown = str(pair["birth_date"])
        assert shown == f"{year}-{day}-{month}" or shown.startswith(str(int(year) + 1)), pair


@pytest.mark.parametrize("kind", LOOKALIKES)
def test_a_lookalike_is_somebody_else(kind) -> None:
    found = [pair for pair in pairs("lookalikes") if pair["planted"] == kind]
    assert len(found) > 20
    for pair in found:
        assert pair["id_no"] != pair["first_no"]
        assert pair["id_type"] == "resident_id"
        if kind == "same_name_and_birthday":
            assert (pair["name"], pair["birth_date"]) == (pair["first_name"], pair["first_birth"])
        else:
            assert str(pair["name"])[0] == str(pair["first_name"])[0]
            assert pair["unit_no"] == pair["first_unit"]
        if kind == "twins":
            assert pair["birth_date"] == pair["first_birth"]
            assert pair["name"] != pair["first_name"]
        if kind == "father_and_son":
            apart = abs(int(str(pair["birth_date"])[:4]) - int(str(pair["first_birth"])[:4]))
            assert 21 <= apart <= 35


def test_a_second_number_has_no_open_account_so_that_bands_stay_exact_when_it_is_found() -> None:
    query = """
        SELECT COUNT(*) FROM truth_duplicates AS d JOIN account_parties AS p USING (customer_no)
        JOIN accounts AS a USING (account_no) WHERE p.role = 'holder' AND a.closed_on IS NULL
    """
    assert asked(bank(*SIZE)).execute(query).fetchone() == (0,)
