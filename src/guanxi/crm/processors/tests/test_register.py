"""The register: two people, the hash of what was read, ended at once, and what a channel is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation.models import Cover
from guanxi.crm.processors import selectors, services
from guanxi.crm.processors.models import Processor
from guanxi.crm.processors.services import Draft

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)


class Bank:
    """An administrator, compliance, and the policy."""

    def __init__(self) -> None:
        testing.make_policies("protection")
        bank = testing.make_unit("演示银行")
        self.admin = testing.make_staff("administrator", bank)
        self.compliance = testing.make_staff("compliance", bank, name="合规")
        self.analyst = testing.make_staff("analyst", bank, name="分析")
        self.draft = Draft(
            vendor="云信公司", is_own=False, purpose="短信", connectors=["sms"], fields=["mobile", "content"],
            country="CN", contract_no="1", contract_from=TODAY, contract_until=TODAY + timedelta(days=30),
            supervisor=self.admin,
        )  # fmt: skip

    def enter(self, **more) -> Processor:
        return services.enter(by=self.admin, draft=replace(self.draft, **more), today=TODAY, now=NOW)

    def approve(self, made: Processor, **more) -> Processor:
        told = {"by": self.compliance, "read": made.content_hash, "today": TODAY, "now": NOW} | more
        return services.approve(processor=made, **told)


@pytest.fixture
def bank() -> Bank:
    return Bank()


def barred(on: date = TODAY, code: str = "sms") -> str:
    return selectors.why_not([code], on)[code]


def test_a_channel_is_open_from_the_second_person_s_word_to_the_contract_s_last_day(bank: Bank) -> None:
    assert barred() == "no_processor"
    made = bank.enter()
    assert barred() == "no_processor"
    bank.approve(made)
    last = TODAY + timedelta(days=30)
    assert [barred(), barred(last), barred(last + timedelta(days=1))] == ["", "", "contract_over"]
    assert barred(code="push") == "no_processor"
    services.end(by=bank.admin, processor=made, note="换供应商", today=TODAY)
    assert barred() == "contract_over"
    verbs = list(
        ChangeLog.objects.filter(verb__startswith="processors.").order_by("pk").values_list("verb", flat=True)
    )
    assert verbs == ["processors.entered", "processors.approved", "processors.ended"]


def test_an_endpoint_abroad_is_kept_in_the_register_and_lets_nothing_leave(bank: Bank) -> None:
    bank.approve(bank.enter(country="HK"))
    assert barred() == "abroad"


def test_nobody_approves_the_own_entry_nor_what_a_stand_in_wrote_nor_what_they_did_not_read(
    bank: Bank,
) -> None:
    made = bank.enter()
    with pytest.raises(PermissionDenied):
        bank.approve(made, by=bank.admin)
    with pytest.raises(PermissionDenied):
        bank.approve(made, by=bank.analyst)
    with pytest.raises(ValidationError):
        bank.approve(made, read="0" * 64)
    Processor.objects.filter(pk=made.pk).update(country="US")  # behind the reader's back
    with pytest.raises(ValidationError):
        bank.approve(made)
    other = bank.enter()
    Cover.objects.create(absent=bank.admin, covering=bank.compliance, first_day=TODAY, last_day=TODAY)
    with pytest.raises(ValidationError):
        bank.approve(other)
    assert barred() == "no_processor"


@pytest.mark.parametrize(
    "more",
    [
        {"connectors": []}, {"fields": []}, {"fields": ["password"]}, {"contract_until": None},
        {"contract_until": TODAY - timedelta(days=1), "contract_from": TODAY - timedelta(days=9)},
    ],
)  # fmt: skip
def test_what_cannot_be_a_contract_is_refused(bank: Bank, more: dict) -> None:
    with pytest.raises(ValidationError):
        bank.enter(**more)


def test_what_stood_to_be_confirmed_ends_with_the_approved_entry_and_is_told_of_before(bank: Bank) -> None:
    testing.make_processors("sms", "push", contract_until=TODAY + timedelta(days=60))
    assert (barred(), barred(TODAY + timedelta(days=61))) == ("", "processor_unconfirmed")
    assert [one.connectors for one in selectors.ending(TODAY)] == [["sms"], ["push"]]
    assert selectors.ending(TODAY - timedelta(days=1)) == []
    bank.approve(bank.enter(contract_until=TODAY + timedelta(days=400)))
    assert [one.connectors for one in selectors.ending(TODAY)] == [["push"]]
    assert barred(TODAY + timedelta(days=61)) == ""


def test_supervision_is_kept_by_the_person_named_and_moves_the_next_one(bank: Bank) -> None:
    made = bank.approve(bank.enter(contract_from=TODAY - timedelta(days=800)))
    (line,) = selectors.lines(selectors.register(), TODAY)
    assert line.supervision_due
    told = {"processor": made, "finding": "无异常", "today": TODAY, "now": NOW}
    with pytest.raises(PermissionDenied):
        services.supervise(by=bank.compliance, on=TODAY, **told)
    with pytest.raises(ValidationError):
        services.supervise(by=bank.admin, on=TODAY + timedelta(days=1), **told)
    services.supervise(by=bank.admin, on=TODAY, **told)
    (line,) = selectors.lines(selectors.register(), TODAY)
    assert (line.last, line.supervision_due) == (TODAY, False)


def test_the_pages_take_an_entry_from_its_form_to_its_approval(bank: Bank) -> None:
    sent = {
        "vendor": "云信公司", "connectors": "sms, sms-2", "purpose": "短信", "fields_there": ["mobile", "content"],
        "country": "cn", "contract_from": "2026-11-01", "contract_until": "2027-10-31",
        "supervisor_no": bank.admin.staff_no,
    }  # fmt: skip
    keeper, reader = Client(), Client()
    keeper.force_login(bank.admin)
    reader.force_login(bank.compliance)
    for wrong in (
        {"country": "C1"},
        {"supervisor_no": "nobody"},
        {"connectors": "a<b"},
        {"contract_until": ""},
    ):
        assert keeper.post("/processors/new", sent | wrong).status_code == 422
    answer = keeper.post("/processors/new", sent)
    made = Processor.objects.get()
    assert answer["Location"] == f"/processors/{made.uuid}/"
    assert (made.connectors, made.country) == (["sms", "sms-2"], "CN")
    assert made.content_hash not in keeper.get(answer["Location"]).content.decode()
    assert made.content_hash in reader.get(answer["Location"]).content.decode()
    reader.post(f"/processors/{made.uuid}/decide", {"word": "approve", "hash": made.content_hash})
    assert (barred(), barred(code="sms-2")) == ("", "")
