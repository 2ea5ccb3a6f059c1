"""The door: tokens meet, masks hide, the vault opens only with the bank's keys."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lake.bankfiles import KEYS

from guanxi.insight.staging.identifiers import Protected
from guanxi.lake.door import Door, DoorError, DoorKeys, fresh_keys, read_keys

values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


@given(st.sampled_from([kind for kind in Protected if kind is not Protected.NAME]), values)
def test_what_goes_in_comes_out_of_the_vault_byte_exact(kind: Protected, value: str) -> None:
    door = Door(KEYS)
    shown, rows = door.protect(kind, [value])
    if rows:
        assert door.reveal(rows[0]) == value
        assert rows[0].token == shown[0].token == door.token(kind, value)
        assert len(value) < 4 or value.encode() not in rows[0].ciphertext


@given(values)
def test_a_quarantined_line_opens_again(text: str) -> None:
    door = Door(KEYS)
    sealed = door.seal_line(text.encode())
    assert door.open_line(sealed) == text.encode()
    assert sealed == door.seal_line(text.encode())
    assert len(text) < 4 or text.encode() not in sealed


def test_an_empty_line_opens_again() -> None:
    door = Door(KEYS)
    assert door.open_line(door.seal_line(b"")) == b""


def test_one_number_written_in_many_ways_has_one_token() -> None:
    door = Door(KEYS)
    ways = ["13800138000", "+86 138-0013-8000", "１３８００１３８０００"]
    assert len({door.token(Protected.MOBILE, way) for way in ways}) == 1


def test_tokens_of_another_kind_or_another_bank_never_meet() -> None:
    door, other = Door(KEYS), Door(fresh_keys())
    assert door.token(Protected.MOBILE, "13800138000") != door.token(Protected.PHONE, "13800138000")
    assert door.token(Protected.MOBILE, "13800138000") != other.token(Protected.MOBILE, "13800138000")


def test_a_token_tells_its_key_and_nothing_of_its_value() -> None:
    token = Door(KEYS).token(Protected.MOBILE, "13800138000")
    key_id, _, digest = token.partition(".")
    assert key_id == "k1"
    assert len(digest) == 32
    assert "138" not in Door(KEYS).protect(Protected.RESIDENT_ID, ["11010519491231002X"])[0][0].masked


def test_after_a_rotation_old_values_open_and_are_still_found() -> None:
    old = Door(KEYS)
    row = old.protect(Protected.CARD, ["6222020000000000"])[1][0]
    new = fresh_keys("k2")
    rotated = Door(DoorKeys("k2", {**KEYS.token, **new.token}, {**KEYS.vault, **new.vault}))
    assert rotated.reveal(row) == "6222020000000000"
    assert old.token(Protected.CARD, "6222020000000000") in rotated.tokens(
        Protected.CARD, "6222 0200 0000 0000"
    )
    assert rotated.tokens(Protected.CARD, "6222020000000000")[0].startswith("k2.")


def test_a_changed_value_or_a_foreign_key_opens_nothing() -> None:
    door = Door(KEYS)
    row = door.protect(Protected.MOBILE, ["13800138000"])[1][0]
    with pytest.raises(DoorError):
        door.reveal(row._replace(ciphertext=row.ciphertext[:-1] + bytes([row.ciphertext[-1] ^ 1])))
    with pytest.raises(DoorError):
        door.reveal(row._replace(kind="card"))
    with pytest.raises(DoorError):
        Door(fresh_keys("k1")).reveal(row)
    with pytest.raises(DoorError):
        Door(fresh_keys("k9")).reveal(row)


def test_names_of_counterparties_are_never_in_the_vault() -> None:
    shown, rows = Door(KEYS).protect(Protected.NAME, ["张三"])
    assert rows == []
    assert shown[0].masked == "张*"
    assert shown[0].valid is None


def test_keys_are_made_once_and_only_the_owner_may_read_them(tmp_path: Path) -> None:
    first = read_keys(tmp_path / "home", {})
    path = tmp_path / "home" / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_keys(tmp_path / "home", {}) == first
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_a_named_key_file_is_used_and_never_made(tmp_path: Path) -> None:
    named = {"GUANXI_KEYS": str(tmp_path / "vault" / "keys.json")}
    with pytest.raises(DoorError, match="not there"):
        read_keys(tmp_path / "home", named)
    made = read_keys(tmp_path / "vault", {})
    assert read_keys(tmp_path / "home", named) == made
    assert not (tmp_path / "home").exists()


def test_keys_that_others_may_read_or_that_are_none_are_refused(tmp_path: Path) -> None:
    read_keys(tmp_path, {})
    path = tmp_path / "keys.json"
    path.chmod(0o644)
    with pytest.raises(DoorError, match="chmod 600"):
        read_keys(tmp_path, {})
    path.chmod(0o600)
    body = json.loads(path.read_text())
    for broken in (
        "{}",
        "no json",
        json.dumps({**body, "current": "k7"}),
        json.dumps({"current": "k1", "keys": []}),
    ):
        path.write_text(broken)
        with pytest.raises(DoorError):
            read_keys(tmp_path, {})
    short = replace(KEYS, token={"k1": b"short"})
    path.write_text(
        json.dumps({"current": "k1", "keys": {"k1": {"token": short.token["k1"].hex(), "vault": "00"}}})
    )
    with pytest.raises(DoorError, match="length"):
        read_keys(tmp_path, {})


def test_two_programs_that_start_at_once_end_with_the_same_keys(tmp_path: Path) -> None:
    pids = []
    for _ in range(4):
        pid = os.fork()
        if not pid:
            read_keys(tmp_path / "home", {})
            os._exit(0)
        pids.append(pid)
    assert all(os.waitpid(pid, 0)[1] == 0 for pid in pids)
    assert read_keys(tmp_path / "home", {}) == read_keys(tmp_path / "home", {})
