"""The folder's manifest of control totals (控制总数): manifest.toml or manifest.json.

    business_date = 2026-10-31
[files."balances.csv"]
rows = 1048576
sha256 = "…"
[files."balances.csv".sums]
BAL_AMT = "123456789.00"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from guanxi.insight.quality.gates import Expected


@dataclass(frozen=True)
class Control:
    """What the manifest expects, by bank file; empty when the folder has none."""

    files: Mapping[str, Expected]
    business_date: date | None = None

    def columns_of(self, name: str) -> tuple[str, ...]:
        """The bank columns of a file that have a control total."""
        return tuple(self.files[name].sums) if name in self.files else ()


def read_control(folder: Path) -> Control:
    """The folder's manifest; raises ValueError in plain words when it is there and cannot be read."""
    for name, read in (("manifest.toml", tomllib.loads), ("manifest.json", _json)):
        path = folder / name
        if path.is_file():
            body = read(path.read_text(encoding="utf8"))
            stated = body.get("business_date")
            day = date.fromisoformat(str(stated)) if stated else None
            return Control({file: _expected(file, said) for file, said in body.get("files", {}).items()}, day)
    return Control({})


def _json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _expected(file: str, body: Mapping[str, Any]) -> Expected:
    rows = body.get("rows")
    if rows is not None and (isinstance(rows, bool) or not isinstance(rows, int)):
        raise ValueError(f"{file}: rows must be a whole number")
    try:
        sums = {column: Decimal(str(total)) for column, total in body.get("sums", {}).items()}
    except InvalidOperation as error:
        raise ValueError(f"{file}: a sum is no number") from error
    return Expected(rows, sums, str(body.get("sha256", "")))
