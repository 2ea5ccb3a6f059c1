"""The analysts' workbench (分析工作台): below how many customers a group is hidden, and how much one may ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak

LEAST_GROUP, MOST_SECONDS, MOST_ROWS, MOST_AT_ONCE, MOST_HOURS = 5, 600, 100_000, 16, 168


@dataclass(frozen=True)
class WorkbenchPolicy(Policy):
    """Limits of questions over de-identified data."""

    kind: ClassVar[str] = "workbench"

    smallest_group: (
        int  # k: a group of fewer customers is not shown, what others know of a customer fits so many
    )
    seconds: int  # a question is ended after so long
    result_rows: int  # of groups, kept of one question
    single_rows: int  # of single customers, shown on the screen and taken nowhere
    at_once: int  # questions running in the bank at the same time
    keep_hours: int  # results are kept so long, texts for ever

    def problems(self, language: str = "zh") -> list[str]:
        """Limits out of range."""
        found = Findings(language)
        found.need(
            LEAST_GROUP <= self.smallest_group <= 1000,
            f"最小组人数须在 {LEAST_GROUP} 到 1000 之间",
            f"the smallest group must be {LEAST_GROUP} to 1000",
        )
        limits = (
            (self.seconds, MOST_SECONDS),
            (self.result_rows, MOST_ROWS),
            (self.at_once, MOST_AT_ONCE),
            (self.keep_hours, MOST_HOURS),
        )
        found.need(
            all(1 <= number <= most for number, most in limits),
            f"上限：{MOST_SECONDS} 秒、{MOST_ROWS:,} 行、同时 {MOST_AT_ONCE} 个、保留 {MOST_HOURS} 小时",
            f"at most {MOST_SECONDS} seconds, {MOST_ROWS:,} rows, {MOST_AT_ONCE} at once, kept {MOST_HOURS} hours",
        )
        found.need(
            0 <= self.single_rows <= self.result_rows,
            "单客户明细行数不能超过结果行数",
            "rows of single customers must not be more than rows of a result",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """What is hidden, then what is limited."""
        return [
            speak(
                language,
                f"少于 {self.smallest_group} 名客户的组不显示；机构、年龄等特征至少 {self.smallest_group} 人相同。",
                f"Groups of fewer than {self.smallest_group} customers are not shown; outlet, age and the like fit at "
                f"least {self.smallest_group}.",
            ),
            speak(
                language,
                f"单客户明细只在屏幕显示，最多 {self.single_rows} 行，不能导出。",
                f"Rows of single customers are for the screen alone, at most {self.single_rows}.",
            ),
            speak(
                language,
                f"每个查询最长 {self.seconds} 秒、最多 {self.result_rows:,} 行；全行同时运行 {self.at_once} 个；"
                f"结果保留 {self.keep_hours} 小时。",
                f"A question runs {self.seconds} seconds and gives {self.result_rows:,} rows at most; {self.at_once} "
                f"run at once; results are kept {self.keep_hours} hours.",
            ),
        ]
