"""A folder becomes staged tables, or the night is refused with every reason."""

import gzip
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake.bankfiles import HEADERS, POLICY, STANDARD, load, staged, violations, write_bank

from guanxi.insight.staging.contract import BY_NAME, FILES, staged_columns
from guanxi.insight.staging.keys import bucket, party_key, party_uuid
from guanxi.lake import arriving
from guanxi.lake.extracts import ExtractRefused

SIZES = {"customers": 30, "accounts": 30, "account_parties": 30, "contact_points": 30, "balances": 60}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_bank(tmp_path / "files", SIZES)
    return tmp_path / "files"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


def put(folder: Path, name: str, *lines: str, header: str = "") -> None:
    (folder / f"{name}.csv").write_text("\n".join([header or HEADERS[name], *lines]) + "\n", encoding="utf-8")


def refusal(folder: Path, into: Path, *arguments: object, **more: object) -> str:
    """The reasons a night was refused for, in both languages."""
    with pytest.raises(ExtractRefused) as refused:
        load(folder, into, *arguments, **more)
    assert all(reason.en and reason.zh for reason in refused.value.reasons)
    return str(refused.value)


def test_staged_tables_have_exactly_the_columns_of_the_contract(folder: Path, into: Path) -> None:
    load(folder, into)
    for name in SIZES:
        described = (
            duckdb.connect()
            .sql(f"DESCRIBE SELECT * FROM read_parquet('{into}/staged.{name}/*.parquet')")
            .fetchall()
        )
        assert tuple((row[0], row[1]) for row in described) == staged_columns(BY_NAME[name])


def test_dated_files_stand_month_by_month_and_snapshots_whole_all_in_key_order(
    folder: Path, into: Path
) -> None:
    report = load(folder, into)
    months = [path.stem for path in sorted((into / "staged.balances").iterdir())]
    assert months == [f"2026-{month:02d}-01" for month in range(1, 10)]
    assert report.months_touched == tuple(date(2026, month, 1) for month in range(1, 10))
    assert [path.name for path in (into / "staged.accounts").iterdir()] == ["all.parquet"]
    accounts = [row[0] for row in staged(into, "accounts", "account_no")]
    assert accounts == sorted(accounts)


def test_customers_carry_their_keys_and_every_row_its_file_and_line(folder: Path, into: Path) -> None:
    load(folder, into)
    rows = staged(into, "customers", "customer_no, party_key, party_uuid, bucket, file, line")
    for place, (no, key, text, group, file, line) in enumerate(rows):
        assert (key, text, group) == (party_key("core", no), str(party_uuid("core", no)), bucket(no))
        assert (file, line) == ("customers.csv", place + 2)


def test_the_newest_line_of_a_key_stands_and_the_others_are_reported(folder: Path, into: Path) -> None:
    lines = [
        "A1,2026-01-05,1.00,0,",
        "A2,2026-01-05,7.00,0,",
        "A1,2026-01-05,2.00,0,",
        "A1,2026-01-05,3.00,0,",
    ]
    put(folder, "balances", *lines)
    report = load(folder, into)
    assert staged(into, "balances", "account_no, balance, line") == [
        ("A1", Decimal(3), 5),
        ("A2", Decimal(7), 3),
    ]
    assert report.file("balances").duplicates == 2
    found = violations(into, "line, detail", "rule = 'key.duplicate'")
    assert found == [(2, "5"), (4, "5")]


def test_an_unreadable_amount_never_becomes_zero(folder: Path, into: Path) -> None:
    put(
        folder,
        "balances",
        "A0000001,2026-01-05,12.345,0,",
        "A0000002,2026-01-05,5.00,n/a,",
        "A0000003,2026-01-05,5.00,,",
    )
    load(folder, into)
    assert staged(into, "balances", "account_no, balance, in_transit") == [
        ("A0000003", Decimal(5), Decimal(0))
    ]
    found = violations(into, 'line, "column", rule, value_masked', "severity = 'refused'")
    assert found == [
        (2, "balance", "money.unreadable", "12.345"),
        (3, "in_transit", "money.unreadable", "n/a"),
    ]


def test_a_nought_with_an_exponent_is_nought(folder: Path, into: Path) -> None:
    put(folder, "balances", "A1,2026-01-05,0E-8,0,", "A2,2026-01-05,-0.00e+2,0,", "A3,2026-01-05,1E-8,0,")
    load(folder, into)
    assert staged(into, "balances", "account_no, balance") == [("A1", Decimal(0)), ("A2", Decimal(0))]


