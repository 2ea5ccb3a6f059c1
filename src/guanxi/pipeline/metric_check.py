"""Proves every registered figure of a run: against its source in the lake, and as the operational store shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from guanxi.insight.metrics.registry import Metric
from guanxi.pipeline.publish.source import Source


@dataclass(frozen=True)
class Proof:
    """A metric's three sums: as screens sum it, from its source, as published (None: the store keeps no such sum)."""

    metric: Metric
    figure: Decimal
    source: Decimal
    within: Decimal
    published: Decimal | None

    @property
    def is_proven(self) -> bool:
        """Figure and source lie no further apart than rounding allows, and what is published is the figure itself."""
        near = abs(self.figure - self.source) <= self.within
        return near and self.published in (None, self.figure)


def prove(
    metrics: Iterable[Metric], source: Source, connection: psycopg.Connection[Any] | None
) -> list[Proof]:
    """One proof a metric; without a connection nothing is compared with the operational store."""
    return [_prove(metric, source, connection) for metric in metrics]


def record_proofs(connection: psycopg.Connection[Any], run: str, proofs: Iterable[Proof]) -> None:
    """Keep the run's proofs for the page of figures; a run proven again replaces its own."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM scores_figureproof WHERE run_id = %s", (run,))
        cursor.executemany(
            "INSERT INTO scores_figureproof (run_id, metric, figure, source, within, published, is_proven) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    run,
                    proof.metric.id,
                    proof.figure,
                    proof.source,
                    proof.within,
                    proof.published,
                    proof.is_proven,
                )
                for proof in proofs
            ],
        )


def _prove(metric: Metric, source: Source, connection: psycopg.Connection[Any] | None) -> Proof:
    published = None
    if connection is not None and metric.published is not None:
        row = connection.execute(metric.published).fetchone()
        published = _amount(row[0] if row else None)
    return Proof(
        metric=metric,
        figure=_asked(source, metric.figure),
        source=_asked(source, metric.source),
        within=_asked(source, metric.within) if metric.within else Decimal(0),
        published=published,
    )


def _asked(source: Source, select: str) -> Decimal:
    return _amount(source.engine.rows(select)[0][0])


def _amount(value: object) -> Decimal:
    """A sum over no rows is nothing: zero money."""
    return Decimal(0) if value is None else Decimal(str(value))
