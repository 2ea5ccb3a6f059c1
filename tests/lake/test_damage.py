"""Files damaged at random: rejected or quarantined, never half loaded, never a crash."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lake.bankfiles import load, staged, write_bank

from guanxi.lake.extracts import ExtractRefused

SIZES = {"customers": 40, "accounts": 40, "account_parties": 40, "contact_points": 40, "balances": 80}
Damage = Callable[[bytes, random.Random], bytes]


def _flip(whole: bytes, chance: random.Random) -> bytes:
    body = bytearray(whole)
    for _ in range(chance.randrange(1, 8)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(body)


def _insert(text: bytes) -> Damage:
    def damage(whole: bytes, chance: random.Random) -> bytes:
        at = chance.randrange(len(whole))
        return whole[:at] + text + whole[at:]

    return damage


def _drop(whole: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(whole))
    return whole[:at] + whole[at + chance.randrange(1, 200) :]


def _line(change: Callable[[bytes], bytes]) -> Damage:
    def damage(whole: bytes, chance: random.Random) -> bytes:
        lines = whole.split(b"\n")
        at = chance.randrange(len(lines))
        lines[at] = change(lines[at])
        return b"\n".join(lines)

    return damage


DAMAGES: list[Damage] = [
    _flip,
    _drop,
    lambda whole, chance: whole[: chance.randrange(len(whole))],
    lambda whole, _: whole.replace(b",", b";"),
    lambda whole, _: b"\xef\xbb\xbf" + whole,
    lambda whole, _: whole.replace(b"\n", b"\r\n"),
    lambda whole, _: whole.replace(b"\n", b"\r"),
    lambda whole, _: whole.decode().encode("gb18030"),
    lambda whole, _: whole.decode().encode("utf-16"),
    lambda whole, _: whole + whole,
    lambda whole, _: b"\x1f\x8b" + whole,
    lambda whole, _: b"PAR1" + whole,
    lambda whole, _: b"\x28\xb5\x2f\xfd" + whole,
    _insert(b'"'),
    _insert(b"\0"),
    _insert(b"\n"),
    _insert(b","),
    _insert("王".encode("gb18030")),
    _insert(b"9" * 50_000),
    _line(lambda line: line + b",x"),
    _line(lambda line: line.rpartition(b",")[0]),
    _line(lambda line: line[::-1]),
]


def damage_and_load(home: Path, trials: int, seed: int) -> int:
    """Damage one file of a clean folder, load it, put it right again; returns how many nights were refused."""
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    write_bank(home / "files", SIZES)
    refused = 0
    for trial in range(trials):
        path = home / "files" / f"{chance.choice(list(SIZES))}.csv"
        whole = path.read_bytes()
        path.write_bytes(DAMAGES[trial % len(DAMAGES)](whole, chance))
        into = home / f"into-{trial}"
        refused += not _accounted_for(home / "files", into)
        path.write_bytes(whole)
    return refused


def _accounted_for(folder: Path, into: Path) -> bool:
    """Load, and count every row; False when the night was refused."""
    try:
        report = load(folder, into)
    except ExtractRefused:
        return False
    for file in report.files:
        assert file.rows == file.staged + file.quarantined + file.duplicates + file.filtered
        assert len(staged(into, file.name)) == file.staged
    return True


def test_damaged_files_are_refused_or_read_with_every_row_accounted_for(tmp_path: Path) -> None:
    assert 0 < damage_and_load(tmp_path, len(DAMAGES), seed=1) < len(DAMAGES)


@pytest.mark.faults
def test_many_damaged_files(tmp_path: Path) -> None:
    # one of each kind at least: some are always refused, some never
    trials = max(len(DAMAGES), int(os.environ.get("GUANXI_FAULT_TRIALS", "5000")))
    assert 0 < damage_and_load(tmp_path, trials, seed=2) < trials
