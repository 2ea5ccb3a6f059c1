"""The demo bank: same bytes, exact bands, balances that hold together."""

import gzip
import hashlib
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from tests.pipeline.demo.banks import ON, WEALTH, asked, bank

from guanxi.insight.staging.contract import FILES
from guanxi.pipeline.demo import generate
from guanxi.pipeline.demo.wealth import bands

SMALL, MIDDLING = (300, 6), (4_000, 14)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes(tmp_path) -> None:
    first = bank(*SMALL)
    again = generate(tmp_path, customers=300, months=6)
    assert hashes(again.extract) == hashes(first.extract)
    assert hashes(again.truth) == hashes(first.truth)


def test_another_seed_gives_another_bank(tmp_path) -> None:
    other = generate(tmp_path, customers=300, months=6, seed=8)
    same = {
        name for name, digest in hashes(other.extract).items() if hashes(bank(*SMALL).extract)[name] == digest
    }
    assert same == {"units.csv", "products.csv", "ftp_rates.csv"}


def test_all_sixteen_files_are_there_with_columns_of_the_contract() -> None:
    made = bank(*SMALL)
    assert {path.name.split(".")[0] for path in made.extract.iterdir()} == {file.name for file in FILES} | {
        "manifest"
    }
    connection = asked(made)
    for file in FILES:
        if file.name == "contact_points":
            continue
        given = [row[0] for row in connection.execute(f"DESCRIBE {file.name}").fetchall()]
        known = [column.name for column in file.columns]
        assert given == [name for name in known if name in given], file.name
        assert {column.name for column in file.columns if column.needed} <= set(given), file.name


def test_codes_are_those_of_the_contract_and_needed_values_are_there() -> None:
    connection = asked(bank(*MIDDLING))
    for file in FILES:
        if file.name == "contact_points":
            continue
        given = {row[0] for row in connection.execute(f"DESCRIBE {file.name}").fetchall()}
        for column in file.columns:
            if column.name not in given:
                continue
            if column.values:
                found = connection.execute(f"SELECT DISTINCT {column.name} FROM {file.name}").fetchall()
                assert {value for (value,) in found} - {None} <= set(column.values), (
                    f"{file.name}.{column.name}"
                )
            if column.needed:
                empty = f"SELECT COUNT(*) FROM {file.name} WHERE {column.name} IS NULL"
                assert connection.execute(empty).fetchone() == (0,), f"{file.name}.{column.name}"


def test_keys_are_unique_and_references_are_found() -> None:
    connection = asked(bank(*MIDDLING))
    for file in FILES:
        if file.name == "contact_points":
            continue
        key = ", ".join(file.key)
        twice = f"SELECT COUNT(*) FROM (SELECT {key} FROM {file.name} GROUP BY {key} HAVING COUNT(*) > 1)"
        assert connection.execute(twice).fetchone() == (0,), file.name
        given = {row[0] for row in connection.execute(f"DESCRIBE {file.name}").fetchall()}
        for column in file.columns:
            if column.of and column.name in given:
                table, target = column.of.split(".")
                lost = (
                    f"SELECT COUNT(*) FROM {file.name} WHERE {column.name} IS NOT NULL "
                    f"AND CAST({column.name} AS VARCHAR) NOT IN (SELECT CAST({target} AS VARCHAR) FROM {table})"
                )
                assert connection.execute(lost).fetchone() == (0,), f"{file.name}.{column.name}"


def test_one_file_comes_as_older_systems_send_it() -> None:
    packed = (bank(*SMALL).extract / "contact_points.csv.gz").read_bytes()
    lines = gzip.decompress(packed).decode("gb18030").splitlines()
    assert lines[0].replace('"', "") == "customer_no|kind|value|is_primary"
    assert any("街道" in line for line in lines)
    with pytest.raises(UnicodeDecodeError):
        gzip.decompress(packed).decode("utf8")


def test_the_manifest_says_what_is_in_the_files() -> None:
    made = bank(*SMALL)
    said = tomllib.loads((made.extract / "manifest.toml").read_text(encoding="utf8"))["files"]
    assert hashes(made.extract).items() >= {name: body["sha256"] for name, body in said.items()}.items()
    connection = asked(made)
    for name, body in said.items():
        table = name.split(".")[0]
        if table != "contact_points":
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (body["rows"],), name
    balance, amount = connection.execute(
        "SELECT (SELECT SUM(balance) FROM balances), (SELECT SUM(amount) FROM transactions)"
    ).fetchone()
    assert Decimal(said["balances.parquet"]["sums"]["balance"]) == balance
    assert Decimal(said["transactions.parquet"]["sums"]["amount"]) == amount


@pytest.mark.parametrize(
    ("customers", "low", "middle", "vip", "private"),
    [(459_067, 411_400, 39_200, 8_467, 7), (20_000, 17_923, 1_708, 369, 2), (300, 268, 26, 6, 1)],
)
def test_the_documents_bands_scale_to_any_size(customers, low, middle, vip, private) -> None:
    made = bands(customers)
    assert (customers - made.middle - made.vip, made.middle, made.vip, made.private) == (
        low,
        middle,
        vip,
        private,
    )


@pytest.mark.parametrize("size", [7, 40_000, 123_457])
def test_bands_of_pieces_add_up_to_the_whole(size) -> None:
    made = bands(459_067)
    edges = [*range(0, 459_067, size), 459_067]
    parts = [made.within(first, last) for first, last in pairwise(edges)]
    assert tuple(map(sum, zip(*parts, strict=True))) == (made.middle, made.vip, made.private)


