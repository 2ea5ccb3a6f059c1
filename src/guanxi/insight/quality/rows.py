"""Rules over the rows of one contract file that send rows to quarantine because they contradict each other.

Each SELECT reads {rows} (the file's rows that still stand) and gives rank, file, line, detail of the rows that go.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RowRule:
    """One such rule; `column` is the one its violations name."""

    rule: str
    column: str
    sql: str


_OWNERS = "SELECT * FROM {rows} AS whole WHERE role IN ('holder', 'joint')"

SHARES_SUM = RowRule(
    "shares.sum",
    "share",
    f"""
    WITH owners AS ({_OWNERS}),
    wrong AS (
        SELECT account_no, SUM(COALESCE(share, 0)) AS total
        FROM owners
        GROUP BY account_no
        HAVING COUNT(share) > 0 AND SUM(COALESCE(share, 0)) <> 1
    )
    SELECT owners."{{rank}}" AS rank, owners.file, owners.line, CAST(wrong.total AS VARCHAR) AS detail
    FROM owners
    JOIN wrong ON wrong.account_no = owners.account_no
    """,
)

HOLDER_SECOND = RowRule(
    "holder.second",
    "role",
    f"""
    WITH owners AS ({_OWNERS}),
    numbered AS (
        SELECT owners."{{rank}}" AS rank, owners.file, owners.line, owners.account_no,
               ROW_NUMBER() OVER (
                   PARTITION BY owners.account_no
                   ORDER BY CASE WHEN owners.role = 'holder' THEN 0 ELSE 1 END, owners."{{rank}}", owners.line
               ) AS place,
               COUNT(owners.share) OVER (PARTITION BY owners.account_no) AS shares
        FROM owners
    )
    SELECT rank, file, line, '' AS detail
    FROM numbered
    WHERE place > 1 AND shares = 0
    """,
)

ROW_RULES: dict[str, tuple[RowRule, ...]] = {"account_parties": (SHARES_SUM, HOLDER_SECOND)}
