"""Printed sheets (PDF) from Jinja templates: made in the process, from what is packaged, without any network.

A sheet extends `web/print/sheet.html`, whose look is `print/sheet.css`. Charts are SVG made by `guanxi.web.drawings`.
Whoever hands a sheet out records it in the trail, in the same transaction.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from guanxi.web import formats

TYPE = "application/pdf"
OWN = "guanxi:"
"""What a sheet may name: `guanxi:sheet.css` is the packaged file print/sheet.css."""
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)  # seven lines a sheet otherwise


class OutsideRefused(BaseException):
    """A sheet asked for something that is not packaged.

    Not an Exception: the engine would note an ordinary error and print the sheet without what was asked for.
    """


def mark_of(name: str, staff_no: str, moment: datetime) -> str:
    """The watermark of a sheet taken away: who took it and when, by the clock here."""
    return f"{name} {staff_no}  {formats.moment(timezone.localtime(moment))}"


def pdf_bytes(template: str, context: Mapping[str, Any], *, mark: str = "") -> bytes:
    """The sheet as a file. Same template, context, mark and language: same bytes. Raises OutsideRefused."""
    # The engine takes a third of a second to import; most processes never print.
    from PIL import ImageFile
    from weasyprint import HTML

    # It lets every picture of the process be cut off; those that people hand in must be whole (`web/photos.py`).
    ImageFile.LOAD_TRUNCATED_IMAGES = False

    told = render_to_string(template, {**context, "mark": mark})
    made: bytes = HTML(string=told, base_url=OWN, url_fetcher=packaged).write_pdf(pdf_tags=True)
    return made


def pdf_response(template: str, context: Mapping[str, Any], name: str, *, mark: str = "") -> HttpResponse:
    """The sheet as an answer; `name` without ending, it may be Chinese. Never kept by a browser."""
    return pdf_answer(pdf_bytes(template, context, mark=mark), name)


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A sheet made before as an answer, opened in the browser under this name."""
    answer = HttpResponse(content, content_type=TYPE)
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}.pdf"
    answer["Cache-Control"] = "private, no-store"
    return answer


def packaged(url: str) -> Any:
    """The url fetcher of the engine: packaged files by their names, all else is refused."""
    from weasyprint.urls import URLFetcherResponse

    name = url.removeprefix(OWN)
    if not url.startswith(OWN) or not name.replace("-", "").replace(".", "").isalnum():
        raise OutsideRefused(f"A printed sheet may not fetch {url}")
    body = files("guanxi.web").joinpath("print", name)
    if not body.is_file():
        raise OutsideRefused(f"No file {name} is packaged for printed sheets")
    return URLFetcherResponse(url, body.read_bytes(), {"Content-Type": _type_of(name)})


def _type_of(name: str) -> str:
    return "text/css" if name.endswith(".css") else "image/svg+xml"