@settings(max_examples=5, deadline=None)
@given(
    amounts=st.lists(st.decimals(min_value=-(10**15), max_value=10**15, places=2), min_size=100, max_size=150)
)
def test_amounts_are_exact_to_the_fen(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[Decimal]
) -> None:
    home = tmp_path_factory.mktemp("money")
    write_bank(home / "files", SIZES)
    put(home / "files", "balances", *(f"A{n},2026-01-05,{amount:f},0," for n, amount in enumerate(amounts)))
    load(home / "files", home / "into")
    found = dict(staged(home / "into", "balances", "account_no, balance"))
    assert found == {f"A{n}": amount for n, amount in enumerate(amounts)}


# ---- gates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["customers", "accounts", "account_parties"])
def test_a_missing_required_file_stops_the_night(folder: Path, into: Path, name: str) -> None:
    (folder / f"{name}.csv").unlink()
    assert f"{name}: required file is missing" in refusal(folder, into)


def test_neither_balances_nor_transactions_stop_the_night(folder: Path, into: Path) -> None:
    (folder / "balances.csv").unlink()
    assert "neither balances nor transactions" in refusal(folder, into)
    header = ",".join(column.name for column in BY_NAME["transactions"].columns)
    put(folder, "transactions", "T1,A0000001,2026-01-05,credit,5.00" + "," * 8, header=header)
    assert "balances" in [item.name for item in load(folder, into).missing]


def test_missing_optional_files_are_listed_with_what_is_lost(folder: Path, into: Path) -> None:
    report = load(folder, into)
    missing = {item.name: item.without for item in report.missing}
    assert set(missing) == {file.name for file in FILES} - set(SIZES)
    assert missing["fx_rates"] == BY_NAME["fx_rates"].without


def manifest(folder: Path, name: str, rows: int, **sums: str) -> None:
    (folder / "manifest.json").write_text(json.dumps({"files": {name: {"rows": rows, "sums": sums}}}))


def test_control_totals_that_hold_let_the_night_go_on(folder: Path, into: Path) -> None:
    total = sum(Decimal(f"{serial % 90000}.{serial % 100:02d}") for serial in range(60))
    manifest(folder, "balances.csv", 60, balance=str(total))
    report = load(folder, into)
    assert report.file("balances").totals == {"balance": {"CNY": total}}
    assert report.file("balances").inputs[0].sums == {"balance": total}


@pytest.mark.parametrize("off", ["0.01", "-0.01", "1000000"])
def test_a_control_total_off_by_a_fen_stops_the_night(folder: Path, into: Path, off: str) -> None:
    total = sum(Decimal(f"{serial % 90000}.{serial % 100:02d}") for serial in range(60)) + Decimal(off)
    manifest(folder, "balances.csv", 60, balance=str(total))
    assert f"control total of balance: {total} expected" in refusal(folder, into)


def test_a_control_total_that_cannot_be_tried_stops_the_night(folder: Path, into: Path) -> None:
    put(folder, "balances", "A0000001,2026-01-05,1.00,0,", "A0000002,2026-01-05,abc,0,")
    manifest(folder, "balances.csv", 2, balance="1.00")
    assert "1 amounts unreadable" in refusal(folder, into)
    manifest(folder, "balances.csv", 2, amount="1.00")
    assert "no such column" in refusal(folder, into)
    manifest(folder, "accounts.csv", 31)
    assert "31 rows expected, 30 read" in refusal(folder, into)
    manifest(folder, "loans.csv", 1)
    assert "loans.csv: the manifest lists this file, it is not there" in refusal(folder, into)
    (folder / "manifest.json").write_text('{"business_date": "2026-10-30"}')
    assert "the folder is of 2026-10-30, the run is for 2026-10-31" in refusal(folder, into)
    (folder / "manifest.json").write_text("{")
    assert "manifest: cannot be read" in refusal(folder, into)


def test_a_line_that_is_no_record_counts_in_the_control_total_of_rows(folder: Path, into: Path) -> None:
    put(folder, "balances", "A0000001,2026-01-05,1.00,0,", "A0000002", "A0000003,2026-01-05,1.00,0,")
    manifest(folder, "balances.csv", 3, balance="2.00")
    assert load(folder, into).file("balances").quarantined == 1


def test_a_file_in_an_unknown_encoding_stops_the_night(folder: Path, into: Path) -> None:
    text = (folder / "customers.csv").read_text(encoding="utf-8")
    (folder / "customers.csv").write_bytes(text.encode("utf-16"))
    assert "customers.csv: the file is in UTF-16" in refusal(folder, into)


