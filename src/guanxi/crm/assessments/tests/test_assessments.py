"""Assessments: two people, the hash of what was read, what does not begin without one, and the lock on deletion."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connections, transaction

from guanxi.crm import testing
from guanxi.crm.assessments import selectors, services
from guanxi.crm.assessments.models import Assessment
from guanxi.crm.assessments.services import Draft, NotAssessed, need_assessment
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation.models import Cover

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
DRAFT = Draft(
    title="短信营销", activities=["campaign.sms", "model.exit"], data=["outreach"], purpose="提示到期",
    impact="打扰", measures="核对授权", risk="low",
)  # fmt: skip


ROW = """
INSERT INTO assessments_assessment (uuid, title, activities, data, purpose, impact, measures, risk, state, content_hash,
    written_by_id, written_at, kept_until)
VALUES (gen_random_uuid(), 'x', '[]', '[]', 'x', 'x', 'x', 'low', 'rejected', 'x', 1, now(), CURRENT_DATE - %s)
"""


class Bank:
    """An analyst who writes, compliance who approves, and the policy that asks."""

    def __init__(self) -> None:
        testing.make_policies("protection")
        bank = testing.make_unit("演示银行")
        self.analyst = testing.make_staff("analyst", bank)
        self.compliance = testing.make_staff("compliance", bank, name="合规")

    def write(self, **more) -> Assessment:
        return services.hand_in(by=self.analyst, draft=replace(DRAFT, **more), today=TODAY, now=NOW)

    def approve(self, made: Assessment, **more) -> Assessment:
        told = {"by": self.compliance, "read": made.content_hash, "today": TODAY, "now": NOW} | more
        return services.approve(assessment=made, **told)


@pytest.fixture
def bank() -> Bank:
    return Bank()


def begins(activity: str, on: date = TODAY) -> bool:
    try:
        need_assessment([activity], today=on)
    except NotAssessed:
        return False
    return True


def test_it_counts_from_the_second_person_s_word_to_its_last_day(bank: Bank) -> None:
    made = bank.write()
    assert not begins("campaign.sms")
    made = bank.approve(made)
    last = date(TODAY.year + 1, TODAY.month, TODAY.day)
    assert made.valid_until == last
    assert made.kept_until == last.replace(year=last.year + 3)
    assert [begins("campaign.sms"), begins("model.exit"), begins("campaign.email")] == [True, True, False]
    assert [begins("campaign.sms", last), begins("campaign.sms", last + timedelta(days=1))] == [True, False]
    services.end(by=bank.compliance, assessment=made, note="口径已变", today=TODAY)
    assert not begins("campaign.sms")
    verbs = ChangeLog.objects.filter(verb__startswith="assessments.").order_by("pk")
    assert [one.verb for one in verbs] == [
        "assessments.handed_in",
        "assessments.approved",
        "assessments.ended",
    ]


def test_a_bank_whose_policy_does_not_ask_begins_without() -> None:
    assert begins("campaign.sms")


def test_nobody_approves_the_own_one_nor_what_a_stand_in_wrote_nor_what_they_did_not_read(bank: Bank) -> None:
    made = bank.write()
    with pytest.raises(PermissionDenied):
        bank.approve(made, by=bank.analyst)
    with pytest.raises(ValidationError):
        bank.approve(made, read="0" * 64)
    Cover.objects.create(absent=bank.analyst, covering=bank.compliance, first_day=TODAY, last_day=TODAY)
    with pytest.raises(ValidationError):
        bank.approve(made)
    made.refresh_from_db()
    assert made.state == "proposed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"activities": []},
        {"activities": ["campaign.pigeon"]},
        {"data": ["gossip"]},
        {"measures": " "},
        {"risk": "none"},
    ],
)
def test_what_is_no_assessment_is_not_taken(bank: Bank, wrong) -> None:
    with pytest.raises(ValidationError):
        bank.write(**wrong)
    assert not Assessment.objects.exists()


def test_it_is_turned_down_with_a_reason_and_kept_as_long(bank: Bank) -> None:
    made = bank.write()
    told = {"by": bank.compliance, "assessment": made, "today": TODAY, "now": NOW}
    with pytest.raises(ValidationError):
        services.reject(note=" ", **told)
    kept = services.reject(note="措施不足", **told)
    assert (kept.state, kept.kept_until) == ("rejected", TODAY.replace(year=TODAY.year + 3))
    with pytest.raises(ValidationError):
        bank.approve(made)


def test_the_database_deletes_none_and_changes_no_content_for_the_program(bank: Bank) -> None:
    rows = Assessment.objects.filter(pk=bank.approve(bank.write()).pk)
    for deed in (lambda: rows.update(measures="没有"), lambda: rows.update(kept_until=TODAY), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            deed()
    assert rows.get().measures == DRAFT.measures


@pytest.mark.django_db(databases=["owner"])
def test_not_even_the_owner_deletes_one_before_its_retention_ends() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(ROW, [0])  # the person it names is asked for only at the end of the transaction
        for deed in ("DELETE FROM {}", "UPDATE {} SET kept_until = kept_until - 1"):
            with pytest.raises(IntegrityError, match="retention"), transaction.atomic("owner"):
                cursor.execute(deed.format("assessments_assessment"))
        cursor.execute(ROW, [1])
        cursor.execute("DELETE FROM assessments_assessment WHERE kept_until < CURRENT_DATE")
        assert cursor.rowcount == 1
        transaction.set_rollback(True, using="owner")


def test_the_pages_from_writing_to_the_end(bank: Bank) -> None:
    writer, approver = testing.client_of(bank.analyst), testing.client_of(bank.compliance)
    assert "短信营销活动" in writer.get("/assessments/").content.decode()
    form = writer.get("/assessments/new?activity=campaign.sms").content.decode()
    (ticked,) = re.findall(r"<input[^>]*checked[^>]*>", form)
    assert 'value="campaign.sms"' in ticked
    told = {name: getattr(DRAFT, name) for name in services.CONTENT} | {"data_used": DRAFT.data}
    assert writer.post("/assessments/new", told | {"measures": ""}).status_code == 422
    page = writer.post("/assessments/new", told, follow=True).content.decode()
    assert "本评估由您撰写，须由他人审批" in page
    made = Assessment.objects.get()
    decided = approver.post(
        f"/assessments/{made.uuid}/decide", {"word": "approve", "hash": made.content_hash}, follow=True
    )
    assert "已批准" in decided.content.decode()
    made.refresh_from_db()
    assert made.valid_from is not None
    assert selectors.lacking(["campaign.sms"], made.valid_from) == []
    ended = approver.post(f"/assessments/{made.uuid}/end", {"note": "口径已变"}, follow=True)
    assert "已终止" in ended.content.decode()
