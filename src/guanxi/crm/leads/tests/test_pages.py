"""Who may open a lead, what each page says, and what it does not."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import reverse

from guanxi.crm import testing
from guanxi.crm.leads import selectors
from guanxi.crm.leads.models import Lead
from guanxi.crm.leads.rules import State
from guanxi.crm.leads.tests.flow import (
    TODAY,
    a_number,
    acts,
    claimed,
    collected,
    converting,
    fresh,
    give_number,
    published,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day():
    with override_settings(GUANXI_TODAY=TODAY.isoformat()):
        yield


def page(staff, path, **more):
    return testing.client_of(staff).get(f"/leads/{path}", **more)


def text(staff, path) -> str:
    answer = page(staff, path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_person_opens_the_leads_of_theirs_and_no_others(crew) -> None:
    people = crew.people
    leads = {
        "collected": collected(crew, by=crew.cook),
        "published": published(crew),
        "held": claimed(crew),
        "shared": converting(crew),
    }
    opened = {
        name: {key for key, lead in leads.items() if page(staff, f"{lead.uuid}/").status_code == 200}
        for name, staff in (
            ("cook", crew.cook), ("teller", crew.teller), ("alice", people.alice), ("bob", people.bob),
            ("charlie", people.charlie), ("head", people.head),
        )
    }  # fmt: skip
    assert opened == {
        "cook": {"collected"},
        "teller": {"published", "held", "shared"},
        "alice": {"published", "held", "shared"},
        "bob": {"published", "shared"},
        "charlie": {"published"},
        "head": {"collected", "published", "held", "shared"},
    }


def test_handing_in_takes_one_form_and_the_finder_then_reads_where_it_stands(crew) -> None:
    client = testing.client_of(crew.cook)
    told = {"kind": "person", "name": "周小满", "contact": a_number(), "unit": crew.people.outlet.pk}
    answer = client.post("/leads/new", told, follow=True)
    assert answer.redirect_chain == [("/leads/mine", 302)]
    assert "周小满" in answer.content.decode()


def test_a_number_in_the_free_text_is_refused_and_not_kept(crew) -> None:
    told = {"kind": "person", "name": "周小满", "contact": a_number(), "unit": crew.people.outlet.pk}
    for note in ("电话 138 1234 5678", "身份证320501199001011234"):
        answer = testing.client_of(crew.cook).post("/leads/new", told | {"note": note})
        assert answer.status_code == 422
    with testing.everything():
        assert not Lead.objects.exists()


def test_the_finder_of_a_customer_reads_only_that_somebody_looks_after_them(crew) -> None:
    number = a_number()
    give_number(crew.people.customer, number)
    lead = collected(crew, by=crew.cook, contact=number)
    for path in ("mine", f"{lead.uuid}/"):
        shown = text(crew.cook, path)
        assert "已有专人跟进" in shown
        assert crew.people.alice.name not in shown
        assert "已是客户" not in shown
    assert "已是客户" in text(crew.people.head, f"{lead.uuid}/")


def test_the_board_cuts_names_of_persons_for_who_has_not_opened_them(crew) -> None:
    published(crew)
    assert "周**" in text(crew.people.charlie, "board")
    assert "周小满" not in text(crew.people.charlie, "board")
    assert "周小满" in text(crew.people.head, "board")


def test_the_finder_reads_neither_feedback_nor_owner(crew) -> None:
    lead = converting(crew)
    shown = text(crew.teller, f"{lead.uuid}/")
    assert "张总" not in shown
    assert "Alice" not in shown


def test_past_the_days_limit_the_board_is_shown_again_with_the_reason(crew) -> None:
    leads = [published(crew) for _ in range(21)]
    client = testing.client_of(crew.people.charlie)
    codes = [client.get(f"/leads/{lead.uuid}/").status_code for lead in leads]
    assert codes == [200] * 20 + [302]


def test_the_second_to_claim_reads_that_somebody_was_faster(crew) -> None:
    lead = published(crew)
    first, second = (testing.client_of(one) for one in (crew.people.alice, crew.people.bob))
    assert first.post(f"/leads/{lead.uuid}/claim").headers["Location"] == f"/leads/{lead.uuid}/"
    assert second.post(f"/leads/{lead.uuid}/claim").status_code == 404
    assert fresh(lead).owner == crew.people.alice


def test_the_whole_way_by_the_pages(crew) -> None:
    lead = collected(crew)
    head, alice = testing.client_of(crew.people.head), testing.client_of(crew.people.alice)
    head.post("/leads/publish", {"chosen": [lead.pk], "board": crew.people.outlet.pk})
    alice.post(f"/leads/{lead.uuid}/claim")
    alice.post(f"/leads/{lead.uuid}/contact", {"outcome": "interested", "note": "约周四"})
    part = {"has_resources": "yes", "resources": "代发", "decides": "张总"}
    alice.post(f"/leads/{lead.uuid}/feed-back", part)
    assert fresh(lead).state == State.REPAIR
    alice.post(f"/leads/{lead.uuid}/feed-back", part | {"informs": "王会计", "operates": "刘出纳"})
    assert "张总" in alice.get(f"/leads/{lead.uuid}/convert").content.decode()
    step = {"whom": "张总", "what": "上门", "staff": crew.people.alice.pk, "due_on": "2026-11-05"}
    empty = dict.fromkeys(("whom", "what", "staff", "due_on"), "")
    sent = {
        f"step-{at}-{name}": value
        for at, one in enumerate((step, empty, empty))
        for name, value in one.items()
    }
    answer = alice.post(f"/leads/{lead.uuid}/convert", sent | {"expectation": "代发 60 人"})
    assert answer.status_code == 302
    assert fresh(lead).state == State.CONVERT


def test_revealing_asks_first_and_shows_to_the_owner(crew) -> None:
    number = a_number()
    lead = claimed(crew, contact=number)
    client = testing.client_of(crew.people.alice)
    assert number not in client.get(f"/leads/{lead.uuid}/reveal").content.decode()
    assert number in client.post(f"/leads/{lead.uuid}/reveal", {"reason": "约时间"}).content.decode()
    assert page(crew.people.head, f"{lead.uuid}/reveal").status_code == 403


def test_the_heads_confirmation_gives_what_was_proposed(crew) -> None:
    lead = published(crew)
    head = testing.client_of(crew.people.head)
    assert "周小满" in head.get("/leads/giving").content.decode()
    head.post("/leads/give", {"pair": [f"{lead.pk}-{crew.people.bob.pk}", "x-y", "1"]})
    assert fresh(lead).owner == crew.people.bob


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_speaks_both_languages(crew, language) -> None:
    converting(crew)
    client = testing.client_of(crew.people.head)
    client.cookies["guanxi_language"] = language
    for path in ("board", "work", "mine", "new", "giving", "lists", "bring", "opportunities"):
        assert client.get(f"/leads/{path}").status_code == 200


def test_the_list_of_the_day_calls_a_lead_by_its_name_and_only_for_who_sees_it(crew) -> None:
    lead = claimed(crew, by=crew.people.alice)
    page = testing.client_of(crew.people.alice).get(reverse("worklist:today")).content.decode()
    assert f">{lead.name}</button>" in page
    with acts(crew.people.bob) as acting:
        assert selectors.names_of(acting.reach, [str(lead.uuid)]) == {}
