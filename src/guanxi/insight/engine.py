"""What a step that no SELECT can say may ask of the engine that runs it.

Insight names the face; the lake implements it for each engine (docs/decisions, house rule: insight knows no engine).
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

import pyarrow as pa


class Engine(Protocol):
    """The tables a step has declared, by their names, and nothing else."""

    @property
    def name(self) -> Literal["duckdb", "spark"]:
        """Which engine this is; a step asks only where a library wants to know."""

    def arrow(self, select: str) -> pa.Table:
        """The rows of one SELECT in the house dialect (DuckDB's), types as the tables declare them."""

    def splink(self) -> Any:
        """Splink's own handle of this engine (its DatabaseAPI), over the tables the step may read."""
