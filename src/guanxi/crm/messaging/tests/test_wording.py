"""Templates: approved by another person on the hash of what was read, sent only then, filled in for each customer."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from guanxi.channels.register import KINDS
from guanxi.crm import testing
from guanxi.crm.messaging import filling, wording, words
from guanxi.crm.messaging.models import Budget
from guanxi.crm.messaging.wording import About
from guanxi.crm.scores.tiers import tier_names

pytestmark = pytest.mark.django_db
NOW, TODAY = datetime(2026, 11, 4, 4, tzinfo=UTC), date(2026, 11, 4)
GOOD = (
    "【江城农商银行】尊敬的{name}，您的{product}{amount}将于{maturity_day}到期，请到{branch}办理。拒收请回复R"
)
ENGLISH = "【江城农商银行】Dear {name}, {product} ({amount}) matures on {maturity_day}. 拒收请回复R"
FIELDS = {"product": "三年定期", "amount": 5_000_000, "maturity_day": "2026-11-30"}


@dataclass
class One:
    """A message as the machine hands it over."""

    id: int
    party_id: int
    template_version: int | None
    fields: dict[str, Any] = field(default_factory=lambda: dict(FIELDS))


@pytest.fixture
def crew():
    testing.make_policies("contact", "tier")
    people = testing.make_people()
    analyst = testing.make_staff("analyst", people.bank, name="分析")
    checker = testing.make_staff("compliance", people.bank, name="合规")
    return people, analyst, checker


def made(analyst, text=GOOD, code="due", **more):
    about = About(code, "到期提醒", "sms", "marketing", "maturity", **more)
    texts = {"zh": {"text": text}, "en": {"text": ENGLISH}}
    return wording.make_template(by=analyst, about=about, texts=texts, today=TODAY, now=NOW)


def approved(crew, **more):
    _people, analyst, checker = crew
    version = wording.propose(by=analyst, version=made(analyst, **more), today=TODAY)
    return wording.approve(
        by=checker, version=version, content_hash=version.content_hash, today=TODAY, now=NOW
    )


def test_what_is_approved_is_what_was_read(crew):
    _people, analyst, checker = crew
    version = wording.propose(by=analyst, version=made(analyst), today=TODAY)
    read = version.content_hash
    changed = GOOD.replace("办理", "咨询")
    wording.write(
        by=analyst, template=version.template, texts={"zh": {"text": changed}}, today=TODAY, now=NOW
    )
    with pytest.raises(ValidationError):  # it is a draft again
        wording.approve(by=checker, version=version, content_hash=read, today=TODAY, now=NOW)
    version = wording.propose(by=analyst, version=version, today=TODAY)
    with pytest.raises(ValidationError):  # another text than was read
        wording.approve(by=checker, version=version, content_hash=read, today=TODAY, now=NOW)
    done = wording.approve(
        by=checker, version=version, content_hash=version.content_hash, today=TODAY, now=NOW
    )
    assert (done.state, done.decided_by, done.lexicon != "") == ("approved", checker, True)


def test_a_text_rewritten_while_somebody_approves_it_waits_for_that(crew):
    _people, analyst, _checker = crew
    version = wording.propose(by=analyst, version=made(analyst), today=TODAY)
    told = {"template": version.template, "texts": {"zh": {"text": GOOD}}, "today": TODAY, "now": NOW}
    with CaptureQueriesContext(connection) as asked:
        wording.write(by=analyst, **told)
    held = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
    assert any("messaging_templateversion" in sql for sql in held)


def test_nobody_approves_what_they_wrote(crew):
    people, _analyst, _checker = crew
    boss = testing.make_staff("supervisor", people.bank)
    version = wording.propose(by=boss, version=made(boss), today=TODAY)
    with pytest.raises(PermissionDenied):
        wording.approve(by=boss, version=version, content_hash=version.content_hash, today=TODAY, now=NOW)


def test_a_text_with_a_fault_is_not_handed_in(crew):
    _people, analyst, _checker = crew
    version = made(analyst, text=GOOD.replace("拒收请回复R", ""))
    with pytest.raises(ValidationError, match="拒收请回复R"):
        wording.propose(by=analyst, version=version, today=TODAY)


def test_a_manager_writes_no_templates(crew):
    people, _analyst, _checker = crew
    with pytest.raises(PermissionDenied):
        made(people.alice)


def test_a_text_is_filled_in_for_each_customer_in_their_language(crew):
    people, version = crew[0], approved(crew)
    man = testing.make_party(people.outlet, keeper=people.alice, name="欧阳建国", sex="male")
    firm = testing.make_party(people.outlet, kind="company", name="江城粮油有限公司")
    with testing.everything():
        Budget.objects.create(party=firm, language="en")
        messages = [One(1, man.pk, version.pk), One(2, firm.pk, version.pk), One(3, man.pk, version.pk, {})]
        told = filling.texts_of(messages, today=TODAY)
    assert set(told) == {1, 2}  # the third lacks its fields: it may not go
    assert told[1].text == (
        "【江城农商银行】尊敬的欧阳先生，您的三年定期50,000.00元将于11月30日到期，请到观前支行办理。拒收请回复R"
    )
    assert told[2].text.startswith("【江城农商银行】Dear 江城粮油有限公司, 三年定期 (CNY 50,000.00)")


def test_who_reads_a_preview_gets_no_link_that_opens_the_customers_own_page(crew):
    people, analyst, _checker = crew
    version = made(analyst, text=GOOD.replace("拒收", "接收设置：{preferences} 拒收"))
    with testing.everything():
        one = filling.recipients([people.customer.pk])[people.customer.pk]
        rules = {"tiers": tier_names(TODAY), "until": TODAY}
        sent, read = (
            filling.fill(version, one, FIELDS, shown=shown, **rules).text for shown in (False, True)
        )
    link = "/messaging/p/"
    assert (link in sent, link in read, "接收设置：http" in read) == (True, False, True)


def test_only_approved_texts_are_filled_in(crew):
    people, analyst, checker = crew
    draft = made(analyst, code="other")
    version = approved(crew)
    with testing.everything():
        assert filling.texts_of([One(1, people.customer.pk, draft.pk)], today=TODAY) == {}
        assert len(filling.texts_of([One(1, people.customer.pk, version.pk)], today=TODAY)) == 1
    wording.withdraw(by=checker, template=version.template, note="过期", today=TODAY, now=NOW)
    with testing.everything():
        assert filling.texts_of([One(1, people.customer.pk, version.pk)], today=TODAY) == {}


def test_what_a_template_is_chosen_by_goes_to_the_gate(crew):
    version = approved(crew, personal=True, topic="deposits")
    (choice,) = filling.choices_of([One(1, 1, version.pk)]).values()
    assert (choice.personal, choice.topic) == (True, "deposits")


def test_masked_it_tells_neither_name_nor_amount(crew):
    people, version = crew[0], approved(crew)
    with testing.everything():
        one = filling.recipients([people.customer.pk])[people.customer.pk]
    text = filling.fill(version, one, FIELDS, tiers=wording_tiers(), until=TODAY, masked=True).text
    assert "50,000" not in text
    assert "王**" in text


def wording_tiers():
    from guanxi.crm.scores.tiers import tier_names

    return tier_names(TODAY)


def test_every_kind_of_channel_has_a_name_on_the_screen() -> None:
    assert set(words.ADAPTERS) == set(KINDS)
    with override("zh-hans"):
        assert words.adapter("sms_smpp") == "短信网关（SMPP）"
