"""A model as it is kept: one JSON text with its scorer, calibration, columns and what it was made of, and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from guanxi.insight.foresight.judge import sigmoid
from guanxi.insight.foresight.scorers import Scorer, scorer_of

Array = np.ndarray
SCHEMA = 1


class ModelError(ValueError):
    """A model that may not serve; the message is the reason code."""


@dataclass(frozen=True)
class Model:
    """A calibrated scorer. `edges` and `shares` are the bins of its chances when it was made, for drift."""

    purpose: str
    kind: str  # logistic | trees
    names: tuple[str, ...]
    scorer: Scorer
    slope: float
    level: float
    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def chance(self, values: Array) -> Array:
        """Calibrated chance per row, rounded to six digits so that it is the same on any machine."""
        return np.round(sigmoid(self.slope * self.scorer.margin(values) + self.level), 6)

    def to_text(self) -> str:
        """The model as JSON, the same text for the same model."""
        body = {
            "schema": SCHEMA,
            "purpose": self.purpose,
            "kind": self.kind,
            "names": list(self.names),
            "slope": self.slope,
            "level": self.level,
            "edges": list(self.edges),
            "shares": list(self.shares),
            "scorer": self.scorer.body(),
        }
        return json.dumps(body, sort_keys=True, allow_nan=False)


def text_hash(text: str) -> str:
    """SHA-256 of a model's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_model(text: str, sha256: str, names: Sequence[str]) -> Model:
    """The model of a text that must have this hash and exactly these columns.

    Raises ModelError with a reason code: hash_differs, unreadable, other_schema, other_columns, not_finite.
    """
    if text_hash(text) != sha256:
        raise ModelError("hash_differs")
    try:
        body = json.loads(text)
    except ValueError as error:
        raise ModelError("unreadable") from error
    return model_of(body, names)


def model_of(body: object, names: Sequence[str]) -> Model:
    """The model of a text already read; raises ModelError: other_schema, other_columns, not_finite."""
    if not isinstance(body, Mapping) or body.get("schema") != SCHEMA:
        raise ModelError("other_schema")
    if tuple(body.get("names", ())) != tuple(names):
        raise ModelError("other_columns")
    return _made(body)


def _made(body: Mapping[str, Any]) -> Model:
    try:
        model = Model(
            purpose=str(body["purpose"]),
            kind=str(body["kind"]),
            names=tuple(body["names"]),
            scorer=scorer_of(str(body["kind"]), body["scorer"]),
            slope=float(body["slope"]),
            level=float(body["level"]),
            edges=tuple(float(edge) for edge in body["edges"]),
            shares=tuple(float(share) for share in body["shares"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("not_finite") from error
    if not np.isfinite([model.slope, model.level, *model.edges, *model.shares]).all():
        raise ModelError("not_finite")
    return model


@dataclass(frozen=True)
class Reason:
    """Why a row's chance is above the usual: a group of columns, what it adds, and the value of its strongest one."""

    code: str
    weight: float
    value: float


def strongest_reasons(
    model: Model, values: Array, groups: Mapping[str, str], most: int = 3
) -> list[list[Reason]]:
    """At most `most` groups of columns that raise each row's chance, the strongest first; a column without a group is
    its own."""
    added = model.scorer.contributions(values) * model.slope
    codes = [groups.get(name, name) for name in model.names]
    kinds = list(dict.fromkeys(codes))
    member = np.array([[code == kind for code in codes] for kind in kinds])
    sums = added @ member.T
    return [_reasons(kinds, member, sums[row], added[row], values[row], most) for row in range(len(values))]


def _reasons(
    kinds: list[str], member: Array, sums: Array, added: Array, values: Array, most: int
) -> list[Reason]:
    found = []
    for place in np.argsort(-sums, kind="stable")[:most]:
        if sums[place] <= 0:
            break
        column = int(np.argmax(np.where(member[place], added, -np.inf)))
        found.append(Reason(kinds[place], round(float(sums[place]), 4), round(float(values[column]), 4)))
    return found
