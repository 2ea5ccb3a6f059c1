"""Documents: told by their bytes, encrypted, by version, opened by role and kind for a purpose, kept for years."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile
from zlib import compress, crc32

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog, CustomerView
from guanxi.crm.customers.completeness import of_books, of_customer, scored
from guanxi.crm.customers.documents import pictures, selectors, services, words
from guanxi.crm.customers.documents.checks import FileRefused, Paper, paper_from
from guanxi.crm.customers.documents.models import Document, DocumentContent
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.rules import ROLE_RULES, Right
from guanxi.insight.completeness import FACTS, completeness
from guanxi.insight.policies.archive import BRINGING_ROLES, OPENING_ROLES, ArchivePolicy, kept_until

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}


def pdf(body: bytes = b"1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n") -> bytes:
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "#88aacc").save(out, kind)
    return out.getvalue()


def zipped() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as held:
        held.writestr("run.html", "<script>alert(1)</script>")
    return out.getvalue()


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("archive")
    return testing.make_people()


def policy() -> ArchivePolicy:
    found = selectors.archive_policy(TODAY)
    assert found is not None
    return found


def paper(content: bytes | None = None, kind: str = "id_copy") -> Paper:
    of_kind = policy().document(kind)
    assert of_kind is not None
    return paper_from(pdf() if content is None else content, of_kind, policy())


def added(
    by, party, kind: str = "id_copy", content: bytes | None = None, ends_on: date | None = None
) -> Document:
    draft = services.Draft(kind, ends_on)
    with acting_as(by, today=TODAY):
        return services.add_document(by=by, party=party, draft=draft, paper=paper(content, kind), **WHEN)


def opened(by, document: Document, purpose: str = "办理授信") -> bytes:
    with acting_as(by, today=TODAY):
        return services.open_document(by=by, document=document, purpose=purpose, today=TODAY)


def js_hidden_in_an_object_stream() -> bytes:
    packed = compress(b"3 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>")
    head = b"3 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(
        packed
    )
    return pdf(head + packed + b"\nendstream endobj\n")


def unpacking_for_ever() -> bytes:
    packed = compress(bytes(2 << 20), 9)
    return pdf(
        b"3 0 obj << /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream endobj\n"
    )


def claiming_to_be_huge() -> bytes:
    sent = bytearray(picture("PNG"))
    sent[16:24] = (60_000).to_bytes(4, "big") * 2  # the header alone says so
    sent[29:33] = crc32(sent[12:29]).to_bytes(4, "big")
    return bytes(sent)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (lambda: b"", "empty"),
        (zipped, "kind"),  # a zip that is called .pdf
        (lambda: b"MZ" + bytes(600), "kind"),
        (lambda: b"<html>" + pdf(), "kind"),  # a reader finds the PDF inside, a browser the page
        (lambda: pdf() + zipped(), "damaged"),
        (lambda: pdf()[:-40], "damaged"),
        (lambda: pdf()[:-6] + zipped() + b"\n%%EOF\n", "mixed"),
        (lambda: pdf(b"1 0 obj << /S /JavaScript /JS (x) >> endobj\n"), "active"),
        (lambda: pdf(b"1 0 obj << /S /J#61vaScr#69pt >> endobj\n"), "active"),
        (js_hidden_in_an_object_stream, "active"),
        (lambda: pdf(b"1 0 obj << /S /Launch /F (cmd.exe) >> endobj\n"), "active"),
        (lambda: pdf(b"1 0 obj << /EmbeddedFiles 3 0 R >> endobj\n"), "active"),
        (lambda: pdf(b"trailer << /Encrypt 9 0 R >>\n"), "locked"),
        (unpacking_for_ever, "heavy"),
        (claiming_to_be_huge, "pixels"),
        (lambda: picture()[:60], "damaged"),
        (lambda: picture("GIF"), "kind"),
        (lambda: pdf(bytes(5 * 1024 * 1024)), "size"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("people")
def test_a_hostile_file_is_refused_by_what_it_is(sent, code, monkeypatch) -> None:
    monkeypatch.setattr("guanxi.web.papers.MOST_UNPACKED", 1 << 20)
    with pytest.raises(FileRefused) as refused:
        paper(sent())
    assert refused.value.code == code


@pytest.mark.usefixtures("people")
def test_a_picture_is_written_anew_so_that_nothing_hides_behind_it() -> None:
    kept = paper(picture("JPEG") + zipped())
    assert kept.content.startswith(b"\xff\xd8\xff")
    assert b"run.html" not in kept.content
    with pytest.raises(FileRefused, match="kind"):
        paper(picture(), "contract")  # contracts are PDF alone


def test_the_bytes_lie_encrypted_and_open_only_in_their_own_place(people) -> None:
    first, second = (added(people.alice, people.customer, content=pdf(b"%% %d\n" % n)) for n in (1, 2))
    with testing.everything():
        lies = bytes(DocumentContent.objects.get(document=first).ciphertext)
        assert b"%PDF" not in lies
        other_bytes = bytes(DocumentContent.objects.get(document=second).ciphertext)
    from guanxi.crm.customers.protected import door
    from guanxi.lake.door import DoorError

    with pytest.raises(DoorError):
        door().open_document(door().key_id, other_bytes, first.uuid.bytes)
    assert opened(people.alice, first) == pdf(b"% 1\n")


def test_a_newer_version_counts_and_the_one_before_stays_readable_for_its_years(people) -> None:
    first = added(people.alice, people.customer, content=pdf(b"% old\n"))
    with acting_as(people.head, today=TODAY) as reach:
        newer = paper(pdf(b"% new\n"))
        draft = services.Draft("id_copy", TODAY + timedelta(days=20))
        second = services.replace_document(by=people.head, document=first, draft=draft, paper=newer, **WHEN)
        with pytest.raises(ValidationError):  # read before somebody else replaced it
            services.replace_document(by=people.head, document=first, draft=draft, paper=newer, **WHEN)
        with pytest.raises(ValidationError):
            services.add_document(by=people.head, party=people.customer, draft=draft, paper=newer, **WHEN)
        told = pictures.panel(reach, people.customer, TODAY)
        kept = told["documents"][0]
    assert [row.version for row in (kept.latest, *kept.before)] == [2, 1]
    assert (kept.latest.kept_until, kept.before[0].kept_until) == (None, TODAY.replace(year=TODAY.year + 10))
    assert (kept.state, len(told["documents_ending"])) == ("soon", 1)
    assert opened(people.alice, first) == pdf(b"% old\n")
    assert opened(people.alice, second) == pdf(b"% new\n")


def test_a_document_is_withdrawn_with_a_reason_and_never_deleted_before_its_retention(people) -> None:
    document = added(people.head, people.customer)
    with acting_as(people.alice, today=TODAY), pytest.raises(PermissionDenied):
        services.withdraw_document(by=people.alice, document=document, reason="错", **WHEN)
    with acting_as(people.head, today=TODAY) as reach:
        with pytest.raises(ValidationError):
            services.withdraw_document(by=people.head, document=document, reason=" ", **WHEN)
        services.withdraw_document(by=people.head, document=document, reason="客户不是本人", **WHEN)
        told = pictures.panel(reach, people.customer, TODAY)
    assert (told["documents"], told["documents_withdrawn"][0].latest.withdrawn_why) == ([], "客户不是本人")
    rows = Document.objects.filter(pk=document.pk)
    for deed in (lambda: rows.update(sha256="0" * 64), rows.delete, lambda: rows.update(kept_until=TODAY)):
        with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.head, today=TODAY):
            deed()


def test_opening_is_written_down_with_its_purpose_in_the_same_transaction(people) -> None:
    document = added(people.alice, people.customer)
    looks = CustomerView.objects.filter(what="document")
    with acting_as(people.alice, today=TODAY), pytest.raises(ValidationError):
        services.open_document(by=people.alice, document=document, purpose="  ", today=TODAY)
    with transaction.atomic():
        opened(people.alice, document)
        transaction.set_rollback(True)
    assert not looks.exists()
    opened(people.alice, document, "核对签名")
    assert looks.get().reason == "核对签名"
    said = ChangeLog.objects.get(verb="customers.document_opened").details
    assert (said["sha256"], said["reason"]) == (document.sha256, "核对签名")


def test_roles_and_kinds_say_who_opens_who_brings_and_who_hears_of_it(people) -> None:
    teller = testing.make_staff("teller", people.outlet)
    analyst = testing.make_staff("analyst", people.bank)
    manager = testing.make_staff("corporate_manager", people.outlet)
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(keeper=manager)
        people.customer.refresh_from_db()
    rows = [added(people.head, people.customer, kind, pdf(b"%% %b\n" % kind.encode()))
            for kind in ("id_copy", "risk_form", "contract")]  # fmt: skip
    heard = {}
    for staff in (people.head, manager, teller, analyst, people.charlie):
        with acting_as(staff, today=TODAY) as reach:
            heard[staff.pk] = {row.kind for row in selectors.documents_of(reach, people.customer, policy())}
            can = {row.kind for row in rows if selectors.opens(reach, policy().document(row.kind))}
            for row in rows:
                if row.kind not in can or staff == people.charlie:
                    with pytest.raises(PermissionDenied):
                        services.open_document(by=staff, document=row, purpose="x", today=TODAY)
    assert heard == {
        people.head.pk: {"id_copy", "risk_form", "contract"},
        manager.pk: {"id_copy", "risk_form", "contract"},
        teller.pk: {"id_copy"},
        analyst.pk: set(),
        people.charlie.pk: set(),
    }
    with acting_as(teller, today=TODAY):
        by = {"by": teller, "party": people.customer, **WHEN}
        services.add_document(draft=services.Draft("id_copy"), paper=paper(pdf(b"% t\n")), **by)
        with pytest.raises(PermissionDenied):
            services.add_document(draft=services.Draft("contract"), paper=paper(pdf(b"% c\n")), **by)
    with acting_as(people.charlie, today=TODAY):  # a forgotten filter shows nothing
        assert not Document.objects.exists()
        assert not DocumentContent.objects.exists()


def test_a_policy_cannot_let_a_masked_role_open_anything() -> None:
    assert all(
        not ROLE_RULES[role].masked and Right.REVEAL in ROLE_RULES[role].rights for role in OPENING_ROLES
    )
    assert all(Right.SEE_CUSTOMERS in ROLE_RULES[role].rights for role in BRINGING_ROLES)


def test_documents_of_a_merged_number_stand_with_the_person(people) -> None:
    other = testing.make_party(people.outlet, keeper=people.alice)
    added(people.alice, other)
    with testing.everything():
        Party.objects.filter(pk=other.pk).update(merged_into=people.customer)
    with acting_as(people.alice, today=TODAY) as reach:
        assert len(selectors.documents_of(reach, people.customer, policy())) == 1


def test_a_document_is_handed_in_and_out_through_its_pages(people) -> None:
    client = testing.client_of(people.alice)
    new = reverse("customers:document_new", args=[people.customer.uuid])
    sent = {"kind": "id_copy", "remark": "", "file": SimpleUploadedFile("证件.pdf", zipped())}
    answer = client.post(new, sent)
    assert answer.status_code == 422
    assert "PDF、JPG、PNG" in answer.content.decode()
    of_kind = policy().document("id_copy")
    assert of_kind is not None
    assert "4 MB" in words.why_refused("size", of_kind, policy())
    sent = {"kind": "id_copy", "remark": "正面", "file": SimpleUploadedFile("x.exe", picture("JPEG"))}
    assert client.post(new, sent).status_code == 302
    with testing.everything():
        document = Document.objects.get()
    page = client.get(reverse("customers:archive", args=[people.customer.uuid])).content.decode()
    assert "身份证件复印件" in page
    address = reverse("customers:document_open", args=[document.uuid])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"purpose": "核对"})
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "x.exe" not in answer["Content-Disposition"]
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    assert answer.content.startswith(b"\xff\xd8\xff")
    teller = testing.client_of(testing.make_staff("teller", people.outlet))
    assert teller.post(address, {"purpose": "核对"}).status_code == 403


def test_retention_counts_from_the_day_out_of_use_leap_days_too() -> None:
    from types import SimpleNamespace

    kind = SimpleNamespace(kept_years=10)
    assert kept_until(kind, None) is None
    assert kept_until(kind, date(2028, 2, 29)) == date(2038, 3, 1)
    assert kept_until(kind, date(2026, 11, 23)) == date(2036, 11, 23)


def test_the_record_is_weighed_by_what_is_held_and_a_merged_numbers_document_counts(people) -> None:
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(
            id_masked="3205**********1234", id_valid=True, occupation="教师", risk_grade="C3", risk_expires_on=TODAY,
            birth_date=None,
        )  # fmt: skip
        people.customer.refresh_from_db()
        people.customer.contact_points.create(
            kind="mobile", token="k.1", masked="138****0000", is_primary=True
        )
        other = testing.make_party(people.outlet, keeper=people.alice)
    weights = policy().weights_of("person")
    held = {"phone", "identity", "occupation", "risk"}
    with acting_as(people.alice, today=TODAY) as reach:
        told = of_customer(reach, people.customer, TODAY)
        assert told["completeness"] == completeness(held, weights)
        assert "document" in told["completeness"].missing
        assert told["missing_facts"][0].how
        tomorrow = of_customer(reach, people.customer, TODAY + timedelta(days=1))
        assert "risk" in tomorrow["completeness"].missing
    added(people.alice, other)
    with testing.everything():
        Party.objects.filter(pk=other.pk).update(merged_into=people.customer)
    with acting_as(people.alice, today=TODAY) as reach:
        assert of_customer(reach, people.customer, TODAY)["completeness"] == completeness(
            held | {"document"}, weights
        )
        groups = of_books(reach, policy(), TODAY)
    customers, points, lacking = scored(groups, policy())
    mine = completeness(held | {"document"}, weights)
    assert mine is not None
    assert customers == sum(group.customers for group in groups)
    assert points >= mine.score
    assert lacking["birth_date"] >= 1
    with acting_as(people.charlie, today=TODAY) as reach:
        assert of_customer(reach, people.customer, TODAY) == {"completeness": None}
        assert people.customer.keeper_id not in {group.keeper for group in of_books(reach, policy(), TODAY)}


@given(
    st.sets(st.sampled_from(sorted(FACTS))),
    st.dictionaries(st.sampled_from(sorted(FACTS)), st.integers(1, 100)),
)
@settings(max_examples=60)
def test_more_on_record_never_scores_less_and_only_all_of_it_scores_100(held, weights) -> None:
    found = completeness(held, weights)
    if not weights:
        assert found is None
        return
    assert found is not None
    assert (found.score == 100) == (found.missing == ()) == (set(weights) <= held)
    assert set(found.missing) == set(weights) - held
    for fact in found.missing:
        more = completeness(held | {fact}, weights)
        assert more is not None
        assert more.score >= found.score