@pytest.mark.parametrize("size", [SMALL, MIDDLING])
def test_month_end_bands_are_exact_in_the_extract(size) -> None:
    connection = asked(bank(*size))
    query = f"""
        SELECT COUNT(*), SUM(CASE WHEN aum >= 50000 AND aum < 200000 THEN 1 ELSE 0 END),
               SUM(CASE WHEN aum >= 200000 THEN 1 ELSE 0 END), SUM(CASE WHEN aum >= 6000000 THEN 1 ELSE 0 END)
        FROM ({WEALTH}) JOIN customers USING (customer_no) WHERE kind IN ('person', 'sole_trader')
    """
    made = bands(size[0])
    assert connection.execute(query).fetchone() == (size[0], made.middle, made.vip, made.private)


def test_the_truth_knows_the_wealth_of_the_extract_to_the_fen() -> None:
    connection = asked(bank(*MIDDLING))
    query = f"SELECT COUNT(*) FROM truth_parties LEFT JOIN ({WEALTH}) AS w USING (customer_no) WHERE band IS NOT NULL"
    assert connection.execute(query).fetchone() == (4_000,)
    assert connection.execute(f"{query} AND truth_parties.aum IS DISTINCT FROM w.aum").fetchone() == (0,)


def test_no_balance_stands_before_an_opening_or_after_a_closing() -> None:
    connection = asked(bank(*MIDDLING))
    query = """
        SELECT COUNT(*) FROM balances JOIN accounts USING (account_no)
        WHERE day < CAST(opened_on AS DATE) OR day > CAST(closed_on AS DATE)
           OR (day = CAST(closed_on AS DATE) AND balance <> 0)
    """
    assert connection.execute(query).fetchone() == (0,)
    assert connection.execute("SELECT MIN(balance), MIN(in_transit) FROM balances").fetchone() == (0, 0)


def test_every_open_account_has_a_row_at_each_month_end() -> None:
    connection = asked(bank(*MIDDLING))
    query = """
        SELECT COUNT(*) FROM (SELECT DISTINCT LAST_DAY(day) AS day FROM balances) AS ends CROSS JOIN accounts
        LEFT JOIN balances USING (account_no, day)
        WHERE CAST(opened_on AS DATE) <= day AND (closed_on IS NULL OR CAST(closed_on AS DATE) > day)
          AND balance IS NULL
    """
    assert connection.execute(query).fetchone() == (0,)


def test_the_last_posting_of_a_day_is_the_settlement_accounts_day_end() -> None:
    connection = asked(bank(*MIDDLING))
    query = """
        SELECT COUNT(*) FROM (
            SELECT account_no, day, arg_max(balance_after, transaction_no) AS after
            FROM transactions GROUP BY account_no, day
        ) JOIN balances USING (account_no, day) WHERE after <> balance
    """
    assert connection.execute(query).fetchone() == (0,)


def test_wealth_stays_flat_while_a_product_is_paid_out_and_bought_again() -> None:
    connection = asked(bank(*MIDDLING))
    moved = """
        SELECT account_no, day, balance, in_transit,
               LAG(balance) OVER w AS balance_before, LAG(in_transit) OVER w AS transit_before
        FROM balances JOIN accounts USING (account_no) WHERE product_code LIKE 'WM-%'
        WINDOW w AS (PARTITION BY account_no ORDER BY day)
    """
    query = f"""
        SELECT COUNT(*), SUM(CASE WHEN balance + in_transit = balance_before + transit_before THEN 1 ELSE 0 END)
        FROM ({moved}) WHERE balance_before > 0 AND balance = 0 AND in_transit > 0
    """
    matured, flat = connection.execute(query).fetchone()
    assert matured > 100
    assert flat == matured


def test_wealth_products_mature_from_tuesday_to_thursday() -> None:
    connection = asked(bank(*MIDDLING))
    days = connection.execute(
        "SELECT DISTINCT ISODOW(CAST(matures_on AS DATE)) FROM accounts "
        "WHERE product_code LIKE 'WM-%' AND CAST(matures_on AS DATE) > DATE '2026-11-10'"
    ).fetchall()
    assert {day for (day,) in days} <= {2, 3, 4}


def test_wages_come_on_paydays_that_are_no_weekend() -> None:
    connection = asked(bank(*MIDDLING))
    found = connection.execute("SELECT DISTINCT day FROM transactions WHERE purpose = 'salary'").fetchall()
    usual = {date(2026, month, day) for month in range(1, 11) for day in (10, 15, 25)}
    usual |= {date(2025, month, day) for month in range(9, 13) for day in (10, 15, 25)}
    allowed = {day - timedelta(days=max(day.weekday() - 4, 0)) for day in usual}
    assert {day for (day,) in found} == allowed


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"months": 0}, {"profile": "1999"}])
def test_wrong_wishes_are_refused_in_words(tmp_path, wrong) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        generate(tmp_path, **{"customers": 300, "months": 6, "until": ON, **wrong})


def test_a_business_date_inside_a_month_ends_history_there(tmp_path) -> None:
    made = generate(tmp_path, customers=300, months=3, until=date(2026, 10, 14))
    connection = asked(made)
    assert made.extract.name == "2026-10-14"
    assert connection.execute("SELECT MAX(day) FROM transactions").fetchone()[0] <= date(2026, 10, 14)
    query = f"SELECT COUNT(*) FROM ({WEALTH}) JOIN truth_parties AS t USING (customer_no) WHERE t.aum = w.aum"
    query = query.replace(f"({WEALTH})", f"({WEALTH}) AS w")
    assert connection.execute(query).fetchone() == (300,)
