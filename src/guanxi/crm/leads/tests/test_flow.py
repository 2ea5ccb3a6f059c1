"""A lead's way through the hands of the bank: who may do what, what it leaves behind, and what nobody may read."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.leads import selectors, services
from guanxi.crm.leads.arriving import Draft
from guanxi.crm.leads.models import Lead, LeadEvent, LeadFeedback, LeadSecret, MapStep
from guanxi.crm.leads.rules import Feedback, State
from guanxi.crm.leads.services import StepDraft
from guanxi.crm.leads.tests.flow import (
    COMPLETE,
    NOW,
    TODAY,
    a_number,
    acts,
    claimed,
    collected,
    converting,
    draft,
    fed_back,
    fresh,
    give_number,
    published,
)
from guanxi.crm.worklist.models import Task

pytestmark = pytest.mark.django_db


def tasks_of(staff):
    with testing.everything():
        rows = Task.objects.filter(assignee=staff, origin="lead").order_by("due_on", "pk")
        return [(task.reason["code"], task.state, task.due_on) for task in rows]


def test_somebody_without_customers_hands_in_a_lead_and_sees_what_becomes_of_it(crew) -> None:
    lead = collected(crew, by=crew.cook)
    assert (lead.state, lead.origin) == (State.COLLECT, "referral")
    with acts(crew.people.head) as acting:
        services.publish(acting, [lead])
    with acts(crew.people.alice) as acting:
        services.claim(acting, lead)
    with acts(crew.cook) as acting:
        (seen,) = selectors.handed_in(acting.reach)
        assert seen.state == State.FEEDBACK


def test_a_teller_hands_in_at_the_counter(crew) -> None:
    assert collected(crew).origin == "counter"


def test_the_number_stands_nowhere_in_clear(crew, caplog) -> None:
    number = a_number()
    with caplog.at_level(logging.DEBUG):
        lead = collected(crew, contact=number)
        with acts(crew.people.head) as acting:
            services.publish(acting, [lead])
        with acts(crew.people.alice) as acting:
            services.claim(acting, lead)
            assert services.reveal(acting, lead, reason="约上门时间") == number
    assert number not in caplog.text
    assert repr(draft(contact=number)).count(number) == 0
    with testing.everything(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            if table.startswith(("leads_", "audit_", "worklist_", "customers_")):
                cursor.execute(
                    f"SELECT COUNT(*) FROM {table} AS row WHERE row::text LIKE %s", [f"%{number}%"]
                )
                assert cursor.fetchone() == (0,), table


def test_revealing_is_for_the_owner_alone_and_leaves_its_reason(crew) -> None:
    lead = claimed(crew)
    for person in (crew.people.bob, crew.people.head, crew.teller):
        with acts(person) as acting, pytest.raises((PermissionDenied, Lead.DoesNotExist)):
            services.reveal(acting, lead, reason="看看")
    with acts(crew.people.alice) as acting:
        with pytest.raises(ValidationError):
            services.reveal(acting, lead, reason=" ")
        services.reveal(acting, lead, reason="约上门时间")
    assert ChangeLog.objects.get(verb="leads.revealed").details == {"reason": "约上门时间"}


def test_a_customer_never_becomes_a_lead_and_the_keeper_is_told(crew) -> None:
    number = a_number()
    give_number(crew.people.customer, number)
    lead = collected(crew, by=crew.cook, contact=f"+86 {number[:3]}-{number[3:]}")
    assert (lead.state, lead.owner_id) == (State.KNOWN, None)
    assert tasks_of(crew.people.alice) == [("lead_known", "open", TODAY + timedelta(days=7))]
    with testing.everything():
        assert not LeadSecret.objects.filter(lead=lead).exists()
    with acts(crew.people.head) as acting, pytest.raises(ValidationError):
        services.publish(acting, [lead])


def test_a_customer_of_another_outlet_is_recognised_too(crew) -> None:
    number = a_number()
    stranger = testing.make_party(crew.people.elsewhere, keeper=crew.people.charlie)
    give_number(stranger, number)
    assert collected(crew, contact=number).state == State.KNOWN
    assert [code for code, _state, _due in tasks_of(crew.people.charlie)] == ["lead_known"]


def test_a_closed_customer_may_be_won_back_as_a_lead(crew) -> None:
    number = a_number()
    give_number(testing.make_party(crew.people.outlet, state="closed"), number)
    assert collected(crew, contact=number).state == State.COLLECT


def test_a_company_is_recognised_by_its_name(crew) -> None:
    testing.make_party(crew.people.elsewhere, kind="company", name="苏州明达纺织有限公司")
    assert collected(crew, kind="company", name="苏州明达纺织有限公司").state == State.KNOWN
    assert collected(crew, kind="company", name="苏州明远纺织有限公司").state == State.COLLECT
    assert collected(crew, kind="person", name="苏州明达纺织有限公司").state == State.COLLECT


def test_the_second_to_hand_in_somebody_is_told_and_the_first_keeps_it(crew) -> None:
    number = a_number()
    first = collected(crew, contact=number)
    second = collected(crew, by=crew.cook, contact=number)
    assert (fresh(first).state, second.state) == (State.COLLECT, State.TWICE)


@pytest.mark.parametrize("contact", ["", "12345", "不知道", "139000"])
def test_what_is_no_number_is_refused(crew, contact) -> None:
    with pytest.raises(ValidationError):
        collected(crew, contact=contact)


def test_a_day_has_so_many_hand_ins(crew) -> None:
    for _ in range(30):
        collected(crew, by=crew.cook)
    with pytest.raises(ValidationError):
        collected(crew, by=crew.cook)
    with acts(crew.cook, on=TODAY + timedelta(days=1)) as acting:
        services.hand_in(acting, draft(), unit=crew.people.outlet)


def test_only_the_outlets_head_publishes_and_only_its_own(crew) -> None:
    lead = collected(crew)
    far = testing.make_staff("outlet_head", crew.people.elsewhere)
    for person in (crew.people.alice, crew.teller):
        with acts(person) as acting, pytest.raises(PermissionDenied):
            services.publish(acting, [lead])
    with acts(far) as acting:
        assert services.publish(acting, [lead]) == 0
    assert fresh(lead).state == State.COLLECT


def test_a_meeting_page_is_for_those_who_sit_in_that_meeting(crew) -> None:
    near, wide = collected(crew), collected(crew)
    with acts(crew.people.head) as acting:
        services.publish(acting, [near], board=crew.people.outlet)
        services.publish(acting, [wide])
    for person, seen in (
        (crew.people.alice, {near, wide}), (crew.people.charlie, {wide}), (crew.cook, set()), (crew.teller, None)
    ):  # fmt: skip
        with acts(person) as acting:
            if seen is not None:
                assert set(Lead.objects.filter(state=State.PUBLISH)) == seen
            if person != crew.teller:
                assert set(selectors.leads_seen(acting.reach).filter(state=State.PUBLISH)) == (seen or set())


def test_a_forgotten_filter_shows_no_lead_of_others(crew) -> None:
    lead = claimed(crew)
    with acts(crew.people.alice) as acting:
        services.feed_back(acting, lead, COMPLETE)
    for person in (crew.people.charlie, crew.people.bob, crew.cook):
        with acts(person):
            assert not Lead.objects.exists()
            assert not LeadFeedback.objects.exists()
            assert not LeadEvent.objects.exists()
            assert not LeadSecret.objects.exists()
    assert not Lead.objects.exists()


def test_the_secret_of_a_published_lead_is_not_there_for_those_who_may_claim_it(crew) -> None:
    published(crew)
    for person, number in (
        (crew.people.alice, 0),
        (crew.people.charlie, 0),
        (crew.people.head, 1),
        (crew.teller, 1),
    ):
        with acts(person):
            assert LeadSecret.objects.count() == number


def test_the_first_claim_has_the_lead(crew) -> None:
    lead = published(crew)
    with acts(crew.people.bob) as acting:
        services.claim(acting, lead)
    with acts(crew.people.alice) as acting, pytest.raises(ValidationError):
        services.claim(acting, lead)
    assert fresh(lead).owner == crew.people.bob
    assert tasks_of(crew.people.bob) == [("lead_feedback", "open", TODAY + timedelta(days=7))]


def test_a_teller_claims_nothing(crew) -> None:
    lead = published(crew)
    with acts(crew.teller) as acting, pytest.raises(PermissionDenied):
        services.claim(acting, lead)


def test_nobody_holds_more_leads_than_the_policy_says(crew) -> None:
    leads = [published(crew) for _ in range(16)]
    with acts(crew.people.alice) as acting:
        for lead in leads[:15]:
            services.claim(acting, lead)
        with pytest.raises(ValidationError):
            services.claim(acting, leads[15])
        services.lose(acting, leads[0], reason="no_need")
        services.claim(acting, leads[15])


def test_opening_details_has_a_daily_limit_and_counts_each_lead_once(crew) -> None:
    leads = [published(crew) for _ in range(21)]
    with acts(crew.people.charlie) as acting:
        for lead in leads[:20] * 2:
            services.look(acting, lead)
        with pytest.raises(ValidationError):
            services.look(acting, leads[20])
    with acts(crew.people.charlie, on=TODAY + timedelta(days=1)) as acting:
        services.look(acting, leads[20])
    with acts(crew.people.head) as acting:
        for lead in leads:
            services.look(acting, lead)


def test_feedback_that_lacks_a_key_person_comes_back_with_what_is_missing(crew) -> None:
    lead = fed_back(crew, Feedback(True, "对公结算", decides="张总"))
    assert (lead.state, lead.missing) == (State.REPAIR, ["informs", "operates"])
    assert ("lead_repair", "open", TODAY + timedelta(days=5)) in tasks_of(crew.people.alice)
    with acts(crew.people.alice) as acting:
        with pytest.raises(ValidationError):
            services.convert(acting, lead, [StepDraft("张总", "拜访", crew.people.alice, TODAY)])
        again = services.feed_back(acting, lead, COMPLETE)
    assert (again.state, again.missing, again.fed_back_on) == (State.FEEDBACK, [], TODAY)


def test_feedback_without_resources_ends_the_lead_and_its_task(crew) -> None:
    lead = fed_back(crew, Feedback(False))
    assert (lead.state, lead.close_reason) == (State.LOST, "no_resources")
    assert {state for _code, state, _due in tasks_of(crew.people.alice)} == {"lapsed"}


def test_the_head_sends_back_what_is_not_enough(crew) -> None:
    lead = fed_back(crew)
    with acts(crew.people.head) as acting:
        again = services.send_back(acting, lead, note="说清代发人数")
    assert (again.state, again.missing_note, again.fed_back_on) == (State.REPAIR, "说清代发人数", None)


def test_a_collected_lead_goes_back_to_who_handed_it_in_and_is_collected_again(crew) -> None:
    lead = collected(crew, by=crew.cook)
    with acts(crew.people.head) as acting:
        services.send_back(acting, lead, note="是哪家店?")
    with acts(crew.teller) as acting, pytest.raises(PermissionDenied):
        services.supply(acting, lead, note="不是我的")
    with acts(crew.cook) as acting:
        assert services.supply(acting, lead, note="观前街 12 号").state == State.COLLECT


def test_conversion_makes_the_map_and_the_first_ninety_days(crew) -> None:
    converting(crew)
    mine = tasks_of(crew.people.alice)
    assert [due for code, _state, due in mine if code == "lead_step"] == [date(2026, 11, 5)]
    assert [due for code, _state, due in mine if code == "lead_plan"] == [
        TODAY + timedelta(days=day) for day in (3, 14, 30, 60, 90)
    ]
    assert [code for code, _state, _due in tasks_of(crew.people.bob)] == ["lead_step"]


def test_a_colleague_sees_the_lead_of_a_step_and_finishes_it(crew) -> None:
    lead = converting(crew)
    with acts(crew.people.bob) as acting:
        assert selectors.lead_or_404(acting.reach, lead.uuid) == lead
        services.finish_step(acting, MapStep.objects.get(staff=crew.people.bob))
    assert [state for _code, state, _due in tasks_of(crew.people.bob)] == ["done"]
    with acts(crew.people.charlie) as acting, pytest.raises((PermissionDenied, Lead.DoesNotExist)):
        services.finish_step(acting, MapStep(lead=lead, staff=crew.people.alice))


def test_a_given_back_lead_is_published_without_its_owner_who_rests(crew) -> None:
    lead = converting(crew)
    with acts(crew.people.alice) as acting:
        back = services.give_back(acting, lead, reason="客户在平江")
        assert (back.state, back.owner, back.returns) == (State.PUBLISH, None, 1)
        with pytest.raises(ValidationError):
            services.claim(acting, back)
    standing = [
        state for staff in (crew.people.alice, crew.people.bob) for _code, state, _due in tasks_of(staff)
    ]
    assert "open" not in standing
    with acts(crew.people.bob) as acting:
        services.claim(acting, back)
    with acts(crew.people.bob, on=TODAY + timedelta(days=1)) as acting:
        services.give_back(acting, back, reason="也不合适")
    with acts(crew.people.alice, on=TODAY + timedelta(days=14)) as acting:
        services.claim(acting, back)


def _loses_and_fails(person, lead):
    with transaction.atomic(), acts(person) as acting:
        services.lose(acting, lead, reason="no_need")
        raise ZeroDivisionError


def test_each_write_leaves_one_row_of_the_trail_in_its_own_transaction(crew) -> None:
    lead = claimed(crew)
    verbs = list(
        ChangeLog.objects.filter(object_kind="leads.lead").order_by("pk").values_list("verb", flat=True)
    )
    assert verbs == ["leads.handed_in", "leads.publish", "leads.claim"]
    with pytest.raises(ZeroDivisionError):
        _loses_and_fails(crew.people.alice, lead)
    assert fresh(lead).state == State.FEEDBACK
    assert not ChangeLog.objects.filter(verb="leads.lose").exists()
    assert all("周小满" not in json.dumps(row.details, ensure_ascii=False) for row in ChangeLog.objects.all())
    assert not ChangeLog.objects.filter(object_label__contains="周小满").exists()


def test_a_proposal_is_confirmed_as_far_as_it_still_holds(crew) -> None:
    first, second = published(crew), published(crew)
    with acts(crew.people.bob) as acting:
        services.claim(acting, second)
    with acts(crew.people.alice) as acting, pytest.raises(PermissionDenied):
        services.assign(acting, {first.pk: crew.people.alice.pk})
    with acts(crew.people.head) as acting:
        given = services.assign(acting, {first.pk: crew.people.alice.pk, second.pk: crew.people.alice.pk})
    assert given == (1, 1)
    assert [fresh(lead).owner for lead in (first, second)] == [crew.people.alice, crew.people.bob]


def test_a_head_gives_leads_to_people_of_the_own_units_only(crew) -> None:
    lead, teller = published(crew), testing.make_staff("teller", crew.people.outlet)
    gone = testing.make_staff("relationship_manager", crew.people.outlet)
    gone.is_active = False
    gone.save()
    for person in (crew.people.charlie, teller, gone):
        with acts(crew.people.head) as acting:
            assert services.assign(acting, {lead.pk: person.pk}) == (0, 1)
    assert fresh(lead).owner is None


def test_the_number_of_a_draft_is_cut_from_failures() -> None:
    assert repr(Draft("person", "周小满", "13900001111")) == "Draft(person)"
    assert NOW.tzinfo is not None


def test_a_step_finished_twice_or_gone_with_its_plan_is_told_once(crew) -> None:
    lead = converting(crew)
    with acts(crew.people.bob) as acting:
        step, again = (MapStep.objects.get(staff=crew.people.bob) for _ in "ab")
        services.finish_step(acting, step)
        services.finish_step(acting, again)
        assert LeadEvent.objects.filter(lead=lead, deed="step").count() == 1
    with acts(crew.people.alice) as acting:
        gone = MapStep.objects.create(lead=lead, staff=crew.people.alice, whom="王", what="访", due_on=TODAY)
        services.give_back(acting, lead, reason="客户在平江")
        with pytest.raises((ValidationError, PermissionDenied)):
            services.finish_step(acting, gone)
