"""Leads from a web form and from a workbook; what the night does with them; opportunities; giving out."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client, override_settings

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Holding
from guanxi.crm.leads import giving, opportunities, rosters, selectors, services, web_form
from guanxi.crm.leads.models import Lead, LeadDelivery, LeadFeedback, LeadSecret, LeadSource, Specialism
from guanxi.crm.leads.night import Done, work_leads
from guanxi.crm.leads.rules import State
from guanxi.crm.leads.tests.flow import (
    NOW,
    TODAY,
    a_number,
    acts,
    claimed,
    collected,
    converting,
    fed_back,
    fresh,
    give_number,
    published,
)
from guanxi.crm.worklist.models import Task

pytestmark = pytest.mark.django_db
MINUTES = 60


@pytest.fixture
def form(crew):
    """A web form of the outlet, with its token."""
    administrator = testing.make_staff("administrator", crew.people.bank)
    with acts(administrator) as acting:
        source, token = web_form.make_source(acting, name="官网预约", unit=crew.people.outlet)
    return source, token


def body(**more):
    return {
        "name": "周小满",
        "contact": a_number(),
        "industry": "trade",
        "amount": 300_000,
        "agreed": True,
    } | more


def send(token: str, told, *, key: str = "k1", raw: str | None = None):
    with override_settings(GUANXI_TODAY=TODAY.isoformat()):
        return Client().post(
            "/leads/api",
            raw if raw is not None else json.dumps(told),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )


def only_lead() -> Lead:
    with testing.everything():
        return Lead.objects.select_related("unit").get()


def test_a_form_hands_in_a_lead_for_its_outlet(crew, form) -> None:
    answer = send(form[1], body())
    lead = only_lead()
    assert (answer.status_code, answer.json()) == (201, {"lead": str(lead.uuid), "state": "taken"})
    assert (lead.unit, lead.origin, lead.worth_fen, lead.handed_by) == (
        crew.people.outlet,
        "web",
        30_000_000,
        None,
    )
    assert ChangeLog.objects.filter(verb="leads.handed_in", staff_no="").count() == 1


def test_the_same_key_again_makes_no_second_lead_and_another_body_under_it_is_refused(form) -> None:
    told = body()
    first, again = send(form[1], told), send(form[1], told)
    other = send(form[1], body(name="李四"))
    assert [one.status_code for one in (first, again, other)] == [201, 200, 409]
    assert first.json() == again.json()
    with testing.everything():
        assert (Lead.objects.count(), LeadDelivery.objects.count()) == (1, 1)


def test_a_form_is_not_told_who_is_a_customer(crew, form) -> None:
    number = a_number()
    give_number(crew.people.customer, number)
    answer = send(form[1], body(contact=number))
    assert (answer.status_code, answer.json()["state"]) == (201, "taken")
    assert only_lead().state == State.KNOWN


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"), ({"name": 7}, "name"), ({"contact": "123"}, "contact"), ({"amount": -1}, "amount"),
        ({"amount": "1"}, "amount"), ({"amount": True}, "amount"), ({"agreed": False}, "agreed"),
        ({"industry": "magic"}, "industry"), ({"kind": "robot"}, "kind"), ({"note": "x" * 401}, "note"),
        ({"salary": 1}, "salary"), ({"name": "a\x00b"}, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_field_by_field(form, more, field) -> None:
    answer = send(form[1], body(**more))
    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["errors"]]
    assert all(one["says"] for one in answer.json()["errors"])


@pytest.mark.parametrize("raw", ["", "[]", "{", "null", '"x"', "[" * 5000, "{" + " " * 9000 + "}"])
def test_what_is_no_json_object_is_refused_in_words(form, raw) -> None:
    assert send(form[1], None, raw=raw).status_code == 422


def test_a_lead_without_a_key_is_refused(form) -> None:
    assert send(form[1], body(), key="").status_code == 422


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000])
def test_no_other_token_opens_the_door(token) -> None:
    assert send(token, body()).status_code == 401


def test_a_revoked_token_opens_nothing(crew, form) -> None:
    source, token = form
    with acts(testing.make_staff("administrator", crew.people.bank)) as acting:
        web_form.revoke(acting, source)
    assert send(token, body()).status_code == 401


def test_the_database_keeps_only_the_tokens_hash(form) -> None:
    source, token = form
    kept = LeadSource.objects.get(pk=source.pk)
    assert token not in str(vars(kept))
    assert kept.token_hash == web_form.hash_of(token)
    assert token not in json.dumps(list(ChangeLog.objects.values_list("details", flat=True)))


def test_only_an_administrator_makes_forms(crew) -> None:
    with acts(crew.people.head) as acting, pytest.raises(PermissionDenied):
        web_form.make_source(acting, name="x", unit=crew.people.outlet)


def test_the_minute_has_a_limit_that_refused_calls_use_up_too(form) -> None:
    source, _token = form
    calls = [web_form.may_call(source, now=NOW, today=TODAY) for _ in range(61)]
    assert calls == [True] * MINUTES + [False]
    assert web_form.may_call(source, now=NOW + timedelta(minutes=1), today=TODAY)


def workbook(*rows) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate((("某某商会名单",), ("姓名", "手机", "类型", "金额"), *rows)):
            sheet.write_row(at, 0, row)
    return made.getvalue()


def test_a_list_is_reported_line_by_line_and_keeps_no_number(crew) -> None:
    known, twice = a_number(), a_number()
    give_number(crew.people.customer, known)
    collected(crew, contact=twice)
    lines = rosters.read_lines(
        workbook(
            ("甲", int(a_number()), "个人", 200000),
            ("乙", known, "个人", ""),
            ("丙", twice, "", ""),
            ("丁", "没有", "", ""),
            ("苏州某公司", "0512-65551234", "企业", "1,000.50"),
        )
    )
    with acts(crew.people.head) as acting:
        batch = rosters.bring(acting, name="商会", origin="partner", unit=crew.people.outlet, lines=lines)
    assert batch.report == {
        "lines": 5, "new": 2, "known": 1, "twice": 1, "faulty": 1,
        "where": {"known": [4], "twice": [5], "faulty": [6]},
    }  # fmt: skip
    with testing.everything():
        company = Lead.objects.get(batch=batch, kind="company")
    assert (company.worth_fen, company.contact_kind, company.handed_by) == (100_050, "phone", None)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"name,phone"])
def test_what_is_no_workbook_is_refused(content) -> None:
    with pytest.raises(ValidationError):
        rosters.read_lines(content)


def test_a_manager_brings_no_list_and_a_head_none_for_others(crew) -> None:
    lines = [rosters.Line(2, None)]
    with acts(crew.people.alice) as acting, pytest.raises(PermissionDenied):
        rosters.bring(acting, name="x", origin="partner", unit=crew.people.outlet, lines=lines)
    with acts(crew.people.head) as acting, pytest.raises(ValidationError):
        rosters.bring(acting, name="x", origin="partner", unit=crew.people.elsewhere, lines=lines)


def test_a_lead_nobody_acts_on_goes_back_the_night_after_its_last_day(crew) -> None:
    lead = claimed(crew)
    last = TODAY + timedelta(days=7)
    assert work_leads(today=last, now=NOW).returned == 0
    assert work_leads(today=last + timedelta(days=1), now=NOW).returned == 1
    assert work_leads(today=last + timedelta(days=1), now=NOW) == Done(0, 0, 0, 0)
    again = fresh(lead)
    assert (again.state, again.owner, again.returns) == (State.PUBLISH, None, 1)
    with testing.everything():
        assert [task.state for task in Task.objects.filter(origin="lead")] == ["lapsed"]
    with acts(crew.people.alice, on=last + timedelta(days=1)) as acting, pytest.raises(ValidationError):
        services.claim(acting, again)
    with acts(crew.people.bob, on=last + timedelta(days=1)) as acting:
        services.claim(acting, again)


def test_a_contact_that_reached_somebody_renews_the_protection_and_a_missed_one_does_not(crew) -> None:
    lead = claimed(crew)
    later = TODAY + timedelta(days=5)
    with acts(crew.people.alice, on=later) as acting:
        missed = services.contact(acting, lead, reached=False, interested=False)
        assert missed.protected_until == TODAY + timedelta(days=7)
        reached = services.contact(acting, lead, reached=True, interested=True)
    assert (reached.protected_until, reached.interested_on) == (later + timedelta(days=7), later)


def customer_with(crew, lead: Lead, fen: int):
    party = testing.make_party(crew.people.outlet, since=TODAY)
    with testing.everything():
        party.contact_points.create(kind="mobile", token=lead.contact_token, masked=lead.contact_masked)
        Holding.objects.create(
            party=party, account_no="1", family="time", currency="CNY", balance_fen=fen, balance_base_fen=fen
        )
    return party


def test_a_deal_is_found_in_the_ledger_once_the_person_holds_enough(crew) -> None:
    lead = converting(crew)
    party = customer_with(crew, lead, 99_999)
    assert work_leads(today=TODAY, now=NOW).verified == 0
    with testing.everything():
        party.holdings.update(balance_base_fen=90_000, in_transit_base_fen=10_000)
    assert work_leads(today=TODAY, now=NOW) == Done(1, 0, 0, 0)
    won = fresh(lead)
    assert (won.state, won.party_id, won.sold_fen, won.owner) == (
        State.WON,
        party.pk,
        100_000,
        crew.people.alice,
    )
    assert work_leads(today=TODAY, now=NOW) == Done(0, 0, 0, 0)


def test_a_lead_in_the_pool_that_became_a_customer_leaves_it(crew) -> None:
    lead = published(crew)
    customer_with(crew, lead, 5_000_000)
    assert work_leads(today=TODAY, now=NOW) == Done(0, 1, 0, 0)
    assert fresh(lead).state == State.KNOWN


def test_an_ended_lead_is_erased_when_its_time_is_over(crew) -> None:
    lead = fed_back(crew)
    with acts(crew.people.alice) as acting:
        services.lose(acting, lead, reason="no_need")
    after = TODAY + timedelta(days=181)
    assert work_leads(today=after - timedelta(days=1), now=NOW).erased == 0
    assert work_leads(today=after, now=NOW).erased == 1
    assert work_leads(today=after, now=NOW).erased == 0
    gone = fresh(lead)
    assert (gone.name, gone.contact_masked, gone.note) == ("周**", "", "")
    with testing.everything():
        assert not LeadFeedback.objects.exists()
    with acts(crew.people.head):
        assert not LeadSecret.objects.exists()


def test_a_proposal_prefers_who_knows_the_industry_and_gives_nothing_yet(crew) -> None:
    lead = published(crew)
    with acts(crew.people.head) as acting:
        services.set_specialisms(acting, crew.people.bob, ["trade"])
        plan = giving.plan(acting.reach, TODAY)
    assert plan.proposal.given == {lead.pk: crew.people.bob.pk}
    assert fresh(lead).owner is None
    assert Specialism.objects.get().industry == "trade"


def test_a_managers_own_find_is_proposed_to_him_first(crew) -> None:
    lead = published(crew, by=crew.people.alice)
    with acts(crew.people.head) as acting:
        services.set_specialisms(acting, crew.people.bob, ["trade"])
        assert giving.plan(acting.reach, TODAY).proposal.by_claim == {lead.pk}


def test_a_head_says_nothing_of_other_outlets_people(crew) -> None:
    with acts(crew.people.head) as acting, pytest.raises(PermissionDenied):
        services.set_specialisms(acting, crew.people.charlie, ["trade"])


def test_the_funnel_narrows_from_assigned_to_sold(crew) -> None:
    published(crew)
    claimed(crew)
    won = converting(crew)
    customer_with(crew, won, 500_000)
    work_leads(today=TODAY, now=NOW)
    with acts(crew.people.head) as acting:
        (row,) = selectors.funnel(acting.reach)
    assert (row.came, row.assigned, row.contacted, row.interested, row.sold, row.sold_fen) == (
        3,
        2,
        1,
        1,
        1,
        500_000,
    )


def deal(**more):
    return opportunities.Deal(**({"title": "经营贷", "family": "loan", "amount_fen": 50_000_000,
                                  "expected_on": date(2026, 12, 1)} | more))  # fmt: skip


def test_an_opportunity_moves_along_and_ends_with_a_reason_once(crew) -> None:
    with acts(crew.people.alice) as acting:
        made = opportunities.open_opportunity(acting, deal(), party=crew.people.customer)
        opportunities.move(acting, made, stage="terms")
        with pytest.raises(ValidationError):
            opportunities.move(acting, made, stage="magic")
        with pytest.raises(ValidationError):
            opportunities.close(acting, made, outcome="won", reason="other_bank")
        opportunities.close(acting, made, outcome="won", reason="price")
        with pytest.raises(ValidationError):
            opportunities.move(acting, made, stage="found")
    verbs = ChangeLog.objects.filter(verb__startswith="leads.opportunity").order_by("pk")
    assert [row.verb.split("_")[1] for row in verbs] == ["made", "moved", "won"]


@pytest.mark.parametrize(
    "more", [{"amount_fen": 0}, {"expected_on": TODAY - timedelta(days=1)}, {"family": "magic"}]
)
def test_a_deal_without_amount_day_or_family_is_none(crew, more) -> None:
    with acts(crew.people.alice) as acting, pytest.raises(ValidationError):
        opportunities.open_opportunity(acting, deal(**more), party=crew.people.customer)


def test_opportunities_are_seen_by_their_owner_and_the_head_and_made_within_reach(crew) -> None:
    lead = claimed(crew)
    with acts(crew.people.alice) as acting:
        opportunities.open_opportunity(acting, deal(), lead=lead)
    for person, number in (
        (crew.people.alice, 1),
        (crew.people.head, 1),
        (crew.people.bob, 0),
        (crew.people.charlie, 0),
    ):
        with acts(person) as acting:
            assert selectors.opportunities(acting.reach).count() == number
    with acts(crew.people.charlie) as acting, pytest.raises(PermissionDenied):
        opportunities.open_opportunity(acting, deal(), party=crew.people.customer)
    with acts(crew.people.bob) as acting, pytest.raises(PermissionDenied):
        opportunities.open_opportunity(acting, deal(), lead=lead)
