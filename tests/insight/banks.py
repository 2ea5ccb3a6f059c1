"""The policies a bank's folder starts with, for tests that need a sound one."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from guanxi.insight.policies import KINDS, load_policy

BANKS = Path(__file__).parents[2] / "banks"


def policy_of(kind: str, bank: str = "demo", **changed: Any) -> Any:
    """The policy of this kind in the bank's folder, with some entries changed."""
    file = BANKS / bank / "policies" / f"{kind}.toml"
    return replace(load_policy(kind, tomllib.loads(file.read_text(encoding="utf8"))), **changed)


def policies_of(*kinds: str, bank: str = "demo") -> list[Any]:
    """Policies of these kinds; of all kinds the bank has when none is named."""
    have = {file.stem for file in (BANKS / bank / "policies").glob("*.toml")} & set(KINDS)
    return [policy_of(kind, bank) for kind in kinds or sorted(have)]
