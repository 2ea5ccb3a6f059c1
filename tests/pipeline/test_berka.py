"""The whole run on a real bank, through its mapping: figures known from the data's own description."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.pipeline.nights import ROOT, run_bank_once

from guanxi.lake.engine import parquet_files
from guanxi.lake.store import Manifest, Store

SHARED = Path(os.environ.get("GUANXI_SHARED_DATA", ROOT.parent / "shared" / "data"))
ON = date(1994, 3, 31)

pytestmark = pytest.mark.skipif(
    not (SHARED / "berka" / "trans.asc.gz").is_file(),
    reason="the Berka bank's files are not beside the repository (GUANXI_SHARED_DATA names their folder)",
)


@pytest.fixture(scope="module")
def night(tmp_path_factory) -> tuple[Store, Manifest]:
    home = tmp_path_factory.mktemp("berka") / "home"
    return Store(home / "berka" / "lake"), run_bank_once("berka", home, SHARED / "berka", ON)


def ask(night, query: str, *tables: str) -> list[tuple[object, ...]]:
    """Rows of a query in which {0}, {1}, … are tables of the run (all months, or month@table for one)."""
    store, manifest = night
    files = {
        name: parquet_files(path for part in manifest.parts[name].values() for path in store.paths(part))
        for name in tables
    }
    return duckdb.connect().execute(query.format(*(files[name] for name in tables))).fetchall()


def test_every_customer_and_account_is_there_once(night) -> None:
    assert ask(night, "SELECT COUNT(*), COUNT(DISTINCT customer_no) FROM {0}", "core.party") == [(1489, 1489)]
    assert ask(night, "SELECT COUNT(*), COUNT(DISTINCT account_no) FROM {0}", "core.account") == [
        (1229, 1229)
    ]


def test_authorised_persons_have_no_tier_and_the_reason_says_so(night) -> None:
    query = "SELECT reason_code, COUNT(*) FROM {0} WHERE month = DATE '1994-03-01' AND held_rank IS NULL GROUP BY ALL"
    assert ask(night, query, "score.tier") == [("not_an_owner", 260)]


def test_transaction_sums_are_the_published_ones_with_the_undocumented_type_a_debit(night) -> None:
    query = "SELECT direction, SUM(amount) FROM {0} GROUP BY ALL ORDER BY ALL"
    assert ask(night, query, "staged.transactions") == [
        ("credit", Decimal("177366296.30")),
        ("debit", Decimal("130131632.50") + Decimal("7988521.00")),
    ]


def test_month_end_account_bands(night) -> None:
    query = "SELECT band, SUM(accounts) FROM {0} WHERE month = DATE '1994-03-01' GROUP BY ALL ORDER BY ALL"
    bands = [int(count) for _, count in ask(night, query, "report.account_band")]
    assert bands == [29, 221, 821, 158]


def test_tiers_follow_the_month_end_without_hysteresis(night) -> None:
    query = "SELECT held_rank, COUNT(*) FROM {0} WHERE month = '1994-03-01' AND held_rank > 0 GROUP BY 1 ORDER BY 1"
    assert [count for _, count in ask(night, query, "score.tier")] == [29, 221, 821, 158]


def test_all_views_reconcile_to_the_last_heller(night) -> None:
    assert ask(night, "SELECT COUNT(*) FROM {0} WHERE difference <> 0", "report.reconciliation") == [(0,)]
    total = ask(
        night,
        "SELECT amount FROM {0} WHERE view_name = 'customers' AND component = 'demand'",
        "report.reconciliation",
    )
    day_end = ask(
        night,
        "SELECT SUM(balance_after) FROM (SELECT account_no, balance_after, "
        "ROW_NUMBER() OVER (PARTITION BY account_no ORDER BY day DESC, line DESC) AS n FROM {0}) WHERE n = 1",
        "staged.transactions",
    )
    assert total == day_end
