"""Surveys from the wording to the call after a low score: once each, never back to who answered without a name."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.interactions.models import Contact
from guanxi.crm.leads.acting import Acting
from guanxi.crm.messaging.models import Hold, Message, Template, TemplateVersion
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.surveys import guests, pictures, rules, selectors, services
from guanxi.crm.surveys.forms import CSAT, NPS, WORD
from guanxi.crm.surveys.models import Answer, Survey, SurveyLink
from guanxi.crm.surveys.night import ask_after, is_drawn
from guanxi.crm.surveys.views import public
from guanxi.crm.worklist.models import Task

TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
GOOD = {"csat": ["5"], "nps": ["10"], "word": ["很好"]}
BAD = {"csat": ["1"], "nps": ["2"], "word": ["排队一小时，电话 138 1234 5678"]}


@contextmanager
def acts(staff, *, on: date = TODAY) -> Iterator[Acting]:
    with acting_as(staff, today=on) as reach:
        yield Acting(staff, reach, on, NOW)


class Office:
    """People, and a survey of the bank that asks."""

    def __init__(self, *, is_anonymous: bool = False) -> None:
        testing.make_policies("survey", "worklist", "access", "tier", "contact")
        self.people = testing.make_people()
        self.boss = testing.make_staff("supervisor", self.people.bank, name="分管行长")
        with acts(self.boss) as acting:
            draft = services.SurveyDraft(
                "服务满意度", self.people.bank, "visit", is_anonymous, [CSAT, NPS, WORD]
            )
            self.survey = services.open_up(acting, services.make(acting, draft))

    def link(self, party=None, subject: str = "visit:1") -> SurveyLink:
        with acts(self.people.alice) as acting:
            return services.ask(
                acting, self.survey, party or self.people.customer, subject=subject, staff=self.people.alice
            )


@pytest.fixture
def office(db) -> Office:  # noqa: ARG001  # opens the database
    return Office()


def answers(link: SurveyLink, told=None, *, key=None, on=TODAY) -> Answer:
    door = guests.door_of_link(guests.link_token(link), on)
    assert door is not None
    return guests.answer(door, told or GOOD, key=key or uuid.uuid4(), today=on, now=NOW)


def test_a_link_is_answered_once(office):
    link = office.link()
    door = guests.door_of_link(guests.link_token(link), TODAY)
    made = guests.answer(door, GOOD, key=uuid.uuid4(), today=TODAY, now=NOW)
    assert (made.csat, made.nps, made.comment, made.staff) == (5, 10, "很好", office.people.alice)
    with pytest.raises(ValidationError):
        guests.answer(door, GOOD, key=uuid.uuid4(), today=TODAY, now=NOW)
    assert guests.door_of_link(guests.link_token(link), TODAY) is None


def test_the_same_page_sent_twice_is_one_answer(office):
    with acts(office.people.head) as acting:
        place = services.hang(acting, office.survey, office.people.outlet)
    door, key = guests.door_of_place(guests.place_token(place), TODAY), uuid.uuid4()
    first = guests.answer(door, GOOD, key=key, today=TODAY, now=NOW)
    assert guests.answer(door, GOOD, key=key, today=TODAY, now=NOW).pk == first.pk
    assert (first.party, first.keeper_id, first.staff, first.at) == (None, None, None, None)


def test_a_low_score_is_a_task_for_the_head_by_the_next_working_day_and_holds_marketing(office):
    made = answers(office.link(), BAD)
    assert made.is_low
    assert "138" not in made.comment
    with testing.everything():
        task = Task.objects.get(reason__code="survey_low")
        hold = Hold.objects.get(party=office.people.customer)
    assert (task.assignee, task.due_on, task.party_id) == (
        office.people.head, date(2026, 11, 2), office.people.customer.pk
    )  # fmt: skip
    assert hold.until == NOW + timedelta(days=7)


def test_a_low_score_by_the_branchs_code_is_a_task_about_nobody(office):
    with acts(office.people.head) as acting:
        place = services.hang(acting, office.survey, office.people.outlet)
    door = guests.door_of_place(guests.place_token(place), TODAY)
    guests.answer(door, BAD, key=uuid.uuid4(), today=TODAY, now=NOW)
    with testing.everything():
        assert Task.objects.get(reason__code="survey_low_branch").party_id is None
        assert not Hold.objects.exists()


@pytest.mark.django_db
def test_an_anonymous_answer_leads_to_nobody_and_its_link_is_used_all_the_same():
    office = Office(is_anonymous=True)
    link = office.link()
    made = answers(link, BAD)
    assert (made.party, made.link, made.keeper_id, made.staff, made.at) == (None, None, None, None, None)
    with testing.everything():
        assert SurveyLink.objects.get(pk=link.pk).answered_on == TODAY
        assert not Hold.objects.exists()


def test_forged_foreign_expired_and_closed_links_open_nothing(office):
    link = office.link()
    token = guests.link_token(link)
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    with acts(office.people.head) as acting:
        place = services.hang(acting, office.survey, office.people.outlet)
    for wrong in (forged, guests.place_token(place), "", "1.1.AAAAAAAAAAAAAAAA", "../../etc"):
        assert guests.door_of_link(wrong, TODAY) is None
    assert guests.door_of_link(token, link.until) is not None
    assert guests.door_of_link(token, link.until + timedelta(days=1)) is None
    with acts(office.boss) as acting:
        services.close(acting, office.survey)
    assert guests.door_of_link(token, TODAY) is None


def test_one_customer_is_asked_once_in_ninety_days_and_once_a_matter(office):
    link = office.link()
    assert office.link().pk == link.pk
    with pytest.raises(ValidationError):
        office.link(subject="visit:2")


def test_a_new_wording_is_a_new_version_and_links_keep_theirs(office):
    link = office.link()
    with acts(office.boss) as acting:
        assert services.reword(acting, office.survey, [CSAT, NPS, WORD]).number == 1
        assert services.reword(acting, office.survey, [CSAT]).number == 2
    assert answers(link).version.number == 1


def test_scores_are_hidden_below_thirty_answers_and_the_response_rate_is_not(office):
    for number in range(29):
        answers(
            office.link(
                testing.make_party(office.people.outlet, keeper=office.people.alice, name=f"客{number}")
            )
        )
    with acts(office.boss) as acting:
        few = pictures.results(acting.reach, office.survey, TODAY, weighted=False)
    assert (few["whole"].answers, few["whole"].csat, few["whole"].nps) == (29, "", "")
    assert few["response"].value == 1.0
    answers(office.link())
    with acts(office.boss) as acting:
        enough = pictures.results(acting.reach, office.survey, TODAY, weighted=False)
    assert (enough["whole"].csat, enough["whole"].csat_range[:5]) == ("100.0%", "88.6%")


def test_results_and_answers_are_those_within_reach(office):
    stranger = testing.make_party(office.people.elsewhere, keeper=office.people.charlie)
    answers(office.link())
    with acts(office.people.charlie) as acting:
        there = services.ask(acting, office.survey, stranger, subject="x")
    mine = answers(there)
    with acts(office.people.head) as acting:
        assert selectors.result(acting.reach, office.survey, TODAY).answers == 1
        assert not Answer.objects.filter(pk=mine.pk).exists()  # without any filter
    with acts(office.boss) as acting:
        assert selectors.result(acting.reach, office.survey, TODAY).answers == 2
    assert Answer.objects.count() == 0  # nobody acts


def test_who_may_not_run_surveys_makes_and_closes_none(office):
    with acts(office.people.head) as acting:
        with pytest.raises(PermissionDenied):
            services.close(acting, office.survey)
        with pytest.raises(PermissionDenied):
            services.hang(acting, office.survey, office.people.elsewhere)
    assert Survey.objects.get().state == "open"


def test_the_page_answers_on_a_phone_without_signing_in_and_counts_knocks(office, settings, monkeypatch):
    link = office.link()
    address = reverse("surveys:link", args=[guests.link_token(link)])
    phone = Client()
    settings.GUANXI_TODAY = TODAY.isoformat()
    page = phone.get(address)
    assert page.status_code == 200
    assert "script" not in page.content.decode()
    empty = phone.post(address, {"key": str(uuid.uuid4())})
    assert empty.status_code == 422
    told = {"key": str(uuid.uuid4()), "csat": "4", "nps": "9"}
    assert [phone.post(address, told).status_code for _ in range(2)] == [200, 200]  # pressed twice
    assert phone.post(address, told | {"key": str(uuid.uuid4())}).status_code == 404
    assert phone.get(address).status_code == 404
    with testing.everything():
        assert Answer.objects.count() == 1
    monkeypatch.setattr(public, "may_knock", lambda *_told, **_more: False)
    assert phone.get(address).status_code == 429


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_sent_is_an_answer_on_the_scale_or_refused(csat, nps):
    try:
        made = rules.take([CSAT, NPS, WORD], {"csat": [csat], "nps": [nps]})
    except rules.Wrong:
        return
    assert made.csat in range(1, 6)
    assert made.nps is None or made.nps in range(11)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("电话13812345678谢谢", "电话***谢谢"),
        ("卡号 6222 0202 0000 1234 567", "卡号 ***"),
        ("等了 40 分钟，2026 年还这样", "等了 40 分钟，2026 年还这样"),
    ],
)
def test_numbers_of_persons_are_blotted_out_and_others_are_not(text, kept):
    assert rules.blotted(text) == kept


def test_the_night_asks_those_visited_the_day_before_by_message_and_nobody_twice(office):
    day = TODAY - timedelta(days=1)
    party, author = office.people.customer, office.people.alice
    with testing.everything():
        Contact.objects.create(
            party=party, unit=party.unit, keeper=author, staff=author, author_name=author.name, channel="visit",
            at=NOW - timedelta(days=1), day=day, outcome="met_interested", client_key=uuid.uuid4(), logged_at=NOW,
        )  # fmt: skip
    assert ask_after(today=TODAY, now=NOW) == 0  # no template is approved
    template = Template.objects.create(
        code="survey", name="…", channel="sms", purpose="service", use="survey", made_at=NOW
    )
    TemplateVersion.objects.create(
        template=template, number=1, texts={}, content_hash="x", state="approved", written_at=NOW
    )
    asked = [ask_after(today=TODAY, now=NOW), ask_after(today=TODAY, now=NOW)]
    drawn = is_drawn(f"{office.survey.pk}:visit:{party.pk}:{day}", Decimal("0.30"))
    assert asked == [int(drawn), 0]
    with testing.everything():
        assert Message.objects.filter(origin="survey").count() == int(drawn)


def test_the_share_asked_is_the_policys():
    drawn = sum(is_drawn(str(number), Decimal("0.30")) for number in range(10_000))
    assert 2_850 < drawn < 3_150
