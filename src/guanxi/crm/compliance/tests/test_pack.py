"""The audit pack: the same bytes from the same data; its counts against counts made by hand."""

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from guanxi.crm import testing
from guanxi.crm.audit import services as audit
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.compliance.models import SubjectRequest
from guanxi.crm.compliance.pack.figures import Span, access, consent, exceptions, parts_of, rules
from guanxi.crm.compliance.pack.workbook import workbook_of
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.messaging.models import ConsentEntry

pytestmark = pytest.mark.django_db
SPAN = Span(date(2026, 10, 1), date(2026, 10, 31))
WITHIN = datetime(2026, 10, 15, 4, tzinfo=UTC)
BEFORE = WITHIN - timedelta(days=40)
AFTER = WITHIN + timedelta(days=40)


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("compliance", "tier")
    return testing.make_people()


@pytest.fixture
def officer(people):
    return testing.make_staff("compliance", people.bank)


def said(party, at, *, agreed: bool) -> None:
    with testing.everything():
        ConsentEntry.objects.create(
            party=party, purpose="marketing", channel="sms", agreed=agreed, at=at, source="staff"
        )


def test_consent_counts_the_last_word_by_the_end_and_the_words_of_the_span(people, officer) -> None:
    changed, kept, later = (testing.make_party(people.outlet) for _ in range(3))
    said(changed, BEFORE, agreed=True)
    said(changed, WITHIN, agreed=False)
    said(kept, BEFORE, agreed=True)
    said(later, AFTER, agreed=True)
    with testing.everything():
        kept.consents.create(purpose="marketing", channel="sms", agreed=False, given_on=BEFORE.date())
    with whole_store(officer):
        (row,) = consent(SPAN).rows
    assert row[2:] == [1, 1, 0, 1]


def test_access_counts_each_persons_looks_numbers_and_files_of_the_span(people, officer, monkeypatch) -> None:
    other = testing.make_party(people.outlet)
    for at in (BEFORE, WITHIN, AFTER):
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: at)
        for party, what in ((people.customer, "page"), (people.customer, "reveal:mobile"), (other, "page")):
            audit.viewed(by=people.alice, party_key=party.pk, what=what)
        audit.exported(by=people.bob, what="customers", rows=7, columns=[], filters={}, customers=[1, 2])
    with whole_store(officer):
        rows = access(SPAN).rows
    assert [row[1:] for row in rows] == [
        [people.alice.staff_no, 2, 3, 1, 0, 0],
        [people.bob.staff_no, 0, 0, 0, 1, 7],
    ]


def test_what_stood_open_is_told_as_of_the_end(people, officer) -> None:
    for due, ended in (
        (date(2026, 10, 30), None),
        (date(2026, 10, 30), date(2026, 11, 2)),
        (date(2026, 10, 30), date(2026, 10, 31)),
        (date(2026, 10, 31), None),
    ):
        with testing.everything():
            SubjectRequest.objects.create(
                party=people.customer, customer_no="1", kind="copy", asker="customer", uuid=uuid4(),
                received_on=date(2026, 10, 1), due_on=due, handed_in_by=people.alice, handed_in_at=WITHIN,
                state="withdrawn" if ended else "in_work", ended_on=ended,
            )  # fmt: skip
    with whole_store(officer):
        assert [row[2] for row in exceptions(SPAN).rows] == [date(2026, 10, 30)] * 2
        assert {row[1] for row in rules(SPAN).rows} == {1}
        assert len(rules(SPAN).rows) == 2


def test_the_same_data_makes_the_same_bytes_whoever_takes_it_whenever(people, officer, monkeypatch) -> None:
    said(people.customer, WITHIN, agreed=True)
    with whole_store(officer):
        first = workbook_of(SPAN, parts_of(SPAN))
    with zipfile.ZipFile(io.BytesIO(first)) as opened:
        told = opened.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", told)) == {
        f"{SPAN.end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    }
    monkeypatch.setattr("django.utils.timezone.now", lambda: AFTER)
    with whole_store(testing.make_staff("compliance", people.bank)):
        assert workbook_of(SPAN, parts_of(SPAN)) == first
        said(people.customer, WITHIN + timedelta(hours=1), agreed=False)
        assert workbook_of(SPAN, parts_of(SPAN)) != first


def test_the_page_and_its_file(officer) -> None:
    browser = testing.client_of(officer)
    assert browser.get("/compliance/pack").status_code == 200
    for wrong in ("first=2026-10-31&last=2026-10-01", "first=x&last=2026-10-01", "first=2026-10-01"):
        assert browser.get(f"/compliance/pack?{wrong}").status_code == 422
        assert browser.get(f"/compliance/pack/file?{wrong}").status_code == 422
    asked = "/compliance/pack/file?first=2026-10-01&last=2026-10-31"
    first, second = browser.get(asked).content, browser.get(asked).content
    assert first == second
    assert ExportLog.objects.filter(what="audit_pack").count() == 2
    assert ExportLog.objects.filter(what="audit_pack").values("content_hash").distinct().count() == 1
