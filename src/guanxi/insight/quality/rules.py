"""Every quality rule by its name: what it finds, and what then happens to the row or the night."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a broken rule does."""

    REFUSED = "refused"  # the row goes to quarantine, the rest goes on
    MARKED = "marked"  # the row goes on with a mark
    EITHER = "either"  # refused where the column is needed or is money, else marked
    STOPS = "stops"  # the night stops


@dataclass(frozen=True)
class Rule:
    """One rule in both languages."""

    name: str
    outcome: Outcome
    en: str
    zh: str


def _rules(outcome: Outcome, *rules: tuple[str, str, str]) -> list[Rule]:
    return [Rule(name, outcome, en, zh) for name, en, zh in rules]


_ALL = [
    *_rules(
        Outcome.REFUSED,
        ("line.columns", "the line has more or fewer values than the file has columns", "行的列数与表头不符"),
        ("line.quotes", "quotes that do not close, or stand inside a value", "引号未闭合或位置不对"),
        ("line.encoding", "bytes that are no text in the file's encoding", "含有无法按文件编码解读的字节"),
        ("line.nul", "the line holds a NUL byte", "行中含有空字节"),
        ("line.too_long", "the line is longer than the policy allows", "行长超过上限"),
        ("value.missing", "a value every row needs is empty", "必填值为空"),
        (
            "money.unreadable",
            "an amount cannot be read exactly to the fen; it never counts as 0",
            "金额无法精确读到分，绝不当作 0",
        ),
        ("number.beyond", "a number outside what the column can be", "数值超出该列的合理范围"),
        ("day.future", "a day after the business date", "日期晚于业务日期"),
        ("shares.sum", "the shares of an account's holders do not sum to 1", "账户份额合计不等于 100%"),
        (
            "holder.second",
            "a second holder without shares; the first one stands (实名制)",
            "同一账户出现第二个户主且无份额，以第一个为准",
        ),
    ),
    *_rules(
        Outcome.EITHER,
        ("day.unreadable", "a date that is none, or in another format", "日期无法识别"),
        (
            "code.unknown",
            "a code the contract does not know and the mapping does not turn",
            "代码不在取值范围内且没有映射",
        ),
        ("number.unreadable", "a number that cannot be read", "数字无法识别"),
        ("flag.unknown", "neither yes nor no", "既不是“是”也不是“否”"),
    ),
    *_rules(
        Outcome.MARKED,
        (
            "key.duplicate",
            "the key stands again further down; the newest line counts",
            "主键重复，以最新一行为准",
        ),
        (
            "reference.missing",
            "the value is not found in the file it refers to",
            "引用的值在对应文件中不存在",
        ),
        (
            "id.invalid",
            "an identity number or credit code whose form or check digit does not hold",
            "证件号码格式或校验位不符",
        ),
        ("id.birth_date", "the birth date differs from the resident id's", "出生日期与身份证号不一致"),
        ("id.sex", "the sex differs from the resident id's", "性别与身份证号不一致"),
        ("card.invalid", "a card number that fails the Luhn check", "卡号未通过 Luhn 校验"),
        ("contact.invalid", "a phone number or e-mail in no known form", "电话号码或邮箱格式不符"),
        ("account.matures_before_start", "the account matures before it starts", "到期日早于起息日"),
        ("account.closed_before_open", "the account closed before it opened", "销户日早于开户日"),
        (
            "account.no_holder",
            "nobody holds the account: its money belongs to no customer",
            "账户没有户主，余额无法归属客户",
        ),
        ("balance.after_close", "a closed account has a balance", "已销户账户仍有余额"),
        ("transaction.after_close", "a posting after the account closed", "销户后仍有交易"),
        ("transaction.before_open", "a posting before the account opened", "开户前已有交易"),
        ("transaction.negative", "a negative amount (a reversal, 红字冲正)", "金额为负（红字冲正）"),
        ("staff.left_before_start", "the post ended before it began", "离任日期早于任职日期"),
    ),
    *_rules(
        Outcome.STOPS,
        (
            "file.missing",
            "a required file, or one the mapping looks up, is not there",
            "缺少必需文件或关联文件",
        ),
        (
            "file.encoding",
            "the file's encoding is neither UTF-8 nor GB18030",
            "文件编码既非 UTF-8 也非 GB18030",
        ),
        (
            "file.broken",
            "a packed or Parquet file is damaged or ends too early",
            "压缩文件或 Parquet 文件损坏、不完整",
        ),
        (
            "file.header",
            "no header, or one with empty or repeated names",
            "没有表头，或表头有空列名、重复列名",
        ),
        ("gate.columns", "a column the mapping reads is not in the file", "映射引用的列在文件中不存在"),
        (
            "gate.control_total",
            "rows, a sum, the hash or the date differ from the manifest",
            "行数、金额合计或哈希与控制文件不符",
        ),
        (
            "gate.volume",
            "a snapshot file shrank or grew more than the policy allows",
            "快照文件行数增减超过参数",
        ),
        ("gate.quarantine", "more rows in quarantine than the policy allows", "隔离行数超过参数"),
    ),
]
RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}


def rules_page() -> str:
    """docs/insight/quality.md, printed from the rules."""
    lines = [_OPENING]
    for outcome, title in _TITLES.items():
        lines += [f"## {title}", "", "| rule | finds | 含义 |", "|---|---|---|"]
        lines += [f"| `{rule.name}` | {rule.en} | {rule.zh} |" for rule in _ALL if rule.outcome is outcome]
        lines.append("")
    lines.append(_CLOSING)
    return "\n".join(lines)


_TITLES = {
    Outcome.REFUSED: "The row is quarantined (隔离)",
    Outcome.EITHER: "Quarantined or marked, by the column",
    Outcome.MARKED: "The row goes on with a mark (标记放行)",
    Outcome.STOPS: "The night stops (停止跑批)",
}
_OPENING = """# Data quality (数据质量)

<!-- Printed from src/guanxi/insight/quality/rules.py. After a change there:
     GUANXI_WRITE_DOCS=1 pytest tests/insight/staging/test_pages.py -->

Every night each file is checked before anything is computed from it. What is found is written to
`quality.violations/<file>.parquet` in the run's folder, one row for each finding:

| column | holds |
|---|---|
| `extract` | the contract file, or `across` for a comparison between files |
| `file`, `line` | the bank's file and the line where the record begins; in Parquet the row number |
| `column` | the contract column; `file.column` for comparisons; empty when the whole line is meant |
| `rule`, `severity` | the rule below; `refused` or `marked` |
| `value_masked` | the value when it is short and cannot name a person; personal values only as their masked form |
| `detail` | what it was compared with |

A quarantined row or line is also kept as it stood, encrypted with the bank's key, in
`quality.quarantine/<file>.parquet`. Read rows always equal staged + quarantined + duplicates + filtered.
Both are listed up to the policy's limit for each file; the counts in the run's record are always complete.
"""
_CLOSING = """## What is never done

- An amount that cannot be read never becomes 0 and never puts a customer into the lowest tier: its row is quarantined.
- A value is never corrected. The two exceptions add what is absent: a birth date and a sex that the bank does not give
  are taken from a valid resident id.
- An unreadable optional value becomes empty. Where the contract names a default (an account's state, a posting's
  purpose) the default stands in, and the mark says so.
- A row whose reference is not found stays: a balance without its account is reported and then missing in the
  customers' sum, so the reconciliation shows the same difference.
"""
