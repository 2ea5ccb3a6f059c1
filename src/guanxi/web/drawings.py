"""Charts as SVG for printed sheets, where no script runs. The screen draws its own (`ui.chart`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

LABEL, FIGURE, ROW = 120, 150, 22
BAR, GROUND, MARKED = "#3f6ea8", "#eef1f4", "#b42318"


@dataclass(frozen=True)
class Bar:
    """One horizontal bar: its words, its size, the figure written behind it, and a line to compare with."""

    label: str
    value: float
    text: str
    mark: float | None = None


def bars(rows: Sequence[Bar], *, width: int = 640, most: float | None = None) -> Markup:
    """Horizontal bars from zero, as long as `most` at most (the largest value or mark when not told); sizes below zero
    are drawn as nothing."""
    top = max([most or 0, *(max(row.value, row.mark or 0) for row in rows if most is None)], default=0) or 1
    room = width - LABEL - FIGURE
    drawn = Markup("").join(_bar(row, at * ROW, room, top, width) for at, row in enumerate(rows))
    height = ROW * len(rows)
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" viewBox="0 0 {} {}" font-size="12">'
    )
    return head.format(width, height, width, height) + drawn + Markup("</svg>")


def _bar(row: Bar, top: int, room: int, most: float, width: int) -> Markup:
    length = round(room * min(1.0, max(0.0, row.value / most)), 1)
    text = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    box = Markup('<rect x="{}" y="{}" width="{}" height="12" fill="{}"/>')
    drawn = text.format(LABEL - 8, top + 15, "end", row.label) + box.format(LABEL, top + 5, room, GROUND)
    drawn += box.format(LABEL, top + 5, length, BAR) + text.format(width - 4, top + 15, "end", row.text)
    if row.mark is None:
        return drawn
    at = LABEL + round(room * min(1.0, max(0.0, row.mark / most)), 1)
    line = Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-width="2"/>')
    return drawn + line.format(at, at, top + 2, top + 20, MARKED)
