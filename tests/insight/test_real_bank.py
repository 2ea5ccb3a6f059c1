"""The steps on a real bank: the PKDD'99 Czech bank as known on 1994-03-31 (see the data's own README).

Its files are read here by hand, apart from the product's own reader, so that the expected counts do not lean on it.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from builders import IDENTITY, ROOT, TIER, WEALTH, bench_with
from harness import Bench

from guanxi.insight.months import months_between

DATA = Path(os.environ.get("GUANXI_SHARED_DATA", ROOT.parent / "shared" / "data")) / "berka"
LAST_DAY = date(1994, 3, 31)
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"real data not found at {DATA}")


def lay_bank(bench: Bench) -> None:
    """Staged tables from the raw files: clients, accounts, who stands behind them, postings in file order."""
    for noun in ("client", "account", "disp", "trans"):
        bench.db.execute(
            f"CREATE TABLE main.{noun} AS SELECT *, ROW_NUMBER() OVER () AS line "
            f"FROM read_csv('{DATA / noun}.asc.gz', delim = ';', all_varchar = true, header = true)"
        )
    for name in ("staged.customers", "staged.accounts", "staged.account_parties", "staged.transactions"):
        bench.put(name, [])
    bench.db.execute(
        "INSERT INTO staged.customers BY NAME SELECT client_id AS customer_no, CAST(client_id AS BIGINT) AS party_key, "
        "CAST(CAST(client_id AS BIGINT) % 256 AS SMALLINT) AS bucket, 'person' AS kind FROM main.client"
    )
    bench.db.execute(
        "INSERT INTO staged.accounts BY NAME SELECT account_id AS account_no, "
        "CAST(STRPTIME('19' || date, '%Y%m%d') AS DATE) AS opened_on, district_id AS unit_no FROM main.account"
    )
    bench.db.execute(
        "INSERT INTO staged.account_parties BY NAME SELECT account_id AS account_no, client_id AS customer_no, "
        "CASE type WHEN 'OWNER' THEN 'holder' ELSE 'authorised' END AS role FROM main.disp"
    )
    bench.db.execute(
        "INSERT INTO staged.transactions BY NAME SELECT trans_id AS transaction_no, account_id AS account_no, "
        "CAST(STRPTIME('19' || date, '%Y%m%d') AS DATE) AS day, 'trans' AS file, line, "
        "CAST(balance AS DECIMAL(18,2)) AS balance_after, CAST(amount AS DECIMAL(18,2)) AS amount FROM main.trans"
    )


@needs_data
def test_a_real_bank_gives_the_counts_its_readme_states() -> None:
    bench = bench_with("berka")
    lay_bank(bench)
    steps = (*IDENTITY, *WEALTH, *TIER, "report.account_band", "report.unit_band", "report.reconciliation")
    months = list(months_between(date(1993, 1, 1), LAST_DAY))
    bench.walk(steps, months, business_date=LAST_DAY, base_currency="CZK", balance_basis="month_end")

    bands = bench.ask("SELECT band, SUM(accounts) FROM report.account_band GROUP BY band ORDER BY band")
    assert [int(count) for _, count in bands] == [29, 221, 821, 158]
    reasons = bench.ask(
        "SELECT held_rank IS NULL, reason_code = 'not_an_owner', COUNT(*) FROM score.tier GROUP BY ALL"
    )
    assert sorted(reasons) == [(False, False, 1229), (True, True, 260)]
    assert bench.ask("SELECT COUNT(*) FROM feature.wealth_month WHERE daily_average IS NOT NULL") == [(0,)]
    tiers = bench.ask(
        "SELECT held_rank, COUNT(*) FROM score.tier WHERE held_rank IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    assert tiers == [(1, 29), (2, 221), (3, 821), (4, 158)]
    assert bench.ask("SELECT COUNT(*) FROM report.reconciliation WHERE difference <> 0") == [(0,)]
