"""The pages that describe the contract and the rules are printed from them, and their examples are true.

GUANXI_WRITE_DOCS=1 writes the pages anew.
"""

import os
import re
from datetime import date
from pathlib import Path

import pytest
from tests.lake.bankfiles import load, staged, violations

from guanxi.insight.quality.across import cross_rules
from guanxi.insight.quality.rows import ROW_RULES
from guanxi.insight.quality.rules import RULES, Outcome, rules_page
from guanxi.insight.staging.contract import FILES
from guanxi.insight.staging.contract_page import EXAMPLES, extracts_page
from guanxi.insight.staging.contract_words import without_zh
from guanxi.insight.staging.identifiers import Protected
from guanxi.insight.staging.mapping import Source, read_mapping
from guanxi.insight.staging.protection import FORM_RULES, form_rule
from guanxi.insight.staging.statements import typing_sql

ROOT = Path(__file__).parents[3]
PAGES = {"docs/how-to/extracts.md": extracts_page, "docs/insight/quality.md": rules_page}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_the_code_says(name: str) -> None:
    path, text = ROOT / name, PAGES[name]()
    if os.environ.get("GUANXI_WRITE_DOCS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{name} is old: GUANXI_WRITE_DOCS=1 pytest {__file__}"


def test_the_example_folder_loads_without_a_single_finding(tmp_path: Path) -> None:
    assert set(EXAMPLES) == {file.name for file in FILES}
    (tmp_path / "files").mkdir()
    for name, text in EXAMPLES.items():
        (tmp_path / "files" / f"{name}.csv").write_text(text, encoding="utf-8")
    report = load(tmp_path / "files", tmp_path / "into", business_date=date(2026, 10, 31))
    assert violations(tmp_path / "into") == []
    assert not report.missing
    for file in FILES:
        assert len(staged(tmp_path / "into", file.name)) == EXAMPLES[file.name].count("\n") - 1


def test_the_mapping_on_the_page_can_be_read() -> None:
    written = re.search(r"```toml\n(\[bank\].*?)```", extracts_page(), re.DOTALL)
    mapping = read_mapping(written[1])
    assert mapping.sources_of("customers")[0].lookups[0].name == "org"
    assert len(mapping.sources) == len(FILES)


def test_every_file_says_in_chinese_what_is_lost_without_it() -> None:
    assert all(without_zh(file.name) for file in FILES)


def test_every_rule_that_can_fire_has_its_words() -> None:
    used = {rule.rule for rule in cross_rules()} | {
        rule.rule for rules in ROW_RULES.values() for rule in rules
    }
    used |= set(FORM_RULES.values()) | {form_rule(kind) for kind in Protected}
    for file in FILES:
        types = {column.name: "VARCHAR" for column in file.columns}
        used |= {
            fault.rule for fault in typing_sql(Source(file.name, "", same_names=True), types, None).faults
        }
    for path in (ROOT / "src/guanxi/lake").glob("*.py"):
        used |= set(re.findall(r'"((?:line|file|key|id|gate)\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    used |= {"id.birth_date", "id.sex"}
    assert used <= set(RULES), sorted(used - set(RULES))
    assert {name for name, rule in RULES.items() if rule.outcome is not Outcome.STOPS} <= used
