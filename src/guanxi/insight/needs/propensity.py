"""Fitted chances of taking a product family next: one scorer a family, judged together against what peers took.

Families with too few takers to learn from keep the peers' rate. A model is one JSON text with a hash, as a scorer of
leaving is, so that one switch turns all of it on or off.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from guanxi.insight.foresight.columns import COLUMNS
from guanxi.insight.foresight.judge import logit
from guanxi.insight.foresight.model import Model, ModelError, model_of, text_hash
from guanxi.insight.staging.contract import FAMILIES

Array = np.ndarray
PURPOSE = "need"
HELD = tuple(f"held_{family}" for family in FAMILIES)
OF_PERSON = (*COLUMNS, *HELD)
NAMES = (*OF_PERSON, "peers")  # and how popular the family is among peers, as log-odds
SCHEMA = 1


@dataclass(frozen=True)
class Needs:
    """A fitted model of needs: a scorer for each family that had enough takers to learn from."""

    scorers: Mapping[str, Model]

    def chances(self, values: Array, peers: Mapping[str, Array]) -> dict[str, Array]:
        """Chance of taking each family, per row of `values` (columns OF_PERSON); `peers` are the peers' rates.

        A family without a scorer has the peers' rate.
        """
        found = {}
        for family, rate in peers.items():
            scorer = self.scorers.get(family)
            found[family] = scorer.chance(with_peers(values, rate)) if scorer else np.round(rate, 6)
        return found

    def to_text(self) -> str:
        """The model as JSON, the same text for the same model."""
        parts = {family: json.loads(model.to_text()) for family, model in self.scorers.items()}
        return json.dumps({"schema": SCHEMA, "families": parts}, sort_keys=True, allow_nan=False)


def with_peers(values: Array, rate: Array) -> Array:
    """The columns of a person with the peers' rate of one family beside them."""
    return np.column_stack([values, logit(rate)])


def read_needs(text: str, sha256: str) -> Needs:
    """The model of a text that must have this hash and the columns of today.

    Raises ModelError with a reason code: hash_differs, unreadable, other_schema, other_columns, not_finite.
    """
    if text_hash(text) != sha256:
        raise ModelError("hash_differs")
    try:
        body: Any = json.loads(text)
    except ValueError as error:
        raise ModelError("unreadable") from error
    if not isinstance(body, Mapping) or body.get("schema") != SCHEMA or "families" not in body:
        raise ModelError("other_schema")
    return Needs({family: model_of(part, NAMES) for family, part in body["families"].items()})
