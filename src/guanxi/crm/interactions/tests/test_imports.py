"""Contacts from before: read from workbook and CSV, kept once, with author and time, within reach."""

import io
from contextlib import suppress

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.interactions.imports import Report, import_contacts, read_lines
from guanxi.crm.interactions.models import Contact
from guanxi.crm.interactions.tests.test_services import NOON, TODAY
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
HEADS = ["客户号", "联系时间", "联系方式", "联系结果", "备注", "工号", "登记人", "意向产品", "意向金额"]


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("interaction")
    return testing.make_people()


def line(people, **more) -> list[str]:
    told = {
        "客户号": people.customer.customer_no,
        "联系时间": "2024/3/5 09:30",
        "联系方式": "电话",
        "联系结果": "接通有意向",
        "备注": "老系统",
        "工号": people.bob.staff_no,
        "登记人": "",
        "意向产品": "定期存款",
        "意向金额": "300,000",
    } | more
    return [told[head] for head in HEADS]


def csv_of(*rows: list[str], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in (HEADS, *rows)).encode(encoding)


def bring(people, content: bytes, by=None) -> Report:
    who = by or people.head
    with acting_as(who, today=TODAY) as reach:
        return import_contacts(by=who, reach=reach, lines=read_lines(content), today=TODAY, now=NOON)


def test_a_line_keeps_its_own_author_and_time(people) -> None:
    assert bring(people, csv_of(line(people))).counts()["taken"] == 1
    with testing.everything():
        contact = Contact.objects.get()
    assert (contact.staff_id, contact.author_name) == (people.bob.pk, "Bob")
    assert contact.at.isoformat() == "2024-03-05T01:30:00+00:00"
    assert (contact.source, contact.intent_family, contact.intent_fen) == ("import", "time", 30_000_000)
    entry = ChangeLog.objects.get(verb="interactions.contacts_imported")
    assert entry.details["taken"] == 1


def test_the_same_file_twice_brings_nothing_twice_and_a_doubled_line_is_one(people) -> None:
    content = csv_of(line(people), line(people), line(people, 备注="另一条"))
    assert bring(people, content).counts() | {"lines": 0} == {
        "lines": 0, "taken": 2, "already": 1, "unknown_customer": 0, "unknown_author": 0, "wrong": 0,
    }  # fmt: skip
    assert bring(people, content).counts()["taken"] == 0
    with testing.everything():
        assert Contact.objects.count() == 2


def test_a_workbook_reads_as_the_csv_does(people) -> None:
    place = io.BytesIO()
    with xlsxwriter.Workbook(place) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate((HEADS, line(people))):
            sheet.write_row(at, 0, row)
    bring(people, place.getvalue())
    assert bring(people, csv_of(line(people), encoding="gb18030")).already == [2]


def test_an_unknown_author_is_kept_as_text_and_reported(people) -> None:
    report = bring(people, csv_of(line(people, 工号="X9", 登记人="赵退休")))
    assert (report.taken, report.unknown_author) == ([2], [2])
    with testing.everything():
        contact = Contact.objects.get()
    assert (contact.staff_id, contact.author_name) == (None, "赵退休")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"客户号": "C-none"}, "unknown_customer"),
        ({"联系方式": "飞鸽"}, "wrong"),
        ({"联系结果": "?"}, "wrong"),
        ({"联系时间": "昨天"}, "wrong"),
        ({"联系时间": "2026-11-02"}, "wrong"),
        ({"联系时间": "2024-02-31"}, "wrong"),
    ],
)
def test_what_cannot_be_taken_is_reported_by_line(people, more, kind) -> None:
    report = bring(people, csv_of(line(people, **more)))
    assert report.counts() == Report().counts() | {"lines": 1, kind: 1}


def test_a_customer_of_another_outlet_is_reported_like_an_unknown_one(people) -> None:
    stranger = testing.make_party(people.elsewhere, keeper=people.charlie)
    assert bring(people, csv_of(line(people, 客户号=stranger.customer_no))).unknown_customer == [2]


def test_a_manager_brings_no_file(people) -> None:
    with pytest.raises(PermissionDenied):
        bring(people, csv_of(line(people)), by=people.alice)


def test_a_file_without_the_needed_columns_says_which(people) -> None:
    with pytest.raises(ValidationError, match="联系时间"):
        read_lines("客户号,备注\n1,2".encode())
    assert people.head.pk


@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content) -> None:
    with suppress(ValidationError):
        assert all(number > 1 for number, _line in read_lines(content))


def test_the_page_brings_the_file_and_says_what_became_of_it(people, settings) -> None:
    settings.GUANXI_TODAY = TODAY.isoformat()
    content = csv_of(line(people), line(people, 客户号="nobody"))
    client = testing.client_of(people.head)
    answer = client.post("/interactions/import", {"file": SimpleUploadedFile("old.csv", content)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "客户不存在或不在可见范围" in page
    wrong = client.post("/interactions/import", {"file": SimpleUploadedFile("old.csv", b"PK nonsense")})
    assert wrong.status_code == 422
