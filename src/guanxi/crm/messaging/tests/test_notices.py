"""Service notices: two people, the hash of what was read, only service texts, only the tiers within reach."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.customers.models import Holding
from guanxi.crm.messaging import audiences, notices
from guanxi.crm.messaging.audiences import Whom
from guanxi.crm.messaging.models import Message, Template, TemplateVersion
from guanxi.crm.organisation.selectors import reach_of

pytestmark = pytest.mark.django_db
NOW, TODAY = datetime(2026, 11, 4, 4, tzinfo=UTC), date(2026, 11, 4)


@pytest.fixture
def bank():
    testing.make_policies("contact", "tier")
    people = testing.make_people()
    run = testing.make_run()
    choice = next(iter(audiences.tier_names(TODAY).choices()))
    testing.make_score(people.customer, run, tier_scheme=choice.scheme, tier_rank=choice.rank)
    other = testing.make_party(people.elsewhere, name="李四")
    testing.make_score(other, run, tier_scheme=choice.scheme, tier_rank=choice.rank - 1)
    writer = testing.make_staff("analyst", people.bank, name="分析")
    checker = testing.make_staff("supervisor", people.bank, name="主管")
    return people, writer, checker, choice.key


def text(purpose="service"):
    template = Template.objects.create(
        code=purpose, name="通知", channel="sms", purpose=purpose, use="notice", made_at=NOW
    )
    return TemplateVersion.objects.create(
        template=template, number=1, texts={"zh": {"text": "【行】您好{name}"}}, content_hash="1" * 64,
        state="approved", written_at=NOW,
    )  # fmt: skip


def made(writer, key, version, planned_at=NOW):
    return notices.make(
        by=writer, title="系统维护", version=version, whom=Whom(tiers=(key,)), planned_at=planned_at,
        expires_at=NOW + timedelta(days=1), today=TODAY, now=NOW,
    )  # fmt: skip


HERE = timezone(timedelta(hours=8))


def test_a_notice_reaches_the_outbox_once_another_person_has_approved_what_was_read(bank):
    people, writer, checker, key = bank
    notice = made(writer, key, text(), planned_at=NOW.astimezone(HERE))  # as a form gives it
    with testing.everything():
        with pytest.raises(PermissionDenied):
            notices.approve(by=writer, notice=notice, read=notice.content_hash, today=TODAY, now=NOW)
        with pytest.raises(ValidationError):
            notices.approve(by=checker, notice=notice, read="0" * 64, today=TODAY, now=NOW)
        assert not Message.objects.exists()
        done = notices.approve(by=checker, notice=notice, read=notice.content_hash, today=TODAY, now=NOW)
        row = Message.objects.get()
        assert (row.party, row.origin, row.purpose, done.queued) == (people.customer, "service", "service", 1)
        with pytest.raises(ValidationError):
            notices.approve(by=checker, notice=notice, read=notice.content_hash, today=TODAY, now=NOW)
        assert notices.stop(by=checker, notice=notice, today=TODAY, now=NOW) == 1


def test_a_marketing_text_is_never_a_notice(bank):
    _people, writer, _checker, key = bank
    with pytest.raises(ValidationError):
        made(writer, key, text("marketing"))


def test_who_holds_of_a_family_or_the_product_is_meant_and_every_part_narrows(bank):
    people, writer, _checker, key = bank
    reach = reach_of(writer, TODAY)
    with testing.everything():
        held = {"account_no": "1", "currency": "CNY", "unit_id": people.outlet.pk, "product_code": "T1"}
        Holding.objects.create(party=people.customer, family="time", **held)
        Holding.objects.create(
            party=people.customer, family="loan", role="agent", **held | {"product_code": "L1"}
        )

        def whom(**parts):
            return set(audiences.meant(reach, Whom(**parts), writer, TODAY).values_list("pk", flat=True))

        assert whom(families=("time",)) == whom(products=("T1",), tiers=(key,)) == {people.customer.pk}
        assert whom(families=("loan",)) == whom(families=("time",), stages=("lost",)) == set()
        Holding.objects.update(state="closed")
        assert whom(families=("time",)) == set()


def test_nobody_and_what_does_not_exist_are_refused_and_the_hash_holds_every_part(bank):
    _people, writer, _checker, key = bank
    reach = reach_of(writer, TODAY)
    for wrong in (
        Whom(),
        Whom(tiers=("no.1",)),
        Whom(products=("no",)),
        Whom(key=str(uuid.uuid4())),
    ):
        with pytest.raises(ValidationError):
            audiences.settled(wrong, reach, TODAY)
    notice = made(writer, key, text())
    was = notice.content_hash
    notice.families = ["time"]
    assert notices.content_hash(notice) != was
