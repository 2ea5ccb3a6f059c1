"""Printed sheets: nothing fetched from outside, nothing of a customer taken for markup, same content same bytes."""

import re
import subprocess
import zlib
from datetime import UTC, datetime

import pytest
from django.template import engines
from django.utils import translation

from guanxi.web import pdf
from guanxi.web.drawings import Bar, bars

SHEET = (
    '{% extends "web/print/sheet.html" %}{% block title %}{{ what }}{% endblock %}'
    "{% block body %}{{ body }}{% endblock %}"
)


@pytest.fixture
def sheet(monkeypatch):
    """A sheet of one body, in Chinese."""
    monkeypatch.setattr(
        pdf, "render_to_string", lambda _name, told: engines["jinja"].from_string(SHEET).render(told)
    )

    def made(body, **more):
        with translation.override("zh-hans"):
            return pdf.pdf_bytes("any", {"what": "拜访准备", "body": body}, **more)

    return made


def fonts_with(letter):
    """Names of this machine's fonts that have a letter: which of them is taken is the machine's choice."""
    told = subprocess.run(
        ["fc-list", f":charset={ord(letter):x}", "family"], capture_output=True, check=True, text=True
    )
    return {name.strip() for line in told.stdout.splitlines() for name in line.split(",")}


def streams(content):
    """The packed streams of a file, opened."""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            yield zlib.decompress(packed)
        except zlib.error:
            continue


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png", "https://example.org/x.css", "file:///etc/passwd", "guanxi:../pdf.py",
        "guanxi:%2e%2e/pdf.py", "guanxi:missing.css", "data:text/css,p{}",
    ],
)  # fmt: skip
def test_whatever_is_not_packaged_stops_the_sheet(sheet, address):
    from markupsafe import Markup

    with pytest.raises(pdf.OutsideRefused):
        sheet(Markup('<img src="{}">').format(address))


def test_a_sheet_is_a_file_with_chinese_letters_and_the_same_each_time(sheet):
    first, second = sheet("王建国"), sheet("王建国")
    assert first.startswith(b"%PDF-")
    assert first == second
    written = {
        name.decode().replace("-", " ")
        for part in (first, *streams(first))
        for name in re.findall(rb"/BaseFont /[A-Z]{6}\+([\w-]+)", part)
    }
    assert written & fonts_with("王")


def test_another_mark_is_another_sheet(sheet):
    moment = datetime(2026, 11, 1, 4, 5, tzinfo=UTC)
    mark = pdf.mark_of("王建国", "S00007", moment)
    assert mark == "王建国 S00007  2026-11-01 12:05"
    assert sheet("王", mark=mark) != sheet("王")


def test_text_of_a_customer_is_text_in_the_sheet_and_in_its_drawings(sheet):
    bad = '<img src="http://127.0.0.1/x">'
    assert sheet(bad).startswith(b"%PDF-")
    assert "<img" not in bars([Bar(bad, 1, bad)])


def test_bars_never_leave_their_ground():
    drawn = bars([Bar("a", 5, "5", mark=9), Bar("b", -3, "-3"), Bar("c", 0, "0")], most=4)
    ground = 640 - 120 - 150
    assert all(0 <= float(width) <= ground for width in re.findall(r'width="([\d.]+)" height="12"', drawn))
    assert bars([]).startswith("<svg")


def test_the_answer_is_not_kept_and_carries_a_chinese_name():
    answer = pdf.pdf_answer(b"%PDF-", "拜访准备 王")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].endswith("%20%E7%8E%8B.pdf")
