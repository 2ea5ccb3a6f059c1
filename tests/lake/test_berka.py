"""The real bank, read through its mapping alone: its numbers come out exactly."""

import os
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.lake.bankfiles import load, staged, violations

from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.mapping import read_mapping
from guanxi.lake.extracts import ExtractReport
from guanxi.lake.mapping_check import check_mapping, in_words

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("GUANXI_SHARED_DATA", ROOT.parent / "shared" / "data"))
FOLDER = SHARED / "berka"
BANK = ROOT / "banks" / "berka"
DAY = date(1994, 3, 31)

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the real bank's files are not at {FOLDER}; set GUANXI_SHARED_DATA"
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExtractReport, Path]:
    into = tmp_path_factory.mktemp("berka")
    policy = QualityPolicy.from_payload(
        tomllib.loads((BANK / "policies/quality.toml").read_text(encoding="utf-8"))
    )
    mapping = (BANK / "mapping.toml").read_text(encoding="utf-8")
    return load(FOLDER, into, mapping, policy=policy, business_date=DAY), into


def test_every_row_is_staged_and_nothing_is_found(loaded: tuple[ExtractReport, Path]) -> None:
    report, into = loaded
    rows = {file.name: file.staged for file in report.files}
    assert rows == {
        "units": 1 + 8 + 77,
        "customers": 1489,
        "products": 1,
        "accounts": 1229,
        "account_parties": 1489,
        "transactions": 49102,
    }
    assert violations(into) == []
    assert report.base_currency == "CZK"


def test_owners_and_authorised_persons_are_told_apart(loaded: tuple[ExtractReport, Path]) -> None:
    roles = staged(
        loaded[1], "account_parties", "role, COUNT(*), COUNT(DISTINCT customer_no)", "TRUE GROUP BY role"
    )
    assert sorted(roles) == [("authorised", 260, 260), ("holder", 1229, 1229)]


def test_sums_by_the_banks_own_types_are_exact(loaded: tuple[ExtractReport, Path]) -> None:
    raw = f"read_csv('{FOLDER}/trans.asc.gz', delim = ';', header = true, all_varchar = true, quote = '')"
    own = f"(SELECT trans_id, type FROM {raw})"
    sums = (
        duckdb.connect()
        .sql(
            f"SELECT own.type, SUM(amount) FROM read_parquet('{loaded[1]}/staged.transactions/*.parquet') AS t "
            f"JOIN {own} AS own ON own.trans_id = t.transaction_no GROUP BY own.type"
        )
        .fetchall()
    )
    assert dict(sums) == {
        "PRIJEM": Decimal("177366296.30"),
        "VYDAJ": Decimal("130131632.50"),
        "VYBER": Decimal("7988521.00"),
    }
    sides = staged(loaded[1], "transactions", "direction, SUM(amount)", "TRUE GROUP BY direction")
    assert dict(sides) == {"credit": Decimal("177366296.30"), "debit": Decimal("138120153.50")}


def test_interest_is_no_act_of_the_customer(loaded: tuple[ExtractReport, Path]) -> None:
    assert staged(loaded[1], "transactions", "COUNT(*)", "purpose = 'interest' AND NOT by_customer") == [
        (9463 + 64,)
    ]
    assert staged(loaded[1], "transactions", "COUNT(*)", "purpose = 'interest' AND by_customer") == [(0,)]


def test_birth_numbers_are_decoded(loaded: tuple[ExtractReport, Path]) -> None:
    rows = staged(loaded[1], "customers", "customer_no, sex, birth_date", "customer_no IN ('2', '3')")
    assert rows == [("2", "male", date(1945, 2, 4)), ("3", "female", date(1940, 10, 9))]
    assert staged(loaded[1], "customers", "COUNT(*)", "birth_date IS NULL OR sex IS NULL") == [(0,)]


def test_the_last_line_of_a_day_gives_the_bands_of_the_document(
    loaded: tuple[ExtractReport, Path],
) -> None:
    bands = (
        duckdb.connect()
        .sql(
            f"""WITH last AS (
            SELECT account_no, balance_after FROM read_parquet('{loaded[1]}/staged.transactions/*.parquet')
            QUALIFY ROW_NUMBER() OVER (PARTITION BY account_no ORDER BY day DESC, line DESC) = 1)
        SELECT SUM(CASE WHEN balance_after < 5000 THEN 1 ELSE 0 END),
               SUM(CASE WHEN balance_after >= 5000 AND balance_after < 20000 THEN 1 ELSE 0 END),
               SUM(CASE WHEN balance_after >= 20000 AND balance_after < 50000 THEN 1 ELSE 0 END),
               SUM(CASE WHEN balance_after >= 50000 THEN 1 ELSE 0 END)
        FROM last"""
        )
        .fetchall()
    )
    assert bands == [(29, 221, 821, 158)]


def test_the_mapping_check_finds_nothing_in_the_way() -> None:
    report = check_mapping(read_mapping((BANK / "mapping.toml").read_text(encoding="utf-8")), FOLDER)
    assert report.stops == ()
    assert "没有会使跑批停止的问题。" in in_words(report)[-1]


def test_nothing_in_the_source_knows_this_bank() -> None:
    words = ("prijem", "vyber", "vydaj", "disponent", "birth_number", "district_id")
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        assert not [word for word in words if word in text], path
