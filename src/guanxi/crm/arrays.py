"""Lists as PostgreSQL writes them (数组): one text for a whole column.

The driver writes a list element by element in Python; for the thousands of values of a batch that was a fifth of the
sender's time. To be used where the statement names the type: `%s::bigint[]`.
"""

from collections.abc import Iterable
from datetime import date, datetime


def numbers(values: Iterable[int | None]) -> str:
    """Whole numbers.

    >>> numbers([3, None, -1])
    '{3,NULL,-1}'
    """
    return "{" + ",".join(["NULL" if value is None else f"{value:d}" for value in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    r"""Texts, whatever they hold.

    >>> print(texts(["定期", None, 'a "b" \\']))
    {"定期",NULL,"a \"b\" \\"}
    """
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def instants(values: Iterable[datetime | date | None]) -> str:
    """Instants or days, as ISO 8601 writes them."""
    return texts([None if value is None else value.isoformat() for value in values])


def _quoted(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
