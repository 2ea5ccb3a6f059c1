"""The audit pack as a workbook: the same bytes from the same data and language, whoever takes it whenever."""

import io
from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.crm.compliance.pack.figures import Part, Span
from guanxi.web import formats
from guanxi.web.sheets import Sheet, write_workbook

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_of(span: Span, parts: Sequence[Part]) -> bytes:
    """A sheet for each part. Who took it and when stands in the trail, and not in the file."""
    notes = [
        _("From %(first)s to %(last)s") % {"first": formats.day(span.first), "last": formats.day(span.last)}
    ]
    stream = io.BytesIO()
    sheets = [Sheet(part.title, part.columns, part.rows, notes) for part in parts]
    write_workbook(stream, sheets, made_at=span.end)
    return stream.getvalue()
