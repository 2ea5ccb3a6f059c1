"""Learning on a real bank: who takes a first loan within six months, from month-end snapshots of the Berka lake.

Half of the accounts learn on the snapshots up to June 1993, the other half is judged on September 1993, both ways
round: a label looks six months ahead, so the same account on both sides would tell the judge what it was taught.
"""

import os
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from tests.pipeline.nights import ROOT, run_bank_once

from guanxi.insight.foresight.any_table import Asked, read_table
from guanxi.insight.foresight.training import train
from guanxi.lake.engine import parquet_files
from guanxi.lake.store import Store

SHARED = Path(os.environ.get("GUANXI_SHARED_DATA", ROOT.parent / "shared" / "data"))
LOANS = SHARED / "berka" / "loan.asc.gz"
LOAN_COLUMNS = {
    "account": "account_id",
    "day": "date",
}  # the lake's mapping leaves loans out (banks/berka/README.md)

pytestmark = pytest.mark.skipif(
    not LOANS.is_file(),
    reason="the Berka bank's files are not beside the repository (GUANXI_SHARED_DATA names their folder)",
)


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory) -> pa.Table:
    home = tmp_path_factory.mktemp("berka-loans") / "home"
    manifest = run_bank_once("berka", home, SHARED / "berka", date(1994, 3, 31))
    store = Store(home / "berka" / "lake")
    names = ("feature.leaving_month", "feature.activity_month", "core.holding")
    feature, activity, holding = (
        parquet_files(path for part in manifest.parts[name].values() for path in store.paths(part))
        for name in names
    )
    return duckdb.sql(f"""
        WITH loan AS (
            SELECT holding.party_key,
                   MIN(CAST(STRPTIME('19' || {LOAN_COLUMNS["day"]}, '%Y%m%d') AS DATE)) AS day
            FROM read_csv('{LOANS}', delim = ';', all_varchar = TRUE) AS loan
            JOIN {holding} AS holding ON holding.account_no = loan.{LOAN_COLUMNS["account"]}
            GROUP BY holding.party_key
        )
        SELECT known.* EXCLUDE (month, bucket, base_average, average, tier_rank, age_band), known.month AS snapshot,
               did.inflow, did.outflow, did.active_days, known.party_key % 2 AS half,
               CASE WHEN loan.day <= known.month + INTERVAL 7 MONTH THEN 'loan' ELSE 'none' END AS first_loan
        FROM {feature} AS known
        JOIN {activity} AS did ON did.party_key = known.party_key AND did.month = known.month
        LEFT JOIN loan ON loan.party_key = known.party_key
        WHERE (loan.day IS NULL OR loan.day > LAST_DAY(known.month))
          AND known.month IN ('1993-02-01', '1993-03-01', '1993-04-01', '1993-05-01', '1993-06-01', '1993-09-01')
        ORDER BY known.month, known.party_key
    """).to_arrow_table()


@pytest.mark.parametrize("half", [0, 1])
def test_a_half_that_learns_never_meets_the_half_that_is_judged(snapshots: pa.Table, half: int) -> None:
    connection = duckdb.connect()
    connection.register("snapshots", snapshots)
    rows = connection.sql(
        f"SELECT * EXCLUDE half FROM snapshots WHERE (snapshot < DATE '1993-09-01') = (half = {half}) "
        "ORDER BY snapshot, party_key"
    ).to_arrow_table()
    asked = Asked(
        "first_loan", "snapshot", "party_key", positive="loan", borders=("1993-06-01", "1993-09-01")
    )
    split, _ = read_table(rows, asked)
    trained = train(split, purpose="first_loan", capacity=50, least=5)
    windows = trained.card["windows"]
    assert windows["judge"]["events"] == (14, 15)[half]
    assert windows["fit"]["events"] + windows["calibrate"]["events"] == (16, 30)[half]
    assert trained.card["chosen"] == "logistic"  # too few events to tell which of two scorers is better
    assert all(0 <= said["auc"] <= 1 for said in trained.card["judged"].values())
