"""F19, F35: amounts at the edges, and reference data that is nonsense."""

import random
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from guanxi.web.formats import yuan_of

LINE = (
    "SELECT CAST(column0 AS DECIMAL(18,2)) AS amount FROM read_csv('{}', header = false, all_varchar = true)"
)
EDGES = (
    "9999999999999999.99",
    "-9999999999999999.99",
    "0.01",
    "-0.01",
    "0.00",
    "10000000000000.00",
    "0.10",
    "0.07",
)


def sums(count: int, folder: Path) -> tuple[Decimal, int, Decimal]:
    """The same random amounts summed by the lake's engine, as fen, and by Python's decimals."""
    chance = random.Random(8)  # noqa: S311  # the same amounts each time
    amounts = [Decimal(edge) for edge in EDGES] + [
        Decimal(chance.randrange(-(10**13), 10**13)) / 100 for _ in range(count - len(EDGES))
    ]
    path = folder / "amounts.csv"
    path.write_text("\n".join(f"{amount:.2f}" for amount in amounts), encoding="utf8")
    ((lake, fen),) = (
        duckdb.connect()
        .sql(
            f"SELECT SUM(amount), SUM(CAST(CAST(amount AS DECIMAL(36,2)) * 100 AS BIGINT)) FROM ({LINE.format(path)})"
        )
        .fetchall()
    )
    return lake, int(fen), sum(amounts, Decimal(0))


def test_ten_thousand_amounts_sum_to_the_fen(tmp_path) -> None:
    lake, fen, exact = sums(10_000, tmp_path)
    assert lake == exact
    assert fen == exact * 100


@pytest.mark.faults
def test_a_million_amounts_sum_to_the_fen(tmp_path) -> None:
    lake, fen, exact = sums(1_000_000, tmp_path)
    assert lake == exact
    assert fen == exact * 100


@pytest.mark.parametrize("fen", [0, 1, -1, 10**15, -(10**15), 9_223_372_036_854_775_807])
def test_fen_become_yuan_without_loss(fen: int) -> None:
    assert yuan_of(fen) * 100 == fen


@pytest.mark.parametrize("share", ["0.10", "0.70", "0.05"])
def test_shares_of_the_largest_balances_do_not_overflow(share: str) -> None:
    base = Decimal("9999999999999999.99")
    ((product,),) = (
        duckdb.connect()
        .execute(
            "SELECT CAST(? AS DECIMAL(18,2))::DECIMAL(24,2) * CAST(? AS DECIMAL(9,8))", [str(base), share]
        )
        .fetchall()
    )
    assert product == base * Decimal(share)
