"""The rows of the customer list as markup; what stands in most cells is written by guanxi.web.written."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from guanxi.crm.desk.listing import Line, why_empty
from guanxi.web.lists import Column
from guanxi.web.written import html_of, tint_of

NOBODY = UUID(int=0)


def rows(lines: Iterable[Line], columns: Sequence[Column]) -> Iterator[Markup]:
    """One table row a line, its cells in the columns' order; a click anywhere in it opens the customer."""
    before, _uuid, after = reverse("desk:customer", args=[NOBODY]).partition(str(NOBODY))
    for line in lines:
        address = f"{before}{line.uuid}{after}"
        cells = "".join(f"{column.opening}{_cell(line, column, address)}</td>" for column in columns)
        kind = ' class="row-amber"' if line.watch else ""
        yield Markup(f'<tr data-href="{address}"{kind}>{cells}</tr>\n')  # noqa: S704  # each cell is escaped


def _cell(line: Line, column: Column, address: str) -> str:
    value = line.values[column.id]
    if column.id == "name":
        return f'<a href="{address}">{escape(value)}</a>{_watched() if line.watch else ""}'
    if column.id == "tier":
        return _badge(line, value)
    if value is None:
        return _nobody() if column.id == "keeper" else html_of(column.kind, None, why_empty(line, column.id))
    return html_of(column.kind, value)


def _badge(line: Line, label: str) -> str:
    why = "" if line.rank else f' title="{escape(line.reason)}"'
    return f'<span class="tier {tint_of(line.rank, label)}"{why}>{escape(label)}</span>'


def _watched() -> str:
    why = escape(_("Below the line of the tier held; falls if it stays so"))
    return f' <span class="state state-amber" title="{why}">{escape(_("on watch"))}</span>'


def _nobody() -> str:
    return f'<span class="state state-amber">{escape(_("nobody"))}</span>'
