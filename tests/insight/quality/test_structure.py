"""A printed structure table: what cannot be true is found, what rounding explains is not."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.quality.structure import (
    Group,
    Range,
    StructureTable,
    check_structure,
    printed,
    read_structure,
)
from guanxi.project.cli import main

PRINTED = Path(__file__).resolve().parents[3] / "banks" / "demo" / "structure.toml"


def found(text: str) -> list[tuple[str, str]]:
    return [(said.where, said.en.split(" %")[0]) for said in check_structure(read_structure(text))]


def test_the_documents_own_table_contradicts_itself_nine_times() -> None:
    assert found(PRINTED.read_text(encoding="utf8")) == [
        ("0-50000", "88.2"),
        ("50000-200000", "10"),
        ("0-50000", "22.15"),
        ("50000-200000", "41"),
        ("200000-", "36.85"),
        ("500000-", "40"),
        ("50000-500000", "7"),
        ("50000-", "7.71"),
        ("50000-", "83"),
    ]


def test_the_documents_counts_and_amounts_with_their_own_shares_are_sound() -> None:
    text = PRINTED.read_text(encoding="utf8").split("# The same account elsewhere")[0]
    for wrong, right in (("88.2", "89.6"), ('"10"', '"8.5"'), ("22.15", "22.19"), ('"41"', '"41.7"')):
        text = text.replace(wrong, right)
    assert found(text.replace("36.85", "36.10")) == []


def test_seventy_one_in_ten_thousand_cannot_hold_forty_per_cent_beside_that_table() -> None:
    text = PRINTED.read_text(encoding="utf8")
    tail = [said for said in check_structure(read_structure(text)) if said.where == "500000-"]
    # 3,259 people could stand in the top band of 8,467; its 32.27亿 are less than 40 % of 89.40亿.
    assert len(tail) == 1
    assert "3530707500" in tail[0].en
    assert "3227500000" in tail[0].zh


BAND = '[[bands]]\nlower = "0"\nupper = "100"\ncustomers = "{}"\namount = "{}"\n'


@pytest.mark.parametrize(
    ("customers", "amount", "sound"),
    [("10", "999", True), ("10", "1000", True), ("10", "1002", False), ("10", "0", True)],
)
def test_the_mean_of_a_band_lies_in_it(customers, amount, sound) -> None:
    assert (found(BAND.format(customers, amount)) == []) is sound


def test_shares_that_do_not_make_a_whole_are_found() -> None:
    rows = [
        BAND.format("50", "500") + 'customers_share = "50"\n',
        '[[bands]]\nlower = "100"\ncustomers = "50"\namount = "9000"\ncustomers_share = "52"\n',
    ]
    assert found("\n".join(rows)) == [("bands", "the shares of customers sum to 102.00"), ("100-", "52")]


def test_people_on_average_cannot_have_less_than_the_least_among_them() -> None:
    claim = '[[claims]]\nlower = "80"\ncustomers_share = "50"\namount_share = "20"\n'
    # At the least 19.5 % of 4,999.50 over 50.5 % of 100 people; at the most 20.71.
    assert found(BAND.format("100", "5000") + claim) == [
        ("80-", "the mean amount claimed, 19.30, lies outside the range")
    ]


@pytest.mark.parametrize(
    ("text", "counted", "low", "high"),
    [
        ("41.14E4", True, "411350", "411450"),
        ("8467", True, "8467", "8467"),
        ("10", False, "9.5", "10.5"),
        ("36.85", False, "36.845", "36.855"),
    ],
)
def test_a_printed_figure_stands_for_what_it_may_have_been_rounded_from(text, counted, low, high) -> None:
    assert printed(Decimal(text), counted=counted) == Range(Decimal(low), Decimal(high))


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**10)), min_size=1, max_size=6),
    st.integers(0, 3),
)
def test_a_table_whose_shares_were_computed_and_rounded_is_never_blamed(rows, digits) -> None:
    people, amounts = sum(n for n, _ in rows), sum(a for _, a in rows)
    step = Decimal(1).scaleb(-digits)
    bands = tuple(
        Group(
            lower=Decimal(0),
            upper=None,
            customers=Decimal(n),
            amount=Decimal(a),
            customers_share=(Decimal(100 * n) / people).quantize(step),
            amount_share=(Decimal(100 * a) / amounts).quantize(step) if amounts else None,
        )
        for n, a in rows
    )
    assert check_structure(StructureTable(bands)) == []


@pytest.mark.parametrize(
    "text",
    ["", "bands = 3", '[[bands]]\nlower = "0"\n', '[[bands]]\nlower = "x"\ncustomers = "1"\namount = "1"'],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(text) -> None:
    with pytest.raises(ValueError, match="structure table"):
        read_structure(text)


def test_the_command_prints_the_findings_and_fails(tmp_path, capsys) -> None:
    assert main(["structure", str(PRINTED), "--language", "en"]) == 1
    assert "88.2 % of customers is printed, its figures give 89.62 %" in capsys.readouterr().out
    sound = tmp_path / "sound.toml"
    sound.write_text(BAND.format("10", "500"), encoding="utf8")
    assert main(["structure", str(sound)]) == 0
    assert "表内数字相互一致" in capsys.readouterr().out
    assert main(["structure", str(tmp_path / "none.toml")]) == 1
