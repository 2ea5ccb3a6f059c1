"""The lineage of a figure as a drawing: boxes in columns from the bank's files to the figure, and lines between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT, GAP_ACROSS, GAP_DOWN, MARGIN = 156, 30, 40, 12, 4

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
    """Each table stands one column right of the last thing it is made from; the files stand leftmost."""
    arrows = tuple(arrows)
    depth = _depths(arrows)
    columns = _columns(arrows, depth)
    tallest = max((len(column) for column in columns), default=0)
    boxes = {
        name: Box(name, name.split(".")[0], _across(place), _down(row, len(column), tallest))
        for place, column in enumerate(columns)
        for row, name in enumerate(column)
    }
    return Drawing(
        boxes=tuple(boxes.values()),
        paths=tuple(_path(boxes[source], boxes[target]) for source, target in arrows),
        width=_across(len(columns)) - GAP_ACROSS + MARGIN,
        height=tallest * (BOX_HEIGHT + GAP_DOWN) - GAP_DOWN + 2 * MARGIN,
    )


def _depths(arrows: tuple[Arrow, ...]) -> dict[str, int]:
    depth = {name: 0 for arrow in arrows for name in arrow}
    for _round in depth:
        for source, target in arrows:
            depth[target] = max(depth[target], depth[source] + 1)
    return depth


def _columns(arrows: tuple[Arrow, ...], depth: Mapping[str, int]) -> list[list[str]]:
    """Names by column; within one, each near the middle of what it is made from, so that fewer lines cross."""
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sorted(depth):
        columns[depth[name]].append(name)
    height: dict[str, float] = {}
    for column in columns:
        for row, name in enumerate(column):
            sources = [height[source] for source, target in arrows if target == name]
            height[name] = sum(sources) / len(sources) if sources else float(row)
        column.sort(key=lambda name: (height[name], name))
    return columns


def _across(place: int) -> int:
    return MARGIN + place * (BOX_WIDTH + GAP_ACROSS)


def _down(row: int, count: int, tallest: int) -> int:
    step = BOX_HEIGHT + GAP_DOWN
    return MARGIN + row * step + (tallest - count) * step // 2


def _path(source: Box, target: Box) -> str:
    x1, y1 = source.x + BOX_WIDTH, source.y + BOX_HEIGHT // 2
    x2, y2 = target.x, target.y + BOX_HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
