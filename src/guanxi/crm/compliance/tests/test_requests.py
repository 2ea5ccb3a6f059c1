"""A request from receipt to answer: who may, by when, only to whom it was made sure, the file once."""

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog, ExportLog
from guanxi.crm.compliance import pictures, services
from guanxi.crm.compliance.models import RequestFile, SubjectRequest
from guanxi.crm.compliance.policy import needed
from guanxi.crm.compliance.services import Decision, RequestDraft
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.insight.policies.compliance import CompliancePolicy

pytestmark = pytest.mark.django_db
TODAY, NOON = testing.TODAY, datetime(2026, 11, 1, 4, tzinfo=UTC)
GRANTED = Decision("granted")


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("compliance")
    return testing.make_people()


@pytest.fixture
def officer(people):
    return testing.make_staff("compliance", people.bank, name="何合规")


def asked(people, by=None, **more) -> SubjectRequest:
    told = {"kind": "copy", "asker": "customer", "identity": "papers"} | more
    by = by or people.alice
    with acting_as(by, today=TODAY):
        return services.hand_in(
            by=by, party=people.customer, draft=RequestDraft(**told), today=TODAY, now=NOON
        )


def decided(people, officer, decision=GRANTED, **more) -> SubjectRequest:
    row = asked(people, **more)
    with whole_store(officer):
        return services.decide(by=officer, request=row, decision=decision, today=TODAY, now=NOON)


def test_only_who_meets_the_customer_or_compliance_hands_a_request_in(people, officer) -> None:
    for stranger in (people.charlie, testing.make_staff("analyst", people.bank)):
        with pytest.raises(PermissionDenied):
            asked(people, by=stranger)
    assert asked(people, by=testing.make_staff("teller", people.outlet)).due_on == TODAY + timedelta(days=15)
    with whole_store(officer):
        draft = RequestDraft("delete", "customer")
        services.hand_in(by=officer, party=people.customer, draft=draft, today=TODAY, now=NOON)


def test_the_same_thing_is_not_asked_twice_at_once(people) -> None:
    asked(people)
    with pytest.raises(ValidationError):
        asked(people)


def test_each_sees_what_they_handed_in_and_nobody_else_sees_anything(people, officer) -> None:
    row = asked(people)
    seen = {}
    for who in (people.alice, people.head, people.bob, officer):
        with acting_as(who, today=TODAY):
            seen[who.name] = SubjectRequest.objects.filter(pk=row.pk).exists()
    assert seen == {"Alice": True, "Head": False, "Bob": False, "何合规": False}
    with whole_store(officer):
        assert SubjectRequest.objects.filter(pk=row.pk).exists()
    with acting_as(officer, today=TODAY), whole_store(officer):
        assert Party.objects.exists()
    with acting_as(officer, today=TODAY):
        with whole_store(officer):
            pass
        assert not Party.objects.exists()


def test_the_clock_alerts_at_the_policys_points_and_turns_red_after_the_last_day(people) -> None:
    row, policy = asked(people), needed(TODAY)
    found = [
        pictures.clock_of(row, policy, TODAY + timedelta(days=gone))[1] for gone in (0, 7, 8, 12, 14, 15, 16)
    ]
    assert found == ["grey", "grey", "amber", "amber", "amber", "red", "red"]


@pytest.mark.parametrize(
    ("received", "workdays", "due"),
    [
        (date(2026, 2, 20), False, date(2026, 3, 7)),
        (date(2024, 2, 20), False, date(2024, 3, 6)),
        (date(2026, 12, 20), False, date(2027, 1, 4)),
        (date(2026, 6, 1), True, date(2026, 6, 23)),  # over the Dragon Boat holiday, 19 June
    ],
)
def test_the_last_day_is_counted_from_the_day_after(received, workdays, due) -> None:
    testing.make_policies("compliance")
    told = needed(TODAY).to_payload() | {"request_workdays": workdays}
    assert CompliancePolicy.from_payload(told).due_on(received) == due


def test_nothing_is_granted_to_somebody_unknown_and_nothing_refused_without_a_ground(people, officer) -> None:
    row = asked(people, identity="")
    with whole_store(officer):
        for wrong in (
            GRANTED,
            Decision("refused"),
            Decision("partly", "retention", " "),
            Decision("refused", "x", "y"),
        ):
            with pytest.raises(ValidationError):
                services.decide(by=officer, request=row, decision=wrong, today=TODAY, now=NOON)
        refused = Decision("refused", "identity", "未出示证件")
        assert (
            services.decide(by=officer, request=row, decision=refused, today=TODAY, now=NOON).refusal
            == "identity"
        )
        with pytest.raises(ValidationError):
            services.decide(by=officer, request=row, decision=refused, today=TODAY, now=NOON)
        with pytest.raises(IntegrityError), transaction.atomic():
            SubjectRequest.objects.filter(pk=row.pk).update(verdict="granted", refusal="")


