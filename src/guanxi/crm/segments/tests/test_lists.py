"""A list of customers brought as a workbook: matched, reported, and each reader sees their own of it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from xlsxwriter import Workbook

from guanxi.crm import testing
from guanxi.crm.customers.models import Identifier
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.segments import services, uploads
from guanxi.crm.segments.models import Member
from guanxi.crm.segments.tests.facts_bank import NOW, add, write_facts_of

pytestmark = pytest.mark.django_db


def workbook(*rows: tuple[Any, ...]) -> bytes:
    stream = io.BytesIO()
    with Workbook(stream) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return stream.getvalue()


def test_a_list_is_matched_line_by_line(screen) -> None:
    from guanxi.crm.customers import protected
    from guanxi.insight.staging.identifiers import Protected

    people = screen.people
    stranger = add(screen, unit=people.elsewhere, keeper=people.charlie)
    second = add(screen, keeper=people.alice)
    number = "11010519491231002X"
    (shown,), _rows = protected.door().protect(Protected.RESIDENT_ID, [number])
    with testing.everything():
        Identifier.objects.create(party=second, kind="id", token=shown.token, masked=shown.masked)
    mine, theirs = people.customer.customer_no, stranger.customer_no
    content = workbook(
        ("名单", ""),
        ("姓名", "客户号"),
        ("甲", mine),
        ("乙", number),
        ("丙", theirs),
        ("丁", "无此号"),
        ("甲", mine),
    )
    with acting_as(people.alice, today=testing.TODAY) as reach:
        found = uploads.match(reach, uploads.read_numbers(content))
        segment = services.bring_list(
            by=people.alice, reach=reach, name="名单", parties=[*found.parties, stranger.pk], report=found.report(),
            content_hash=uploads.fingerprint(found.parties), now=NOW,
        )  # fmt: skip
        kept = sorted(Member.objects.filter(version__segment=segment).values_list("party_id", flat=True))
    assert kept == sorted([people.customer.pk, second.pk])
    report = found.report()
    assert [report[name] for name in ("lines", "matched", "missing", "twice", "out_of_reach")] == [
        5,
        2,
        1,
        1,
        1,
    ]
    assert report["where"] == {"missing": [6], "twice": [7], "out_of_reach": [5]}
    assert number not in json.dumps(report)


def test_a_shared_list_shows_each_reader_only_their_own_customers(screen, home) -> None:
    people = screen.people
    other = add(screen, keeper=people.bob)
    write_facts_of(home, screen.run)
    with acting_as(people.head, today=testing.TODAY) as reach:
        segment = services.bring_list(
            by=people.head,
            reach=reach,
            name="名单",
            parties=[people.customer.pk, other.pk],
            report=uploads.Match().report(),
            content_hash="x",
            now=NOW,
        )
        services.share(by=people.head, reach=reach, segment=segment, unit=people.outlet)
    for staff, expected in ((people.alice, 1), (people.bob, 1), (people.head, 2)):
        with acting_as(staff, today=testing.TODAY):
            assert Member.objects.count() == expected
        page = testing.client_of(staff).get(f"/segments/{segment.uuid}/").content.decode()
        assert f'<span class="counted">{expected}</span>' in page


BROKEN = {
    "no workbook": b"PK\x03\x04 nothing", "a text": b"C1\nC2", "empty": b"", "no numbers": workbook(("客户号",)),
    "too large": b"0" * (uploads.LIMITS.bytes + 1),
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_list_is_refused_with_a_sentence(content) -> None:
    with pytest.raises(ValidationError):
        uploads.read_numbers(content)


def test_numbers_survive_a_spreadsheet() -> None:
    assert uploads.read_numbers(workbook((10086,), ("  0012 ",), ("'0013",), ("",), (1.5,))) == [
        (1, "10086"), (2, "0012"), (3, "0013"), (5, "1.5"),
    ]  # fmt: skip
