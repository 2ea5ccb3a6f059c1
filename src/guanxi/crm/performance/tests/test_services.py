"""Packs, decisions, advice: who may, what follows, and that the trail tells it in the same transaction."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Cover
from guanxi.crm.performance import nights, packs, people, selectors, services, weeks
from guanxi.crm.performance.models import Advice, Decision, Measure, Pack, PersonFigure, TeamMedian, TierRate
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.rules import Count, expected_of
from guanxi.crm.performance.team import place_asked, team_of
from guanxi.crm.performance.tests import made_up
from guanxi.crm.performance.tests.made_up import TODAY, make_contact, make_customer, make_promise, make_task
from guanxi.crm.scores.models import PartyHistory
from guanxi.crm.worklist.models import Task, TaskState
from guanxi.crm.worklist.services import close_task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def team():
    return made_up.make_team()


def as_head(team):
    return acting_as(team.head, today=TODAY)


def make(team, day=TODAY, by=None):
    who = by or team.head
    with acting_as(who, today=day) as reach:
        return services.make_pack(by=who, place=place_asked(reach, None), today=day, now=NOW)


def decide(team, pack, owner=None, day=TODAY, text="逐户联系到期未续客户"):
    with acting_as(team.head, today=day):
        return services.decide(
            by=team.head, pack=pack, text=text, owner=owner or team.ann, due_on=day + WEEK, today=day, now=NOW
        )


def test_a_pack_is_made_once_a_week_and_stays_as_it_was_frozen(team):
    first = make(team)
    make_promise(make_customer(team, team.ann), team.ann, TODAY - timedelta(days=30))
    again = make(team, TODAY)
    assert (again.pk, again.sha256) == (first.pk, first.sha256)
    assert make(team, TODAY + WEEK).content["stuck"]["promises"]["count"] == 1


def test_a_pack_that_was_changed_afterwards_says_so(team):
    pack = make(team)
    with as_head(team) as reach:
        assert weeks.picture_of(pack, None, reach).sealed
        pack.content["process"]["done"] = [9, 9]
        assert not weeks.picture_of(pack, None, reach).sealed


def test_a_pack_names_customers_by_key_only_and_one_moved_away_is_not_named(team):
    party = make_customer(team, team.ann, aum_fen=1)
    make_promise(party, team.ann, TODAY - timedelta(days=30))
    pack = make(team)
    assert party.name not in str(pack.content)
    with as_head(team) as reach:
        assert [one.name for one in weeks.picture_of(pack, None, reach).stuck] == [party.name]
    with testing.everything():
        type(party).objects.filter(pk=party.pk).update(unit=team.elsewhere, keeper=team.far)
    with as_head(team) as reach:
        shown = weeks.picture_of(pack, None, reach).stuck[0]
    assert (shown.uuid, party.name in shown.name) == (None, False)


def test_the_next_pack_stands_beside_this_one(team):
    party = make_customer(team, team.ann)
    make_task(party, team.ann, TODAY, done_on=TODAY)
    first = make(team)
    second = make(team, TODAY + WEEK)
    with as_head(team) as reach:
        assert packs.pack_before(second) == first
        shown = {one.label: (one.now, one.before) for one in weeks.picture_of(second, first, reach).process}
    assert shown[str(Measure.DONE.label)] == ("— (0 / 0)", "100.0% (1 / 1)")


def test_a_decision_becomes_a_task_and_closing_it_ends_the_task(team):
    decision = decide(team, make(team))
    with as_head(team):
        task = Task.objects.get(subject=services.decision_subject(decision))
        assert (task.assignee_id, task.due_on, task.state) == (team.ann.pk, decision.due_on, TaskState.OPEN)
        services.close_decision(
            by=team.head,
            decision=decision,
            state="done",
            outcome="已联系 12 户，续存 8 户",
            today=TODAY,
            now=NOW,
        )
        task.refresh_from_db()
        assert task.state == TaskState.DONE
        with pytest.raises(ValidationError):
            services.close_decision(
                by=team.head, decision=decision, state="done", outcome="再次", today=TODAY, now=NOW
            )


def test_a_decision_given_up_leaves_no_task_and_counts_as_nobodys_work(team):
    decision = decide(team, make(team))
    with as_head(team):
        services.close_decision(
            by=team.head, decision=decision, state="dropped", outcome="客户已结清", today=TODAY, now=NOW
        )
        assert Task.objects.get(subject=services.decision_subject(decision)).state == TaskState.LAPSED


def test_the_owner_does_the_task_and_the_decision_stays_open_for_the_meeting(team):
    decision = decide(team, make(team))
    with acting_as(team.ann, today=TODAY):
        task = Task.objects.get(subject=services.decision_subject(decision))
        close_task(task=task, by=team.ann, now=NOW, today=TODAY)
        assert [one.pk for one in selectors.decisions_owned(team.ann)] == [decision.pk]


def test_last_weeks_decision_stands_in_the_next_pack_with_what_came_of_it(team):
    decision = decide(team, make(team))
    with as_head(team):
        services.close_decision(
            by=team.head, decision=decision, state="done", outcome="已办", today=TODAY, now=NOW
        )
    content = make(team, TODAY + WEEK).content
    assert [(one["text"], one["state"], one["outcome"]) for one in content["decisions"]] == [
        (decision.text, "done", "已办")
    ]


@pytest.mark.parametrize("who", ["ann", "teller", "far"])
def test_only_a_head_of_the_unit_makes_packs_decides_and_coaches(team, who):
    pack, person = make(team), getattr(team, who)
    with acting_as(team.head, today=TODAY) as reach:
        place = place_asked(reach, None)
    with acting_as(person, today=TODAY):
        with pytest.raises(PermissionDenied):
            services.make_pack(by=person, place=place, today=TODAY + WEEK, now=NOW)
        with pytest.raises(PermissionDenied):
            services.decide(
                by=person, pack=pack, text="x", owner=team.ann, due_on=TODAY, today=TODAY, now=NOW
            )
        with pytest.raises(PermissionDenied):
            services.advise(
                by=person, staff=team.ben, measure="done", advice="x", action="y", joint=False, today=TODAY
            )
        with pytest.raises(PermissionDenied):
            services.joint_visit(by=person, staff=team.ben, today=TODAY)


def test_a_decision_for_somebody_elsewhere_or_for_yesterday_is_refused(team):
    pack = make(team)
    with pytest.raises(PermissionDenied):
        decide(team, pack, owner=team.far)
    with as_head(team), pytest.raises(ValidationError):
        services.decide(
            by=team.head, pack=pack, text="x", owner=team.ann, due_on=TODAY - WEEK, today=TODAY, now=NOW
        )


def advise(team, measure="done", joint=False):
    with as_head(team):
        return services.advise(
            by=team.head, staff=team.ann, measure=measure, advice="先办当日到期", action="每日 9 点前排定", joint=joint,
            today=TODAY,
        )  # fmt: skip


def test_advice_keeps_the_figure_of_the_day_and_the_same_one_later(team):
    party = make_customer(team, team.ann)
    make_task(party, team.ann, TODAY)
    make_task(party, team.ann, TODAY, done_on=TODAY)
    advice = advise(team)
    later = advice.review_on
    make_task(party, team.ann, later, done_on=later)
    with acting_as(team.head, today=later):
        kept = services.review(by=team.head, advice=advice, outcome="已形成习惯", today=later)
    assert (kept.before_hits, kept.before_cases) == (1, 2)
    assert (kept.after_hits, kept.after_cases) == (1, 1)


def test_advice_is_not_looked_at_before_its_day(team):
    advice = advise(team)
    with as_head(team), pytest.raises(ValidationError):
        services.review(by=team.head, advice=advice, outcome="x", today=advice.review_on - timedelta(days=1))


def test_a_joint_visit_is_a_task_for_each_of_the_two_once_a_day(team):
    with as_head(team):
        first = services.joint_visit(by=team.head, staff=team.ann, today=TODAY)
        assert services.joint_visit(by=team.head, staff=team.ann, today=TODAY) == first
        rows = Task.objects.filter(subject__startswith="joint:")
        assert {row.assignee_id for row in rows} == {team.head.pk, team.ann.pk}
        assert rows.count() == 2


@pytest.mark.parametrize(
    ("deed", "verb"),
    [
        (make, "performance.pack_made"),
        (lambda team: decide(team, make(team)), "performance.decided"),
        (advise, "performance.advised"),
    ],
)
def test_a_deed_and_its_row_in_the_trail_are_kept_together_or_not_at_all(team, deed, verb):
    with transaction.atomic():
        deed(team)
        assert ChangeLog.objects.filter(verb=verb).count() == 1
        transaction.set_rollback(True)
    assert not ChangeLog.objects.filter(verb=verb).exists()
    with testing.everything():
        assert not Pack.objects.exists()
        assert not Advice.objects.exists()


def seen_by(person, model):
    """What the database itself shows this person of a table, without any filter of ours."""
    with acting_as(person, today=TODAY):
        return model.objects.count()


def test_row_security_shows_a_head_the_own_unit_a_person_the_own_rows_and_a_teller_nothing(team):
    decide(team, make(team))
    advise(team)
    with as_head(team):
        for person in (team.ann, team.ben):
            PersonFigure.objects.create(
                staff=person, unit=team.outlet, role="relationship_manager", as_of=TODAY, measure="done", hits=1,
                cases=2,
            )  # fmt: skip
    far_head = testing.make_staff("outlet_head", team.elsewhere)
    wide = testing.make_staff("supervisor", team.bank)
    analyst = testing.make_staff("analyst", team.bank)
    tables = (Pack, Decision, Advice, PersonFigure)
    assert [seen_by(team.head, model) for model in tables] == [1, 1, 1, 2]
    assert [seen_by(wide, model) for model in tables] == [1, 1, 1, 2]
    assert [seen_by(team.ann, model) for model in tables] == [0, 1, 1, 1]
    assert [seen_by(team.ben, model) for model in tables] == [0, 0, 0, 1]
    for person in (team.teller, team.far, far_head, analyst):
        assert [seen_by(person, model) for model in tables] == [0, 0, 0, 0]


def test_without_an_acting_person_nothing_is_there(team):
    make(team)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        cursor.execute("SELECT COUNT(*) FROM performance_pack")
        assert cursor.fetchone() == (0,)


def test_a_head_writes_nothing_about_people_of_another_unit(team):
    from django.db.utils import DatabaseError

    told = {"staff": team.far, "unit": team.elsewhere, "coach": team.head, "advice": "x", "action": "y"}
    with as_head(team), pytest.raises(DatabaseError), transaction.atomic():
        Advice.objects.create(**told, measure="done", given_on=TODAY, review_on=TODAY + timedelta(days=28))


# --- the night


def history_of(party, aum_fen, rank):
    """Three closed months, oldest first, with the same wealth and tier."""
    from datetime import date

    months = [date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]
    told = {name: [] for name in PartyHistory.arrays()} | {
        "months": months, "aum_fen": [aum_fen] * 3, "tier_ranks": [rank] * 3, "stages": ["mature"] * 3,
    }  # fmt: skip
    with testing.everything():
        PartyHistory.objects.create(party=party, **told)


def measure(team):
    """A night, written by somebody who sees the whole bank."""
    wide = testing.make_staff("supervisor", team.bank)
    with acting_as(wide, today=TODAY):
        return nights.measure_night(testing.BUSINESS_DATE, using="default")


def test_results_are_the_wealth_of_customers_kept_all_the_time_beside_their_tiers_in_the_whole_bank(team):
    for keeper, now, rank in ((team.ann, 110, 4), (team.ann, 300, 5), (team.far, 90, 4)):
        unit = team.elsewhere if keeper is team.far else None
        history_of(make_customer(team, keeper, rank=rank, aum_fen=now, unit=unit), 100, rank)
    make_customer(team, team.ann, aum_fen=999_999)  # new: no month to compare with
    measure(team)
    with as_head(team):
        row = PersonFigure.objects.get(staff=team.ann, measure=Measure.RESULT)
    gold, platinum = Count(200, 200), Count(300, 100)
    mine = {4: Count(110, 100), 5: Count(300, 100)}
    assert (row.hits, row.cases) == (410, 200)
    assert row.expected == pytest.approx(expected_of(mine, {4: gold, 5: platinum}))


@pytest.mark.parametrize(
    ("reason", "before", "counts"),
    [("", False, True), ("hand-over 1", True, False), ("assigned", False, False), ("", True, False)],
)
def test_a_customer_who_changed_keeper_since_is_in_nobodys_result(team, reason, before, counts):
    from guanxi.crm.customers.models import KeeperTerm

    party = make_customer(team, team.ann, aum_fen=500)
    history_of(party, 100, 4)
    with testing.everything():
        told = {"party": party, "staff": team.ann, "valid_from": TODAY - timedelta(days=10)}
        KeeperTerm.objects.create(**told, reason=reason)
        if before:
            since = TODAY - timedelta(days=400)
            KeeperTerm.objects.create(
                party=party, staff=team.ben, valid_from=since, valid_to=told["valid_from"]
            )
    measure(team)
    with as_head(team):
        assert PersonFigure.objects.filter(staff=team.ann, measure=Measure.RESULT).exists() is counts


def test_a_median_is_of_enough_people_of_one_role_and_never_of_two(team):
    for person in (team.ann, team.ben):
        make_task(make_customer(team, person), person, testing.BUSINESS_DATE, done_on=testing.BUSINESS_DATE)
    measure(team)
    assert not TeamMedian.objects.exists()
    cat = testing.make_staff("relationship_manager", team.outlet)
    make_task(make_customer(team, cat), cat, testing.BUSINESS_DATE)
    measure(team)
    row = TeamMedian.objects.get(unit=team.outlet, measure=Measure.DONE)
    assert (row.people, row.value) == (3, 1.0)


def test_a_person_and_the_head_read_the_same_number_of_the_same_work(team):
    make_contact(make_customer(team, team.ben), team.ann, testing.BUSINESS_DATE)  # out of Ann's own sight
    make_contact(make_customer(team, team.ann), team.ann, testing.BUSINESS_DATE)
    measure(team)
    found = []
    for reader in (team.ann, team.head):
        with acting_as(reader, today=TODAY):
            _day, figures = people.figures_of([team.ann.pk], terms_on(TODAY))
            found.append(figures[team.ann.pk][Measure.CONTACTS])
    assert found == [Count(2, 2), Count(2, 2)]


def test_the_same_night_again_changes_nothing(team):
    make_contact(make_customer(team, team.ann), team.ann, testing.BUSINESS_DATE)
    first = measure(team)
    assert measure(team) == first
    with as_head(team):
        assert PersonFigure.objects.filter(staff=team.ann).count() == len(
            set(PersonFigure.objects.filter(staff=team.ann).values_list("measure", flat=True))
        )
    assert (
        TierRate.objects.values("measure", "scheme", "tier_rank", "as_of").distinct().count()
        == TierRate.objects.count()
    )


def test_the_team_stands_by_unit_and_name_with_who_is_away(team):
    Cover.objects.create(
        absent=team.ben, covering=team.ann, first_day=TODAY, last_day=TODAY + timedelta(days=3)
    )
    found = team_of([team.outlet.pk], TODAY)
    assert [one.staff.name for one in found] == ["安然", "毕成", "陈柜"]
    assert {one.staff.name: one.covered_by for one in found}["毕成"] == "安然"
