"""The lineage of a figure as a drawing: boxes in columns from the bank's files to the figure, and lines between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT, GAP_ACROSS, GAP_DOWN, MARGIN = 168, 28, 72, 10, 4
STAGES = (("raw", "staged", "quality", "ops"), ("core",), ("feature",), ("score",), ("report",))
"""Families by column: the bank's files and what people decided, the single customer, facts, scores, sums."""

Arrow = tuple[str, str]


@dataclass(frozen=True)
class Box:
    """A table and where its upper left corner stands."""

    name: str
    family: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Boxes, lines as SVG path data, and the size of it all in pixels."""

    boxes: tuple[Box, ...]
    paths: tuple[str, ...]
    width: int
    height: int
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def draw_lineage(arrows: Iterable[Arrow]) -> Drawing:
    """One column a stage of the way; within a column what is made first stands higher."""
    arrows = tuple(arrows)
    columns = _columns(arrows)
    boxes = {
        name: Box(name, name.split(".")[0], _across(place), _down(row))
        for place, column in enumerate(columns)
        for row, name in enumerate(column)
    }
    tallest = max((len(column) for column in columns), default=0)
    return Drawing(
        boxes=tuple(boxes.values()),
        paths=tuple(_path(boxes[source], boxes[target]) for source, target in arrows),
        width=_across(len(columns)) - MARGIN,
        height=_down(tallest) - GAP_DOWN + MARGIN,
    )


def _columns(arrows: tuple[Arrow, ...]) -> list[list[str]]:
    depth = _depths(arrows)
    ordered = sorted(depth, key=lambda name: (depth[name], name))
    columns = [[name for name in ordered if name.split(".")[0] in families] for families in STAGES]
    return [column for column in columns if column]


def _depths(arrows: tuple[Arrow, ...]) -> dict[str, int]:
    """How many steps lie before a table at most."""
    depth = {name: 0 for arrow in arrows for name in arrow}
    for _round in depth:
        for source, target in arrows:
            depth[target] = max(depth[target], depth[source] + 1)
    return depth


def _across(place: int) -> int:
    return MARGIN + place * (BOX_WIDTH + GAP_ACROSS)


def _down(row: int) -> int:
    return MARGIN + row * (BOX_HEIGHT + GAP_DOWN)


def _path(source: Box, target: Box) -> str:
    """To the next columns from right to left edge; within a column an arc out to the right and back."""
    x1, y1, y2 = source.x + BOX_WIDTH, source.y + BOX_HEIGHT // 2, target.y + BOX_HEIGHT // 2
    if source.x == target.x:
        out = x1 + GAP_ACROSS // 2
        return f"M{x1} {y1}C{out} {y1} {out} {y2} {x1} {y2}"
    middle = (x1 + target.x) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {target.x} {y2}"
