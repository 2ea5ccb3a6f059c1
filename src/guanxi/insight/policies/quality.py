"""Data quality (数据质量): how far a night's files may differ from what is expected before the night is stopped."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak
from guanxi.insight.policies.filling import Added

FEWEST_NIGHTS, MOST_NIGHTS = 2, 400
"""A night is compared with the one before; a year and a month of nights is more than anybody corrects."""


@dataclass(frozen=True)
class QualityPolicy(Policy):
    """The gates of the night. Shares are of the rows of one file; a file of few rows is never stopped by a share."""

    kind: ClassVar[str] = "quality"

    shrink_share: Decimal  # a snapshot file may lose this share of its rows from one run to the next
    grow_share: Decimal  # and gain this one
    quarantine_share: Decimal  # lines and rows that could not be read, of all in the file
    few_rows: int  # up to this many rows lost, gained or quarantined never stop a night
    line_limit: int  # a line of more bytes is not read
    rows_listed: (
        int  # violations listed for each file and rule, lines kept in quarantine; counts are always complete
    )
    kept_nights: (
        int  # nights whose files stay in the lake and can be made again; figures of months stay for good
    )
    added: ClassVar[tuple[Added, ...]] = (Added("kept_nights", 35, since="0.1.0"),)

    def problems(self, language: str = "zh") -> list[str]:
        """What a bank must put right before this may be approved; empty when sound."""
        findings = Findings(language)
        for share, zh, en in (
            (self.shrink_share, "减少比例", "the share a file may shrink"),
            (self.quarantine_share, "隔离比例", "the share that may be quarantined"),
        ):
            findings.need(0 <= share < 1, f"{zh}应在 0 与 1 之间", f"{en} must lie between 0 and 1")
        findings.need(
            self.grow_share >= 0, "增加比例不能为负", "the share a file may grow cannot be negative"
        )
        findings.need(
            self.few_rows >= 0, "豁免行数不能为负", "the rows that never stop a night cannot be negative"
        )
        findings.need(
            self.line_limit >= 1024, "行长上限至少 1024 字节", "a line must be allowed at least 1024 bytes"
        )
        findings.need(self.rows_listed >= 1, "至少列出一行问题数据", "at least one violation must be listed")
        findings.need(
            FEWEST_NIGHTS <= self.kept_nights <= MOST_NIGHTS,
            f"保留的批次应在 {FEWEST_NIGHTS} 至 {MOST_NIGHTS} 晚之间",
            f"between {FEWEST_NIGHTS} and {MOST_NIGHTS} nights must be kept",
        )
        return findings.said

    def tables(self) -> dict[str, PolicyTable]:
        """No SQL step reads this policy."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """The policy read out."""
        shrink, grow, apart = (
            percent(self.shrink_share),
            percent(self.grow_share),
            percent(self.quarantine_share),
        )
        return [
            speak(
                language,
                f"快照文件比上一次少于 {shrink} 以上或多于 {grow} 以上时停止跑批，需两人确认。",
                f"A snapshot file that shrank by more than {shrink} or grew by more than {grow} stops the night "
                "until two persons agree.",
            ),
            speak(
                language,
                f"隔离行超过文件的 {apart} 时停止跑批；{self.few_rows} 行以内不停。",
                f"More than {apart} of a file in quarantine stops the night; up to {self.few_rows} rows never do.",
            ),
            speak(
                language,
                f"超过 {self.line_limit} 字节的行不读入；每个文件每条规则最多逐行列出 {self.rows_listed} 条。",
                f"A line of more than {self.line_limit} bytes is not read; "
                f"up to {self.rows_listed} violations per file and rule are listed one by one.",
            ),
            speak(
                language,
                f"数据湖保留最近 {self.kept_nights} 晚的文件，更早的日期不再重跑；各月指标长期保留。",
                f"The lake keeps the files of the last {self.kept_nights} nights; earlier dates are not made again, "
                "figures of months stay.",
            ),
        ]
