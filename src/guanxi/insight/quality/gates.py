"""The gates: what stops a night although every row could be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from guanxi.insight.policies.base import percent
from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.said import Said


@dataclass(frozen=True)
class Volume:
    """How many rows of a contract file were read, staged and quarantined."""

    name: str
    rows: int
    staged: int
    quarantined: int


@dataclass(frozen=True)
class VolumeChange(Said):
    """A file that shrank or grew beyond the policy: what two persons may accept, by its rows before and now."""

    file: str
    rows_before: int
    rows_now: int


@dataclass(frozen=True)
class Expected:
    """What the folder's manifest says of one bank file: rows, sums by the bank's column names, a hash."""

    rows: int | None = None
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    sha256: str = ""


def check_volumes(
    volumes: Sequence[Volume], previous: Mapping[str, int], policy: QualityPolicy
) -> list[Said]:
    """Files that shrank, grew or were refused beyond the policy; `previous` holds staged rows of the run before."""
    return [
        said
        for volume in volumes
        for said in (*_changed(volume, previous, policy), *_quarantined(volume, policy))
    ]


def _changed(volume: Volume, previous: Mapping[str, int], policy: QualityPolicy) -> list[Said]:
    before = previous.get(volume.name, 0)
    change = volume.staged - before
    if not before or abs(change) <= policy.few_rows:
        return []
    limit = policy.shrink_share if change < 0 else policy.grow_share
    share = Decimal(abs(change)) / Decimal(before)
    if share <= limit:
        return []
    verb, word = ("shrank", "减少") if change < 0 else ("grew", "增加")
    exact = percent(round(share, 4))
    return [
        VolumeChange(
            volume.name,
            f"{verb} by {exact} ({before} → {volume.staged} rows), more than {percent(limit)}; two persons must agree",
            f"行数{word} {exact}（{before} → {volume.staged}），超过 {percent(limit)}，须两人确认后才能继续",
            file=volume.name,
            rows_before=before,
            rows_now=volume.staged,
        )
    ]


def _quarantined(volume: Volume, policy: QualityPolicy) -> list[Said]:
    if volume.quarantined <= policy.few_rows or volume.quarantined <= policy.quarantine_share * volume.rows:
        return []
    limit = percent(policy.quarantine_share)
    return [
        Said(
            volume.name,
            f"{volume.quarantined} of {volume.rows} rows could not be used, more than {limit}",
            f"{volume.rows} 行中有 {volume.quarantined} 行无法使用，超过 {limit}",
        )
    ]


def check_control(
    name: str,
    expected: Expected,
    rows: int,
    sums: Mapping[str, Decimal],
    unsummed: Mapping[str, int],
    sha256: str,
) -> list[Said]:
    """Where a bank file differs from its control totals; to the fen."""
    found = []
    if expected.rows is not None and expected.rows != rows:
        found.append(
            Said(
                name,
                f"control total: {expected.rows} rows expected, {rows} read",
                f"控制总数不符：应有 {expected.rows} 行，读到 {rows} 行",
            )
        )
    for column, total in expected.sums.items():
        if column not in sums:
            found.append(
                Said(name, f"control total on {column}: no such column", f"控制总数所指的列 {column} 不存在")
            )
        elif sums[column] != total or unsummed.get(column):
            lost = unsummed.get(column, 0)
            found.append(
                Said(
                    name,
                    f"control total of {column}: {total} expected, {sums[column]} read ({lost} amounts unreadable)",
                    f"列 {column} 的控制总额不符：应为 {total}，实为 {sums[column]}（{lost} 个金额无法读取）",
                )
            )
    if expected.sha256 and expected.sha256.lower() != sha256:
        found.append(
            Said(name, "the file's SHA-256 differs from the manifest's", "文件 SHA-256 与控制文件不一致")
        )
    return found
