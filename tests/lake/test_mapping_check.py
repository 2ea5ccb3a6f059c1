"""The mapping check says in plain words what fits and what does not, and shows no personal value."""

from pathlib import Path

import pytest
from tests.lake.bankfiles import HEADERS, STANDARD, write_bank
from tests.lake.test_extracts import OWN, own_folder

from guanxi.insight.staging.contract import FILES
from guanxi.insight.staging.mapping import read_mapping
from guanxi.lake.mapping_check import MappingReport, check_mapping, in_words


def check(folder: Path, mapping: str = STANDARD) -> tuple[MappingReport, str, str]:
    report = check_mapping(read_mapping(mapping), folder)
    return report, "\n".join(in_words(report, "zh")), "\n".join(in_words(report, "en"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sizes = {"customers": 30, "accounts": 30, "account_parties": 30, "contact_points": 30, "balances": 60}
    write_bank(tmp_path, sizes)
    return tmp_path


def test_a_clean_folder_fits_and_what_is_missing_is_said_with_its_price(folder: Path) -> None:
    report, zh, en = check(folder)
    assert report.stops == ()
    assert "✓ 客户 customers ← customers.csv (查看了 30 行)" in zh
    assert "✗ 联系方式" not in zh
    assert "✗ 授权同意 consents：未找到。所有客户视为未同意营销。" in zh
    assert "✗ 授权同意 consents: not found. Nobody counts as reachable for marketing." in en
    assert "stays empty: product_code, unit_no" in en
    assert all(file.name in en for file in FILES)


def test_reasons_that_would_stop_a_night_come_together_at_the_end(folder: Path) -> None:
    (folder / "customers.csv").unlink()
    (folder / "balances.csv").unlink()
    (folder / "accounts.csv").write_text("account,opened\n1,2\n")
    report, zh, en = check(folder)
    assert [said.where for said in report.stops] == ["accounts.csv", "accounts.csv", "customers", "balances"]
    assert "nothing is mapped to accounts.account_no" in en
    assert "以下问题会使跑批停止" in zh


def test_values_that_do_not_fit_are_counted_with_samples(tmp_path: Path) -> None:
    own_folder(tmp_path / "files")
    report, zh, en = check(tmp_path / "files", OWN)
    assert (
        "kind: a code the contract does not know and the mapping does not turn; 1 quarantined (for example 7)"
        in en
    )
    assert "balance：金额无法精确读到分，绝不当作 0；隔离 1 行（例如 1.5）" in zh
    assert "✓ 账户 accounts ← ZHXX.txt (2 rows looked at)" in en
    assert report.stops == ()


def test_a_personal_value_in_the_wrong_column_is_not_shown(folder: Path) -> None:
    line = "C1,person,王,resident_id,320102198001010019,320102198001010019,13800138000,urban,zhang@bank.cn"
    (folder / "customers.csv").write_text(f"{HEADERS['customers']}\n{line}\n", encoding="utf-8")
    _, zh, en = check(folder)
    for secret in ("320102198001010019", "13800138000", "zhang@bank.cn"):
        assert secret not in zh + en
    assert "******" in zh


def test_an_unreadable_file_or_lookup_is_said(tmp_path: Path) -> None:
    own_folder(tmp_path / "files")
    (tmp_path / "files" / "CPXX.txt").unlink()
    (tmp_path / "files" / "KHXX_1.txt").write_bytes(b"")
    report, _, en = check(tmp_path / "files", OWN)
    assert "ZHXX.txt: lookup file CPXX.txt is not there" in en
    assert "KHXX_1.txt: the file has no header line" in en
    assert len(report.stops) == 2
