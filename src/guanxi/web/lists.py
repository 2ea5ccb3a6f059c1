"""What a list is told about its columns, and the addresses that its filters, sorting and pages link to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from django.http import QueryDict
from markupsafe import Markup, escape

Kind = Literal[
    "text",
    "name",
    "number",
    "money",
    "short",
    "percent",
    "decimal",
    "day",
    "month",
    "moment",
    "change",
    "change_money",
    "change_number",
    "actions",
]


@dataclass(frozen=True)
class Column:
    """One column: its id, its words, how values are written, the key it sorts by, whether it always stays."""

    id: str
    label: str
    kind: Kind = "text"
    sort: str | None = None
    fixed: bool = False
    help: str | None = None

    @cached_property
    def opening(self) -> Markup:
        """The start of its cells: their kind, and the label that a phone shows before the value."""
        return Markup(f'<td class="cell-{self.kind}" data-label="{escape(self.label)}">')  # noqa: S704  # escaped


def chosen_columns(columns: Sequence[Column], wanted: Iterable[str]) -> list[Column]:
    """The columns a person asked for, in their own order, the fixed ones always; all when nothing known is asked."""
    ids = set(wanted)
    chosen = [column for column in columns if column.fixed or column.id in ids]
    return chosen if ids & {column.id for column in columns} else list(columns)


def address(
    query: QueryDict | Mapping[str, str], *, without: Iterable[str] = (), **changed: str | None
) -> str:
    """The same page with parameters changed; None or `without` removes one; a new filter starts at page one."""
    made = query.copy() if isinstance(query, QueryDict) else _as_query(query)
    for name in ("after", "before", *without, *changed):
        made.pop(name, None)
    for name, value in changed.items():
        if value is not None:
            made[name] = value
    return f"?{made.urlencode()}"


def address_for_sort(query: QueryDict | Mapping[str, str]) -> str:
    """The address to which ui.table appends the sort key."""
    head = address(query, without=["sort"])
    return f"{head}{'' if head == '?' else '&'}sort="


def _as_query(values: Mapping[str, str]) -> QueryDict:
    made = QueryDict(mutable=True)
    made.update(dict(values))
    return made
