"""The registry of figures: complete in both languages, over tables that exist, traced back to the bank's files."""

import pytest

from guanxi.insight.metrics.registry import MetricError, lineage, metrics, read_metrics, tables_read
from guanxi.insight.tables import TABLES

WHOLE = """
[aum]
name = { zh = "资产", en = "AUM" }
definition = { zh = "资产之和。", en = "Sum of assets." }
unit = "money"
owner = { zh = "零售部", en = "Retail" }
shown = ["customer"]
figure = "SELECT SUM(aum) FROM feature.wealth_month"
source = "SELECT SUM(balance_base) FROM feature.account_month"
"""


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ('unit = "money"', 'unit = "euro"', "unit is one of"),
        ('name = { zh = "资产", en = "AUM" }', 'name = { zh = "资产" }', "name must be said in zh and en"),
        ('shown = ["customer"]', "", "lacks \\['shown'\\]"),
        ("SELECT SUM(aum) FROM feature.wealth_month", "DROP TABLE feature.wealth_month", "one SELECT"),
        ("SELECT SUM(aum)", "SELECT SUM(aum), COUNT(*)", "one SELECT of one value"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_by_name(said: str, instead: str, complaint: str) -> None:
    assert read_metrics(WHOLE)[0].id == "aum"
    with pytest.raises(MetricError, match=f"^aum: .*{complaint}"):
        read_metrics(WHOLE.replace(said, instead))


def test_figures_and_sources_read_tables_of_the_way() -> None:
    for metric in metrics():
        for table in (*tables_read(metric.figure), *tables_read(metric.source)):
            assert table in TABLES or table == "publish.day", f"{metric.id} reads {table}"


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.id)
def test_the_source_of_a_figure_is_another_way_to_it(metric) -> None:
    assert metric.figure != metric.source


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.id)
def test_the_lineage_of_a_figure_begins_at_the_banks_files_and_ends_at_its_tables(metric) -> None:
    arrows = lineage(metric)
    made = {target for _, target in arrows}
    beginnings = {source for source, _ in arrows} - made
    assert any(name.startswith("staged.") for name in beginnings)
    assert all(name.split(".")[0] in ("staged", "quality", "ops") for name in beginnings)
    assert set(metric.tables) <= made
