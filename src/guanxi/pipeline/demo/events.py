"""What happens to accounts: balance changes and postings, gathered by subject and put in order once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

SNAPSHOT = -2  # a month-end reminder: no change, no posting
SILENT = -1  # a change without a posting


@dataclass
class Events:
    """Rows of what happened, appended in blocks; every array of a block has the block's length."""

    account: list[np.ndarray] = field(default_factory=list)
    day: list[np.ndarray] = field(default_factory=list)
    seq: list[np.ndarray] = field(default_factory=list)  # order inside a day, 0..250
    change: list[np.ndarray] = field(default_factory=list)  # fen
    transit: list[np.ndarray] = field(default_factory=list)  # fen
    kind: list[np.ndarray] = field(default_factory=list)  # position in shapes.KINDS; negative: no posting
    bank: list[np.ndarray] = field(default_factory=list)  # position in shapes.COUNTER_BANKS; -1
    other: list[np.ndarray] = field(default_factory=list)  # counterparty: position among the parties; -1
    own: list[np.ndarray] = field(default_factory=list)  # counterparty is an account of the same name

    def add(
        self,
        account: np.ndarray,
        day: np.ndarray | int,
        change: np.ndarray | int,
        *,
        kind: np.ndarray | int = SILENT,
        seq: np.ndarray | int = 0,
        transit: np.ndarray | int = 0,
        bank: np.ndarray | int = -1,
        other: np.ndarray | int = -1,
        own: np.ndarray | bool = False,
    ) -> None:
        """Append a block; single values stand for the whole block."""
        rows = len(account)
        if not rows:
            return
        for name, value, kind_of in (
            ("account", account, np.int32),
            ("day", day, np.int32),
            ("seq", seq, np.int16),
            ("change", change, np.int64),
            ("transit", transit, np.int64),
            ("kind", kind, np.int8),
            ("bank", bank, np.int8),
            ("other", other, np.int32),
            ("own", own, np.bool_),
        ):
            getattr(self, name).append(np.broadcast_to(np.asarray(value, kind_of), rows))

    def joined(self) -> dict[str, np.ndarray]:
        """Every column as one array."""
        return {f.name: np.concatenate(getattr(self, f.name)) for f in fields(self)}
