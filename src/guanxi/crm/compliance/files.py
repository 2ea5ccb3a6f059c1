"""The file a person gets (个人信息副本): a zip with a page to read, each table as JSON and as CSV, and the documents.

Same rows, same explanation, same moment: same bytes.
"""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from guanxi.crm.compliance.explain import Explanation
from guanxi.crm.compliance.gather import Gathered, Table
from guanxi.crm.compliance.words import kind_of_column, table_name
from guanxi.web.sheets import harmless

STAMP = (1980, 1, 1, 0, 0, 0)
"""The moment of every entry of the zip; when it was made stands in the page, and is an argument."""


def zip_of(gathered: Gathered, explanation: Explanation, notes: Sequence[str]) -> bytes:
    """The whole file; `notes`: who made it, when, for which request."""
    stood = [table for table in gathered.tables if table.rows]
    shown = {
        "tables": [_shown(table) for table in stood],
        "empty": [table_name(table.label) for table in gathered.tables if not table.rows],
        "explanation": explanation,
        "notes": notes,
        "papers": sorted(gathered.papers),
        "customer_nos": gathered.named.customer_nos,
    }
    entries: dict[str, bytes] = {
        "index.html": render_to_string("compliance/copy/index.html", shown).encode(),
        "explanation.json": _json(_plain(explanation)),
    }
    for table in stood:
        entries[f"data/{table.label}.json"] = _json([dict(row) for row in table.rows])
        entries[f"data/{table.label}.csv"] = _csv(table)
    for name, content in gathered.papers.items():
        entries[f"papers/{name}"] = content
    return _zipped(entries)


def _shown(table: Table) -> dict[str, Any]:
    return {
        "label": table.label,
        "name": table_name(table.label),
        "columns": [(name, kind_of_column(table.label, name)) for name in table.columns],
        "rows": [[row.get(name) for name in table.columns] for row in table.rows],
    }


def _plain(explanation: Explanation) -> dict[str, Any]:
    return {
        "figures": [
            {"what": one.what, "said": one.said, "why": [str(why) for why in one.why]}
            for one in explanation.figures
        ],
        "policies": [list(pair) for pair in explanation.policies],
        "run": explanation.run,
        "as_of": explanation.as_of,
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def _csv(table: Table) -> bytes:
    """Opened by spreadsheets: with the mark of UTF-8, and no text that acts as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_cell(row.get(name)) for name in table.columns])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, Mapping | list | tuple):
        return harmless(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False))
    return value


def _zipped(entries: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(entries):
            told = zipfile.ZipInfo(name, STAMP)
            told.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(told, entries[name])
    return stream.getvalue()