def test_a_packed_file_that_ends_too_early_stops_the_night(folder: Path, into: Path) -> None:
    whole = gzip.compress((folder / "balances.csv").read_bytes())
    (folder / "balances.csv").unlink()
    (folder / "balances.csv.gz").write_bytes(whole[:-9])
    assert "balances.csv.gz: the packed file is damaged or cut off" in refusal(folder, into)


def test_a_mapped_column_the_file_lost_stops_the_night(folder: Path, into: Path) -> None:
    text = (folder / "accounts.csv").read_text(encoding="utf-8")
    (folder / "accounts.csv").write_text(text.replace("opened_on", "open_date", 1), encoding="utf-8")
    assert "nothing is mapped to accounts.opened_on" in refusal(folder, into)


@pytest.mark.parametrize(
    ("before", "stops"), [(30, False), (70, True), (10_000, True), (52, True), (50, False)]
)
def test_a_snapshot_that_shrank_or_grew_too_much_stops_the_night(
    folder: Path, into: Path, before: int, stops: bool
) -> None:
    if stops:
        assert "two persons must agree" in refusal(folder, into, previous_rows={"customers": before})
        load(folder, into, previous_rows={"customers": before}, accepted=frozenset({"customers"}))
    else:
        load(folder, into, previous_rows={"customers": before})


def test_more_in_quarantine_than_the_policy_allows_stops_the_night(folder: Path, into: Path) -> None:
    put(folder, "balances", *(f"A{n:07d},2026-01-05,{'x' if n < 30 else 1},0," for n in range(59)))
    policy = replace(POLICY, few_rows=0)
    assert "30 of 59 rows could not be used, more than 50%" in refusal(folder, into, policy=policy)
    load(folder, into, policy=replace(policy, few_rows=30))


def test_beyond_the_limit_findings_are_counted_and_no_longer_listed(folder: Path, into: Path) -> None:
    put(
        folder,
        "balances",
        *(f"A{n:07d},2026-01-05,{'x' if n % 2 else 1},0," for n in range(60)),
        "short",
        "short",
    )
    policy = replace(POLICY, rows_listed=5, quarantine_share=Decimal("0.9"))
    balances = load(folder, into, policy=policy).file("balances")
    assert (balances.quarantined, balances.staged, balances.rows) == (32, 30, 62)
    assert balances.violations["balance money.unreadable"] == 30
    assert len(violations(into, where="rule = 'money.unreadable'")) == 5
    kept = (
        duckdb.connect()
        .sql(f"SELECT COUNT(*) FROM read_parquet('{into}/quality.quarantine/*.parquet')")
        .fetchall()
    )
    assert kept == [(5,)]


# ---- resuming --------------------------------------------------------------------------------------------------------


