"""One bank: its folder (mapping, policies, words) and its home (lake, keys, lock, database name)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BankError(ValueError):
    """A bank folder that cannot be used; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Bank:
    """A bank as its folder describes it."""

    code: str
    name: str
    name_en: str
    folder: Path
    home: Path  # GUANXI_HOME/<code>: one lake, one key set, one lock

    @property
    def lake(self) -> Path:
        """Root of the analytic store."""
        return self.home / "lake"

    @property
    def mapping_file(self) -> Path:
        """The mapping of the bank's files to the contract."""
        return self.folder / "mapping.toml"

    def policy_payloads(self) -> dict[str, dict[str, Any]]:
        """The bank's starting policies: kind → payload, from policies/<kind>.toml."""
        found = sorted((self.folder / "policies").glob("*.toml"))
        return {path.stem: tomllib.loads(path.read_text(encoding="utf8")) for path in found}


def open_bank(folder: Path, home: Path) -> Bank:
    """Read a bank folder; raises BankError when it is none."""
    description = folder / "bank.toml"
    if not description.is_file():
        raise BankError(
            f"{folder}: no bank.toml here. A bank folder holds bank.toml, mapping.toml and policies/."
        )
    body = tomllib.loads(description.read_text(encoding="utf8")).get("bank", {})
    missing = [key for key in ("code", "name", "name_en") if not body.get(key)]
    if missing:
        raise BankError(f"{description}: [bank] lacks {', '.join(missing)}")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", body["code"]):
        raise BankError(
            f"{description}: code must be lower-case letters, digits and _, it names a database and a folder"
        )
    return Bank(body["code"], body["name"], body["name_en"], folder.resolve(), home / body["code"])