def test_a_near_relative_shows_kinship_and_is_answered_only_about_the_dead(people, officer) -> None:
    row = asked(people, asker="relative", identity="")
    with whole_store(officer):
        with pytest.raises(ValidationError):
            services.identify(by=officer, request=row, identity="papers", today=TODAY, now=NOON)
        row = services.identify(by=officer, request=row, identity="kinship", today=TODAY, now=NOON)
        with pytest.raises(ValidationError):
            services.decide(by=officer, request=row, decision=GRANTED, today=TODAY, now=NOON)
        Party.objects.filter(pk=people.customer.pk).update(state="deceased")
        with pytest.raises(ValidationError):  # who made sure of the kinship does not grant
            services.decide(by=officer, request=row, decision=GRANTED, today=TODAY, now=NOON)
        officer = testing.make_staff("compliance", people.bank)
        assert (
            services.decide(by=officer, request=row, decision=GRANTED, today=TODAY, now=NOON).verdict
            == "granted"
        )


def test_the_file_is_fetched_once_and_each_step_stands_in_the_trail(people, officer) -> None:
    row = decided(people, officer)
    with whole_store(officer):
        made = services.make_file(by=officer, request=row, today=TODAY, now=NOON)
        assert b"\xe7\x8e\x8b\xe5\xbb\xba\xe5\x9b\xbd" not in bytes(made.ciphertext)
        content = services.fetch_file(by=officer, request=row, today=TODAY)
        assert hashlib.sha256(content).hexdigest() == made.sha256
        assert "王建国" in zipfile.ZipFile(io.BytesIO(content)).read("index.html").decode()
        assert not RequestFile.objects.exists()
        with pytest.raises(ValidationError):
            services.fetch_file(by=officer, request=row, today=TODAY)
    left = ExportLog.objects.get(what="subject_request")
    assert (left.staff_no, left.content_hash, left.rows) == (officer.staff_no, made.sha256, made.rows)
    deeds = ChangeLog.objects.filter(verb__startswith="compliance.").order_by("pk")
    assert list(deeds.values_list("verb", flat=True)) == [
        "compliance.request_handed_in", "compliance.request_granted", "compliance.file_made", "compliance.file_fetched",
    ]  # fmt: skip


def test_a_file_that_waited_too_long_is_no_more(people, officer) -> None:
    row = decided(people, officer)
    with whole_store(officer):
        services.make_file(by=officer, request=row, today=TODAY, now=NOON)
        for day, there in ((7, True), (8, False)):
            shown = pictures.one(SubjectRequest.objects.get(pk=row.pk), TODAY + timedelta(days=day))
            assert bool(shown["file"]) is there
        with pytest.raises(ValidationError):
            services.fetch_file(by=officer, request=row, today=TODAY + timedelta(days=8))


@pytest.mark.parametrize(
    ("kind", "decision"),
    [("delete", GRANTED), ("copy", Decision("refused", "others", "…")), ("copy", None)],
)
def test_there_is_no_file_for_what_was_not_granted(people, officer, kind, decision) -> None:
    row = decided(people, officer, decision, kind=kind) if decision else asked(people, kind=kind)
    with whole_store(officer), pytest.raises(ValidationError):
        services.make_file(by=officer, request=row, today=TODAY, now=NOON)


def test_a_correct_value_is_kept_encrypted_and_told_with_where_it_stands(people, officer) -> None:
    row = asked(people, kind="correct", field="mobile", right_value="13900001111")
    assert b"13900001111" not in bytes(row.right_value)
    with whole_store(officer):
        told = pictures.one(SubjectRequest.objects.get(pk=row.pk), TODAY)
    assert told["right_value"] == "13900001111"
    assert len(told["fan_out"]) == 4
    with pytest.raises(ValidationError):
        asked(people, kind="correct", field="name")


def test_the_pages_from_hand_in_to_answer(people, officer) -> None:
    manager, compliance = testing.client_of(people.alice), testing.client_of(officer)
    sent = {"kind": "delete", "asker": "customer", "identity": "papers", "received_on": TODAY.isoformat()}
    handed = manager.post(f"/compliance/customers/{people.customer.uuid}/request", sent)
    assert handed.status_code == 302
    with testing.everything():
        row = SubjectRequest.objects.get()
    page = f"/compliance/requests/{row.pk}"
    assert str(row.pk) in compliance.get("/compliance/").content.decode()
    wrong = compliance.post(f"{page}/decide", {"verdict": "refused"})
    assert wrong.status_code == 422
    told = {"verdict": "partly", "refusal": "retention", "reason": "交易记录须保存十年"}
    assert compliance.post(f"{page}/decide", told).status_code == 302
    shown = compliance.get(page).content.decode()
    assert "限制处理" in shown
    letter = compliance.get(f"{page}/letter")
    assert letter.content.startswith(b"%PDF")
    assert compliance.post(f"{page}/answer").status_code == 302
    assert compliance.post("/compliance/requests/new", sent | {"customer_no": "nobody"}).status_code == 422
    sent |= {"customer_no": people.customer.customer_no}
    assert compliance.post("/compliance/requests/new", sent).status_code == 302
