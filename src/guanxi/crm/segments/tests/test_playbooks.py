"""Playbooks on the screen: where a customer stands, what each role sees, and binding a segment by two people."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.services import activate, approve
from guanxi.crm.segments.models import Enrolment
from guanxi.crm.segments.playbooks import rules
from guanxi.crm.segments.playbooks.selectors import playbooks
from guanxi.crm.segments.tests.facts_bank import NOW, four_old, make
from guanxi.crm.worklist.models import Task
from guanxi.insight.policies.playbook import Playbook, PlaybookStep

TODAY = testing.TODAY
BOOK = Playbook("a", "方案", "Plan", ("person",), 0, 0, "", "", life_stage="mature")


def step(code: str, on_day: int, every: int = 0) -> PlaybookStep:
    return PlaybookStep("a", code, on_day, every, code, code, "", "", 1, 5)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from([0, 7, 90])), min_size=1, max_size=4),
    st.integers(0, 400),
    st.sampled_from([0, 60, 180]),
)
@tried(max_examples=60, deadline=None)
def test_the_next_step_is_the_soonest_of_all_days_to_come(steps, day, ends) -> None:
    made = tuple(step(f"s{at}", *one) for at, one in enumerate(steps))
    days = [
        (due, at)
        for at, (first, every) in enumerate(steps, 1)
        for due in (range(first, 1000, every) if every else [first])
        if due >= day and (not ends or due <= ends)
    ]
    place = rules.place_of(replace(BOOK, runs_days=ends), made, TODAY, TODAY + timedelta(day))
    assert place.day == day
    if days:
        assert (place.due_on, place.number) == (TODAY + timedelta(min(days)[0]), min(days)[1])
    else:
        assert place.step is place.due_on is None


def test_the_share_in_time_is_of_what_was_done_or_given_up_and_no_share_of_nothing() -> None:
    assert rules.Going(due=4, ended=2).in_time_share is None
    both = rules.Going(done=3, in_time=2, lapsed=1) + rules.Going(done=1, in_time=1, lapsed=0, ended=9)
    assert both.in_time_share == 3 / 5


@pytest.fixture
def standing(screen: testing.Screen, settings) -> testing.Screen:
    """Alice's customer on day 10 of the plan for the mature, the quarter's step open; a stranger's on it elsewhere."""
    settings.GUANXI_TODAY = TODAY.isoformat()
    testing.make_policies("playbook", "worklist")
    people = screen.people
    stranger = testing.make_party(people.elsewhere, keeper=people.charlie, name="陌生人")
    with testing.everything():
        for party in (people.customer, stranger):
            Enrolment.objects.create(
                playbook="mature",
                party=party,
                unit_id=party.unit_id,
                keeper_id=party.keeper_id,
                entered_on=TODAY - timedelta(10),
                found_on=TODAY - timedelta(10),
            )
            Task.objects.create(
                party=party,
                unit_id=party.unit_id,
                keeper_id=party.keeper_id,
                assignee_id=party.keeper_id,
                origin="playbook",
                subject="mature:quarter:2026-10-22:0",
                due_on=TODAY + timedelta(4),
                opened_on=TODAY,
                reason={"code": "playbook", "name_zh": "成熟期客户维护", "do_zh": "季度回访", "on": 14},
            )
    return screen  # fmt: skip


@pytest.mark.django_db
def test_everybody_counts_within_reach_and_row_security_hides_the_rest(standing) -> None:
    people = standing.people
    page = testing.client_of(people.alice).get("/segments/playbooks/mature").content.decode()
    assert people.customer.name in page
    assert "陌生人" not in page
    assert testing.client_of(people.alice).get("/segments/playbooks/nothing").status_code == 404
    listed = testing.client_of(people.bob).get("/segments/playbooks/").content.decode()
    assert "成熟期客户维护" in listed
    with acting_as(people.bob, today=TODAY):
        assert Enrolment.objects.count() == 0  # a forgotten filter shows nothing
    with acting_as(people.charlie, today=TODAY):
        assert Enrolment.objects.count() == 1


@pytest.mark.django_db
def test_the_customer_page_says_which_step_comes_next(standing) -> None:
    people = standing.people
    address = f"/customers/{people.customer.uuid}/rest"
    page = testing.client_of(people.alice).get(address).content.decode()
    assert "/segments/playbooks/mature" in page
    assert "第 10 天" in page
    assert "第 1/2 步：季度回访：到期安排、家中变化" in page


@pytest.mark.django_db
def test_a_copy_follows_the_customer_to_the_new_keeper(standing) -> None:
    people = standing.people
    with testing.everything():
        people.customer.keeper = people.bob
        people.customer.save(update_fields=["keeper"])
        assert Enrolment.objects.get(party=people.customer).keeper_id == people.bob.pk


@pytest.mark.django_db
def test_a_segment_is_bound_by_one_person_and_approved_by_another(standing, home) -> None:
    bank = standing.people.bank
    analyst = testing.make_staff("analyst", bank, name="分析员")
    supervisor = testing.make_staff("supervisor", bank, name="主管")
    four_old(standing, home)
    segment = make(analyst)
    said = {"name": "老年客户陪伴", "like": "mature", "expect": "每季见一面", "note": "细分客群"}
    client = testing.client_of(analyst)
    assert testing.client_of(standing.people.alice).get(f"/segments/{segment.uuid}/bind").status_code == 403
    assert client.post(f"/segments/{segment.uuid}/bind", said | {"name": ""}).status_code == 422
    assert client.post(f"/segments/{segment.uuid}/bind", said).status_code == 302
    assert client.post(f"/segments/{segment.uuid}/bind", said | {"expect": "每月见一面"}).status_code == 302
    version = PolicyVersion.objects.filter(kind="playbook").latest("version")
    with acting_as(supervisor, today=TODAY):
        approve(by=supervisor, today=TODAY, now=NOW, version=version, content_hash=version.content_hash)
        activate(by=supervisor, today=TODAY, version=version, valid_from=TODAY)
    policy = playbooks(TODAY)
    assert policy is not None
    made = policy.playbooks[-1]
    assert (made.label(), made.segment, made.whom()) == (
        "老年客户陪伴", f"{segment.uuid}@1", "个人、个体工商户，属于客群“老年客户”",
    )  # fmt: skip
    form = client.get("/policies/playbook/propose").content.decode()
    assert f'value="{segment.uuid}@1"' in form
    assert 'value="gray"' not in form  # what nobody types travels as it is
    assert [one.code for one in policy.steps_of(made.playbook)] == ["quarter", "year"]
    assert made.playbook in client.get(f"/segments/{segment.uuid}/").content.decode()
