"""Useful information: what suits whom, what a manager may pass on, what was told to whom; nothing is sent from here."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.interactions.models import Contact
from guanxi.crm.messaging import notices, pieces
from guanxi.crm.messaging.audiences import Whom
from guanxi.crm.messaging.models import Handed, Hold, Message, Template, TemplateVersion
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.selectors import reach_of

pytestmark = pytest.mark.django_db
NOW, TODAY = datetime(2026, 11, 4, 4, tzinfo=UTC), date(2026, 11, 4)


def text(code="tips", *, purpose="service", channel="wecom", state="approved"):
    template = Template.objects.create(
        code=code, name="防诈骗", channel=channel, purpose=purpose, use="notice", made_at=NOW
    )
    TemplateVersion.objects.create(
        template=template, number=1, texts={"zh": {"text": "【行】{name}，我行不会索要验证码"}}, state=state,
        content_hash="1" * 64, written_at=NOW,
    )  # fmt: skip
    return template


def made(writer, templates, **more):
    told = {
        "title": "防诈骗提示", "topic": "safety", "templates": templates, "whom": Whom(stages=("mature",)),
        "valid_from": TODAY, "valid_until": TODAY + timedelta(days=30), "today": TODAY, "now": NOW,
    } | more  # fmt: skip
    return pieces.make(by=writer, **told)


@pytest.fixture
def bank():
    testing.make_policies("contact", "tier", "interaction")
    people = testing.make_people()
    people.customer.id_type = "resident_id"
    with testing.everything():
        people.customer.save(update_fields=["id_type"])
    testing.make_score(people.customer, testing.make_run(), stage="mature")
    return people, testing.make_staff("analyst", people.bank, name="分析")


def test_a_manager_passes_on_what_suits_the_customer_and_it_is_a_contact_once(bank):
    people, writer = bank
    piece = made(writer, [text()])
    told = {"by": people.alice, "piece": piece, "party": people.customer, "today": TODAY, "now": NOW}
    with acting_as(people.alice, today=TODAY):
        reach = reach_of(people.alice, TODAY)
        (offer,) = pieces.suitable(reach, people.customer, now=NOW, today=TODAY)
        assert offer.verdict.allowed
        assert "验证码" in offer.text
        key = uuid.uuid4()
        assert pieces.hand(key=key, **told) == pieces.hand(key=key, **told)
        assert Contact.objects.get().channel == "wecom"
        (again,) = pieces.suitable(reach, people.customer, now=NOW, today=TODAY)
        assert again.handed_on == TODAY
        assert [line.title for line in pieces.told(reach, people.customer)] == ["防诈骗提示"]
        assert pieces.sent(piece) == ({}, 1)
        assert not Message.objects.exists()
    with acting_as(people.charlie, today=TODAY):
        assert not Handed.objects.exists()
        with pytest.raises(PermissionDenied):
            pieces.hand(key=uuid.uuid4(), **told | {"by": people.charlie})


def test_what_does_not_suit_is_over_or_permission_forbids_is_not_passed_on(bank):
    people, writer = bank
    piece, other = made(writer, [text()]), made(writer, [text("b")], whom=Whom(stages=("lost",)))
    offers = made(writer, [text("c", purpose="marketing")])
    with acting_as(people.alice, today=TODAY):
        told = {"by": people.alice, "party": people.customer, "key": uuid.uuid4(), "now": NOW}
        for wrong, today in ((other, TODAY), (piece, TODAY + timedelta(days=31)), (offers, TODAY)):
            with pytest.raises(ValidationError):
                pieces.hand(piece=wrong, today=today, **told)
        reach = reach_of(people.alice, TODAY)
        found = {
            one.piece.pk: one.verdict for one in pieces.suitable(reach, people.customer, now=NOW, today=TODAY)
        }
        assert set(found) == {piece.pk, offers.pk}
        assert found[offers.pk].code == "no_consent"
        assert not Contact.objects.exists()
        assert not Hold.objects.exists()


def test_a_piece_has_one_purpose_one_text_a_channel_and_is_sent_as_a_notice_of_its_own_text(bank):
    _people, writer = bank
    tip, mail, offer = text(), text("m", channel="email"), text("o", purpose="marketing", channel="sms")
    for wrong in ([], [tip, offer], [tip, text("two")]):
        with pytest.raises(ValidationError):
            made(writer, wrong)
    piece = made(writer, [tip, mail])
    whole = {"by": writer, "title": "提示", "whom": Whom.of(piece), "planned_at": NOW, "piece": piece}
    whole |= {"expires_at": NOW + timedelta(days=1), "today": TODAY, "now": NOW}
    notice = notices.make(version=tip.versions.get(), **whole)
    assert [one.pk for one in piece.notices.all()] == [notice.pk]
    with pytest.raises(ValidationError):
        notices.make(version=text("n").versions.get(), **whole)
    pieces.retire(by=writer, piece=piece, today=TODAY, now=NOW)
    assert piece not in pieces.listed(TODAY)


def test_a_piece_that_sells_is_not_for_whom_nothing_is_offered_to(bank):
    people, writer = bank
    tells, sells = made(writer, [text()]), made(writer, [text("c", purpose="marketing")])
    with testing.everything():
        people.customer.offers_paused = True
        people.customer.save(update_fields=["offers_paused"])
    with acting_as(people.alice, today=TODAY):
        reach = reach_of(people.alice, TODAY)
        found = [one.piece for one in pieces.suitable(reach, people.customer, now=NOW, today=TODAY)]
        assert found == [tells]
        told = {"by": people.alice, "party": people.customer, "key": uuid.uuid4(), "today": TODAY, "now": NOW}
        with pytest.raises(ValidationError, match=r"已停用|not for this customer"):
            pieces.hand(piece=sells, **told)
