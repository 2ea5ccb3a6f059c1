"""Rules that compare files with each other (勾稽检查). What they find is marked and let through, never changed.

Each SELECT reads the staged tables it names as {name} and gives file, line, value_masked, detail.
"""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.insight.staging.contract import FILES


@dataclass(frozen=True)
class CrossRule:
    """One rule; `extract` and `column` are what its violations point at."""

    rule: str
    extract: str
    column: str
    reads: tuple[str, ...]
    sql: str


def _shown(value: str) -> str:
    """A reference that is not found, its middle hidden when it is long enough to be an account or a card."""
    return f"CASE WHEN LENGTH({value}) > 8 THEN CONCAT('******', RIGHT({value}, 4)) ELSE {value} END"


def _references() -> list[CrossRule]:
    rules = []
    for file in FILES:
        for column in file.columns:
            if column.of is None:
                continue
            target, name = column.of.split(".")
            other = "{" + target + "}"
            rules.append(
                CrossRule(
                    "reference.missing",
                    file.name,
                    column.name,
                    tuple(dict.fromkeys((file.name, target))),
                    f"SELECT a.file, a.line, {_shown(f'a.{column.name}')} AS value_masked, '{column.of}' AS detail "
                    f"FROM {{{file.name}}} AS a WHERE a.{column.name} IS NOT NULL "
                    f"AND NOT EXISTS (SELECT 1 FROM {other} AS b WHERE b.{name} = a.{column.name})",
                )
            )
    return rules


_SAID = (
    CrossRule(
        "account.matures_before_start",
        "accounts",
        "matures_on",
        ("accounts",),
        """SELECT file, line, CAST(matures_on AS VARCHAR) AS value_masked,
               CAST(COALESCE(started_on, opened_on) AS VARCHAR) AS detail
        FROM {accounts} WHERE matures_on < COALESCE(started_on, opened_on)""",
    ),
    CrossRule(
        "account.closed_before_open",
        "accounts",
        "closed_on",
        ("accounts",),
        """SELECT file, line, CAST(closed_on AS VARCHAR) AS value_masked, CAST(opened_on AS VARCHAR) AS detail
        FROM {accounts} WHERE closed_on < opened_on""",
    ),
    CrossRule(
        "account.no_holder",
        "accounts",
        "account_no",
        ("accounts", "account_parties"),
        """SELECT a.file, a.line, CAST(NULL AS VARCHAR) AS value_masked, '' AS detail FROM {accounts} AS a
        WHERE NOT EXISTS (SELECT 1 FROM {account_parties} AS p
                          WHERE p.account_no = a.account_no AND p.role IN ('holder', 'joint'))""",
    ),
    CrossRule(
        "balance.after_close",
        "balances",
        "balance",
        ("balances", "accounts"),
        """SELECT b.file, b.line, CAST(b.balance AS VARCHAR) AS value_masked, CAST(a.closed_on AS VARCHAR) AS detail
        FROM {balances} AS b JOIN {accounts} AS a ON a.account_no = b.account_no
        WHERE a.closed_on IS NOT NULL AND b.day >= a.closed_on AND b.balance <> 0""",
    ),
    CrossRule(
        "transaction.after_close",
        "transactions",
        "day",
        ("transactions", "accounts"),
        """SELECT t.file, t.line, CAST(t.day AS VARCHAR) AS value_masked, CAST(a.closed_on AS VARCHAR) AS detail
        FROM {transactions} AS t JOIN {accounts} AS a ON a.account_no = t.account_no WHERE t.day > a.closed_on""",
    ),
    CrossRule(
        "transaction.before_open",
        "transactions",
        "day",
        ("transactions", "accounts"),
        """SELECT t.file, t.line, CAST(t.day AS VARCHAR) AS value_masked, CAST(a.opened_on AS VARCHAR) AS detail
        FROM {transactions} AS t JOIN {accounts} AS a ON a.account_no = t.account_no WHERE t.day < a.opened_on""",
    ),
    CrossRule(
        "transaction.negative",
        "transactions",
        "amount",
        ("transactions",),
        """SELECT file, line, CAST(amount AS VARCHAR) AS value_masked, direction AS detail
        FROM {transactions} WHERE amount < 0""",
    ),
    CrossRule(
        "staff.left_before_start",
        "staff",
        "valid_to",
        ("staff",),
        """SELECT file, line, CAST(valid_to AS VARCHAR) AS value_masked, CAST(valid_from AS VARCHAR) AS detail
        FROM {staff} WHERE valid_to < valid_from""",
    ),
)


def cross_rules() -> tuple[CrossRule, ...]:
    """All rules over more than one row's own file, references first."""
    return (*_references(), *_SAID)