def test_a_second_start_reads_no_finished_file_again(
    folder: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(folder, into)
    read: list[str] = []
    real = arriving.batches
    monkeypatch.setattr(
        arriving, "batches", lambda path, layout: read.append(path.name) or real(path, layout)
    )
    assert load(folder, into) == first
    assert read == []
    put(folder, "balances", "A0000001,2026-01-05,1.00,0,")
    (into / "staged.accounts" / "all.parquet").unlink()
    second = load(folder, into)
    assert sorted(read) == ["accounts.csv", "balances.csv"]
    assert second.file("balances").staged == 1
    assert staged(into, "balances", "COUNT(*)") == [(1,)]
    assert len(staged(into, "accounts")) == 30


def test_a_start_killed_while_reading_is_finished_by_the_next(
    folder: Path, into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = arriving.batches
    for victim in ("customers.csv", "account_parties.csv", "balances.csv"):

        def broken(path: Path, layout: object, victim: str = victim) -> object:
            yield from real(path, layout)
            if path.name == victim:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(arriving, "batches", broken)
            with pytest.raises(KeyboardInterrupt):
                load(folder, into)
    resumed, clean = load(folder, into), load(folder, tmp_path / "clean")
    assert resumed == clean
    for name in SIZES:
        assert staged(into, name) == staged(tmp_path / "clean", name)


# ---- mapping at work -------------------------------------------------------------------------------------------------

OWN = """
[bank]
source = "hx"
base_currency = "CNY"
[format]
encoding = "gb18030"
delimiter = "|"
dates = ["%Y%m%d"]
thousands = ","
sign = "trailing"
empty = ["", "99991231"]
[[file]]
to = "customers"
from = "KHXX_*.txt"
where = "客户类别 <> '9'"
[file.columns]
customer_no = "客户号"
kind = "客户类别"
name = "客户名称"
since = "开户日期"
[file.values.kind]
1 = "person"
2 = "company"
[[file]]
to = "accounts"
from = "ZHXX.txt"
columns = { account_no = "账号", opened_on = "开户日", rate = "利率", closed_on = "销户日" }
percent = ["rate"]
[file.expressions]
family = "CASE WHEN p.类别 = 'DQ' THEN 'time' ELSE 'demand' END"
[[file.lookup]]
name = "p"
from = "CPXX.txt"
key = "产品"
on = "产品代码"
[[file]]
to = "account_parties"
from = "ZHXX.txt"
columns = { account_no = "账号", customer_no = "客户号" }
constants = { role = "holder" }
[[file]]
to = "balances"
from = "YE*.txt"
columns = { account_no = "账号", balance = "余额", day = "日期" }
[file.format]
minor_units = true
"""


def own_folder(folder: Path) -> None:
    """The folder of a bank with its own files, in its own words."""
    folder.mkdir()
    files = {
        "KHXX_1.txt": "客户号|客户类别|客户名称|开户日期\n1|1|王𠮷|20200102\n2|9|注销户|20200102\n",
        "KHXX_2.txt": "客户号|客户类别|客户名称|开户日期\n3|2|某某公司|99991231\n4|7|谁|20200102\n",
        "ZHXX.txt": "账号|客户号|产品代码|开户日|利率|销户日\n10|1|D3|20200102|1.55|99991231\n30|3|H1|20200102||\n",
        "CPXX.txt": "产品|类别\nD3|DQ\nH1|HQ\n",
        "YE1.txt": "账号|余额|日期\n10|1,234,567|20261031\n30|500-|20261031\n30|1.5|20261030\n",
    }
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("gb18030"))


def test_a_bank_with_files_of_its_own_is_read_through_its_mapping(tmp_path: Path) -> None:
    own_folder(tmp_path / "files")
    into = tmp_path / "into"
    report = load(tmp_path / "files", into, OWN)
    customers = staged(into, "customers", "customer_no, kind, name, since, file, line")
    assert customers == [
        ("1", "person", "王𠮷", date(2020, 1, 2), "KHXX_1.txt", 2),
        ("3", "company", "某某公司", None, "KHXX_2.txt", 2),
    ]
    assert report.file("customers").filtered == 1
    assert violations(into, 'file, line, "column", rule, value_masked') == [
        ("KHXX_2.txt", 3, "kind", "code.unknown", "7"),
        ("YE1.txt", 4, "balance", "money.unreadable", "1.5"),
    ]
    assert staged(into, "accounts", "account_no, family, rate, closed_on") == [
        ("10", "time", Decimal("0.0155"), None),
        ("30", "demand", None, None),
    ]
    assert staged(into, "balances", "account_no, balance") == [
        ("10", Decimal("12345.67")),
        ("30", Decimal("-5.00")),
    ]
    assert staged(into, "account_parties", "account_no, customer_no, role") == [
        ("10", "1", "holder"),
        ("30", "3", "holder"),
    ]


def test_parquet_and_csv_give_the_same_staged_rows(folder: Path, into: Path, tmp_path: Path) -> None:
    load(folder, into)
    typed = tmp_path / "typed"
    typed.mkdir()
    kinds = {
        "balance": "DECIMAL(18,2)",
        "day": "DATE",
        "opened_on": "DATE",
        "rate": "DECIMAL(9,4)",
        "rolls_over": "BOOLEAN",
    }
    for name in SIZES:
        columns = ", ".join(
            f'CAST("{column}" AS {kinds.get(column, "VARCHAR")}) AS "{column}"'
            for column in HEADERS[name].split(",")
        )
        source = f"read_csv('{folder}/{name}.csv', all_varchar = true)"
        duckdb.connect().sql(f"COPY (SELECT {columns} FROM {source}) TO '{typed}/{name}.parquet'")
    load(typed, tmp_path / "other")
    for name in SIZES:
        columns = "* EXCLUDE (file, line)"
        assert staged(tmp_path / "other", name, columns) == staged(into, name, columns)


def test_birth_date_and_sex_come_from_a_valid_id_when_the_bank_gives_none(folder: Path, into: Path) -> None:
    put(
        folder,
        "customers",
        "C1,person,a,resident_id,11010519491231002X,,,,",
        "C2,person,b,,110105194912310021,,,,",
    )
    load(folder, into)
    assert staged(into, "customers", "birth_date, sex, id_no_valid, id_no_masked") == [
        (date(1949, 12, 31), "female", True, "1******X"),
        (None, None, None, "1******1"),
    ]


# ---- shares and files compared ---------------------------------------------------------------------------------------


def test_shares_that_do_not_sum_to_one_are_refused_and_a_second_holder_too(folder: Path, into: Path) -> None:
    lines = ["A1,C1,holder,0.6", "A1,C2,joint,0.4", "A2,C1,holder,0.6", "A2,C2,joint,0.3", "A2,C3,agent,"]
    put(folder, "account_parties", *lines, "A3,C1,joint,", "A3,C2,holder,", "A4,C1,holder,1", "A4,C2,joint,")
    report = load(folder, into)
    kept = staged(into, "account_parties", "account_no, customer_no, role")
    assert kept == [
        ("A1", "C1", "holder"),
        ("A1", "C2", "joint"),
        ("A2", "C3", "agent"),
        ("A3", "C2", "holder"),
        ("A4", "C1", "holder"),
        ("A4", "C2", "joint"),
    ]
    assert report.file("account_parties").quarantined == 3
    assert violations(into, "line, rule, detail", "rule IN ('shares.sum', 'holder.second')") == [
        (4, "shares.sum", "0.90000000"),
        (5, "shares.sum", "0.90000000"),
        (7, "holder.second", ""),
    ]


def test_what_reminders_are_made_of_is_emptied_and_marked_when_unreadable_and_the_account_stays(
    folder: Path, into: Path
) -> None:
    put(
        folder,
        "accounts",
        "A1,demand,2024-01-02,2027-13-01,soon,1e3,A9",
        "A2,demand,2024-01-02,2027-01-31,20261105,88.50,",
        header="account_no,family,opened_on,card_expires_on,due_on,due_amount,paid_from_no",
    )
    put(folder, "account_parties", "A1,C0000001,holder,", "A2,C0000002,holder,")
    report = load(folder, into)
    columns = "account_no, card_expires_on, due_on, due_amount, paid_from_no"
    assert staged(into, "accounts", columns) == [
        ("A1", None, None, None, "A9"),
        ("A2", date(2027, 1, 31), date(2026, 11, 5), Decimal("88.50"), None),
    ]
    assert set(violations(into, '"column", rule, severity', "line = 2 AND rule LIKE '%unreadable'")) == {
        ("card_expires_on", "day.unreadable", "marked"),
        ("due_on", "day.unreadable", "marked"),
        ("due_amount", "money.unreadable", "marked"),
    }
    assert report.crossed["accounts.paid_from_no reference.missing"] == 1


def test_files_are_compared_and_what_does_not_fit_is_marked(folder: Path, into: Path) -> None:
    put(
        folder,
        "accounts",
        "A1,time,CNY,2024-01-02,2024-01-02,2023-12-31,,,,",
        "A2,demand,CNY,2024-01-02,,,,,,",
        "A3,demand,CNY,2024-01-02,,,,,,,2024-05-01".replace(",,,,,,,", ",,,,,,"),
        header=HEADERS["accounts"].replace("overdue_days", "closed_on"),
    )
    put(folder, "account_parties", "A1,C0000001,holder,", "A2,C0000002,agent,", "A3,C9,holder,")
    put(
        folder,
        "balances",
        "A3,2026-01-05,1.00,0,",
        "A3,2024-01-05,1.00,0,",
        "A3,2026-02-05,0,0,",
        "A9,2026-01-05,1.00,0,",
    )
    report = load(folder, into)
    assert report.crossed == {
        "account_parties.customer_no reference.missing": 1,
        "balances.account_no reference.missing": 1,
        "accounts.matures_on account.matures_before_start": 1,
        "accounts.account_no account.no_holder": 1,
        "balances.balance balance.after_close": 1,
    }
    assert len(staged(into, "balances")) == 4


def test_an_exchange_rate_of_nothing_is_refused(folder: Path, into: Path) -> None:
    put(folder, "fx_rates", "USD,2026-10-30,7.1", "USD,2026-10-31,0", "EUR,2026-10-31,-8", "JPY,2026-10-31,")
    load(folder, into)
    assert staged(into, "fx_rates", "currency, mid") == [("USD", Decimal("7.1"))]


def test_identical_input_gives_identical_files(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        load(folder, tmp_path / name, STANDARD)
    for path in sorted((tmp_path / "one").rglob("*.parquet")):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
