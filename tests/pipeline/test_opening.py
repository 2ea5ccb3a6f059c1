"""The night opens tasks from what the run published: each matter once, kept up to date, given up when it is over."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.care.models import ImportantDate
from guanxi.crm.customers.models import ContactPoint, Document, Holding, KeeperTerm, Party
from guanxi.crm.foresight.models import EarlyWarning, Signal
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.policies.selectors import in_force
from guanxi.crm.testing import Screen
from guanxi.crm.visits.models import Sponsor
from guanxi.crm.worklist.models import Task
from guanxi.crm.worklist.words import sentence
from guanxi.pipeline.opening import run_statements, told_by

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
TODAY = testing.TODAY
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def _as_pipeline(db: None) -> Iterator[None]:  # noqa: ARG001  # the test's transactions are open before
    """Let everything in the test be written by the pipeline's login, in one transaction: the night's own rights."""
    app = connections["default"]
    connections["default"] = connections["pipeline"]
    yield
    connections["default"] = app


@pytest.fixture
def screen(_as_pipeline: None) -> Screen:
    """Alice's gold customer with a phone and a job: nothing is due."""
    testing.make_policies("worklist", "visit", "interaction", "archive")
    made = testing.make_screen()
    with testing.everything():
        Party.objects.update(occupation="教师", birth_date=date(1970, 6, 15))
        ContactPoint.objects.create(
            party=made.people.customer, kind="mobile", token="t", masked="138****0000"
        )
    return made


def night(today: date = TODAY) -> dict[str, int]:
    """The statements of one night; what they did."""
    told = told_by(in_force(today), today) | {"now": NOON}
    with testing.everything(), connections["pipeline"].cursor() as cursor:
        done = run_statements(cursor, told)
        cursor.execute("DROP TABLE kept; DROP TABLE due_task")
    return done


def made(create: Callable[..., Any], **told: Any) -> Any:
    with testing.everything():
        return create(**told)


def tasks() -> list[tuple[str, str, date, int]]:
    with testing.everything():
        rows = Task.objects.order_by("origin", "due_on", "pk")
        return [(row.origin, row.state, row.due_on, row.value_fen) for row in rows]


def matures(party: Party, on: date, **more: Any) -> Holding:
    told = {
        "party": party, "account_no": "A1", "family": "time", "currency": "CNY", "balance_base_fen": 30_000_000,
        "matures_on": on, "rolls_over": False, "product_name": "一年定期",
    } | more  # fmt: skip
    return made(Holding.objects.create, **told)


@pytest.mark.usefixtures("screen")
def test_nothing_is_opened_where_nothing_is_due() -> None:
    assert night() == {"lapsed": 0, "refreshed": 0, "woken": 0, "opened": 0}


def test_a_maturity_is_opened_once_and_the_same_night_again_changes_nothing(screen) -> None:
    matures(screen.people.customer, TODAY + timedelta(days=8))
    assert night()["opened"] == 1
    assert tasks() == [("maturity", "open", TODAY + timedelta(days=8), 30_000_000)]
    assert sum(night().values()) == 0
    with testing.everything():
        task = Task.objects.get()
    assert (task.assignee, task.keeper_id, task.unit) == (
        screen.people.alice, screen.people.alice.pk, screen.people.outlet,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "more", "expected"),
    [
        (30, {}, 1),
        (31, {}, 0),
        (8, {"rolls_over": True}, 0),
        (8, {"rolls_over": None}, 1),
        (8, {"balance_base_fen": 999_999}, 0),
        (8, {"balance_base_fen": 1_000_000}, 1),
        (8, {"state": "closed"}, 0),
        (8, {"family": "loan"}, 0),
        (8, {"role": "agent"}, 0),
        (-10, {}, 1),
        (-11, {}, 0),
    ],
)
def test_which_maturities_become_tasks(screen, days, more, expected) -> None:
    matures(screen.people.customer, TODAY + timedelta(days=days), **more)
    assert night()["opened"] == expected


def test_a_card_that_ends_and_a_debit_not_covered_are_reminders_and_end_by_themselves(screen) -> None:
    on = TODAY + timedelta(days=3)
    said = {"family": "demand", "matures_on": None, "balance_fen": 500, "balance_base_fen": 500}
    debit = {"due_on": on, "due_fen": 8_000, "short_fen": 7_500}
    card = {"card_ends": True, "card_expires_on": on, "card_masked": "6222****1234"}
    party = screen.people.customer
    both = matures(party, on, **said, **debit, **card)
    matures(party, on, **said | debit | {"account_no": "USD", "currency": "USD", "balance_base_fen": 3_500})
    matures(party, on, **said | debit | card | {"account_no": "agent", "role": "agent"})
    matures(party, on, **said | {"account_no": "fine", "due_on": on, "due_fen": 100})
    assert night()["opened"] == 2
    with testing.everything():
        told = {sentence(task.reason, "en") for task in Task.objects.filter(origin="reminder")}
    assert told == {
        f"The card of 一年定期 (ending 1234) expires on {on}: a new one is needed.",
        f"一年定期: 80.00 is debited on {on}; the paying account lacks 75.00.",
    }
    made(Holding.objects.filter(pk=both.pk).update, short_fen=None, card_ends=False)
    assert night()["lapsed"] == 2


def test_what_changed_is_brought_up_to_date_and_what_is_over_given_up(screen) -> None:
    held = matures(screen.people.customer, TODAY + timedelta(days=8))
    night()
    made(Holding.objects.filter(pk=held.pk).update, balance_base_fen=20_000_000)
    assert night() == {"lapsed": 0, "refreshed": 1, "woken": 0, "opened": 0}
    assert tasks()[0][3] == 20_000_000
    made(Holding.objects.filter(pk=held.pk).update, rolls_over=True)
    assert night()["lapsed"] == 1
    with testing.everything():
        assert Task.objects.get().outcome == "no_longer"


def test_a_matter_that_was_done_is_not_opened_again(screen) -> None:
    matures(screen.people.customer, TODAY + timedelta(days=8))
    night()
    made(Task.objects.update, state="done", closed_at=NOON, closed_on=TODAY)
    assert night(TODAY + timedelta(days=1))["opened"] == 0


def test_a_customer_nobody_keeps_has_no_tasks_and_loses_those_there_were(screen) -> None:
    matures(screen.people.customer, TODAY + timedelta(days=8))
    night()
    made(Party.objects.filter(pk=screen.people.customer.pk).update, keeper=None)
    assert night()["lapsed"] == 1
    assert night()["opened"] == 0
    with testing.everything():
        assert Task.objects.get().outcome == "nobody_keeps"


@pytest.mark.parametrize(
    ("born", "today", "days"),
    [
        (date(1960, 11, 1), TODAY, 0),
        (date(1960, 11, 4), TODAY, 3),
        (date(1960, 11, 5), TODAY, None),
        (date(1960, 10, 31), TODAY, None),
        (date(1960, 2, 29), date(2027, 2, 27), 1),
        (date(1960, 2, 29), date(2028, 2, 27), 2),
        (date(1960, 1, 1), date(2026, 12, 31), 1),
    ],
)
def test_birthdays_are_opened_so_many_days_ahead(screen, born, today, days) -> None:
    made(Party.objects.filter(pk=screen.people.customer.pk).update, birth_date=born)
    night(today)
    found = [due for origin, _, due, _ in tasks() if origin == "birthday"]
    assert found == ([] if days is None else [today + timedelta(days=days)])


@pytest.mark.parametrize(
    ("calendar", "month", "dom", "today", "due"),
    [
        ("lunar", 8, 15, date(2026, 9, 22), date(2026, 9, 25)),
        ("lunar", 12, 30, date(2026, 2, 14), date(2026, 2, 16)),  # a twelfth month of 29 days
        ("leap", 6, 1, date(2025, 7, 22), date(2025, 7, 25)),
        ("leap", 6, 1, date(2026, 7, 11), date(2026, 7, 14)),  # no leap month: the sixth
        ("solar", 2, 29, date(2027, 2, 27), date(2027, 2, 28)),
        ("lunar", 6, 15, date(2026, 6, 13), None),  # the day of the papers: the customer keeps another one
    ],
)
def test_a_birthday_noted_is_opened_by_its_calendar_and_stands_before_the_papers(
    screen, calendar, month, dom, today, due
) -> None:
    noted(screen, kind="birthday", calendar=calendar, month=month, dom=dom, year=1970)
    night(today)
    assert [row[2] for row in tasks() if row[0] == "birthday"] == ([due] if due else [])
    assert night(today)["opened"] == 0
    with testing.everything():
        said = [sentence(task.reason, "zh") for task in Task.objects.filter(origin="birthday")]
    assert all(text.endswith("）。") and "None" not in text for text in said)


def test_an_anniversary_is_a_task_once_whatever_the_tier_until_it_was_ended(screen) -> None:
    with testing.everything():
        type(screen.score).objects.update(tier_rank=1)
    one = noted(screen, kind="wedding", calendar="solar", month=11, dom=6, year=1996)
    assert night()["opened"] == 1
    with testing.everything():
        task = Task.objects.get(origin="anniversary")
        assert "30 周年" in sentence(task.reason, "zh")
        Task.objects.update(state="done", closed_at=NOON, closed_on=TODAY)
    assert night()["opened"] == 0
    made(type(one).objects.filter(pk=one.pk).update, ended_on=TODAY)
    assert night(date(2027, 11, 3))["opened"] == 0


def noted(screen: Screen, **told: Any) -> ImportantDate:
    party = screen.people.customer
    copies = {"unit_id": party.unit_id, "keeper_id": party.keeper_id, "staff_id": party.keeper_id}
    return made(
        ImportantDate.objects.create, party=party, source="customer", noted_on=TODAY, **copies, **told
    )


def test_only_the_tiers_of_the_policy_are_greeted(screen) -> None:
    day = date(2026, 9, 22)  # three days before the Mid-Autumn Festival
    made(Party.objects.filter(pk=screen.people.customer.pk).update, birth_date=date(1960, 9, 23))
    night(day)
    assert [row[0] for row in tasks()] == ["birthday"]  # gold: a birthday, no festivals
    with testing.everything():
        type(screen.score).objects.update(tier_rank=5)
    night(day)
    assert [row[0] for row in tasks()] == ["birthday", "festival"]


def warned(screen: Screen, signal: str = "outflow", state: str = "listed") -> None:
    party = screen.people.customer
    told = {"unit_id": party.unit_id, "keeper_id": party.keeper_id, "signals": 1, "points": 4, "priority": 1}
    with testing.everything():
        EarlyWarning.objects.create(
            party=party,
            signal=signal,
            urgency=4,
            at_stake_fen=9_000_000,
            state=state,
            listed_on=TODAY,
            **told,
        )
        Signal.objects.create(party=party, signal=signal, amount_fen=8_000_000, day=TODAY, usual_times=0)


def test_a_listed_warning_is_a_task_and_lapses_when_it_leaves_the_list(screen) -> None:
    warned(screen)
    night()
    assert tasks() == [("warning", "open", TODAY + timedelta(days=3), 9_000_000)]
    made(EarlyWarning.objects.update, state="quiet")
    night()
    assert [row[1] for row in tasks()] == ["lapsed"]


@pytest.mark.parametrize("state", ["over_budget", "quiet", "small", "no_keeper"])
def test_a_warning_that_is_not_listed_is_no_task(screen, state) -> None:
    warned(screen, state=state)
    assert night()["opened"] == 0


def test_a_complaint_is_one_task_also_where_it_is_the_warning_too(screen) -> None:
    warned(screen, "complaint")
    night()
    assert [row[0] for row in tasks()] == ["complaint"]


def promised(screen: Screen, days: int, staff: Any = None) -> Promise:
    party = screen.people.customer
    return made(
        Promise.objects.create, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id,
        staff=staff or screen.people.alice, step="other", text="回电", made_on=TODAY - timedelta(days=5),
        due_on=TODAY + timedelta(days=days),
    )  # fmt: skip


def test_a_promise_is_a_task_shortly_before_and_after_its_day_until_it_is_kept(screen) -> None:
    coming, late, far = promised(screen, 2), promised(screen, -4), promised(screen, 3)
    night()
    with testing.everything():
        codes = {row.subject: row.reason["code"] for row in Task.objects.all()}
    assert codes == {f"promise:{coming.pk}": "promise", f"promise:{late.pk}": "promise_broken"}
    assert far.pk
    with testing.everything():
        Promise.objects.filter(pk=late.pk).update(state="kept", kept_at=NOON, closed_on=TODAY)
    assert night()["lapsed"] == 1


def test_a_promise_of_a_colleague_of_the_outlet_is_theirs_and_a_strangers_the_keepers(screen) -> None:
    teller = testing.make_staff("teller", screen.people.outlet)
    promised(screen, 0, teller)
    promised(screen, 0, screen.people.charlie)
    night()
    with testing.everything():
        assert {task.assignee for task in Task.objects.all()} == {teller, screen.people.alice}


def test_a_contact_is_due_by_the_tiers_cadence_from_the_last_that_reached_the_customer(screen) -> None:
    party, alice = screen.people.customer, screen.people.alice
    made(KeeperTerm.objects.create, party=party, staff=alice, valid_from=TODAY - timedelta(days=53))
    told = {
        "party": party, "unit_id": party.unit_id, "keeper_id": alice.pk, "staff": alice, "author_name": "x",
        "logged_at": NOON, "at": NOON,
    }  # fmt: skip
    night()
    assert tasks() == [("visit", "open", TODAY + timedelta(days=7), 52_311_842)]  # gold: every 60 days

    def contact(days: int, outcome: str) -> None:
        day = TODAY - timedelta(days=days)
        made(
            Contact.objects.create, day=day, channel="call", outcome=outcome, client_key=uuid.uuid4(), **told
        )

    contact(3, "not_reached")
    assert sum(night().values()) == 0
    contact(2, "reached_later")
    assert night()["lapsed"] == 1


@pytest.mark.usefixtures("screen")
def test_missing_facts_are_one_task_and_are_not_asked_again_for_a_while() -> None:
    with testing.everything():
        ContactPoint.objects.all().delete()
        Party.objects.update(occupation="", risk_grade="C3", risk_expires_on=TODAY - timedelta(days=1))
    night()
    with testing.everything():
        (task,) = Task.objects.all()
        assert task.reason == {"code": "profile", "facts": ["phone", "risk", "occupation"]}
        Task.objects.update(state="done", closed_at=NOON, closed_on=TODAY)
    assert night(TODAY + timedelta(days=89))["opened"] == 0
    assert night(TODAY + timedelta(days=90))["opened"] == 1


def test_a_document_that_ends_is_asked_for_anew_and_no_other_document_is(screen) -> None:
    """The entry `document_ends` of the record: from the policy's days before its last day on."""
    keeper, made_of = (
        screen.people.alice,
        {"party": screen.people.customer, "kind": "id_copy", "mime": "image/jpeg"},
    )
    for number, days in enumerate((29, 31)):
        key = uuid.UUID(int=number + 1)
        made(
            Document.objects.create, uuid=key, thread=key, size=4, sha256=key.hex * 2, added_by=keeper, **made_of,
            added_on=TODAY, added_at=NOON, ends_on=TODAY + timedelta(days=days),
        )  # fmt: skip
        night()
    with testing.everything():
        assert Task.objects.get().reason == {"code": "profile", "facts": ["document_ends"]}
        Document.objects.filter(uuid=uuid.UUID(int=1)).update(withdrawn_at=NOON)
    assert night()["lapsed"] == 1


def test_a_task_put_off_comes_back_on_its_day(screen) -> None:
    matures(screen.people.customer, TODAY + timedelta(days=8))
    night()
    made(Task.objects.update, state="snoozed", snoozed_until=TODAY + timedelta(days=2), snooze_reason="x")
    assert night(TODAY + timedelta(days=1))["woken"] == 0
    assert night(TODAY + timedelta(days=2))["woken"] == 1


def test_what_a_person_opened_is_given_up_only_when_its_days_are_over(screen) -> None:
    people = screen.people
    made(
        Task.objects.create, party=people.customer, unit=people.outlet, keeper_id=people.alice.pk,
        assignee=people.alice, origin="manual", subject="m", due_on=TODAY, opened_on=TODAY, opened_by=people.head,
    )  # fmt: skip
    assert sum(night(TODAY + timedelta(days=60)).values()) == 0
    assert night(TODAY + timedelta(days=61))["lapsed"] == 1


@pytest.mark.parametrize(("silent", "opened"), [(82, 0), (83, 1), (None, 1)])  # seven days ahead of ninety
def test_a_sponsor_silent_too_long_hears_of_it_once(screen, silent, opened) -> None:
    people, since = screen.people, TODAY - timedelta(days=120)
    told = {"party": people.customer, "unit": people.outlet, "keeper": people.alice, "staff": people.head}
    made(Sponsor.objects.create, every_days=90, since_on=since, named_by=people.head, **told)
    if silent is not None:
        day = TODAY - timedelta(days=silent)
        made(Contact.objects.create, channel="visit", at=NOON, day=day, outcome="met_interested", logged_at=NOON,
             author_name="Head", client_key=uuid.uuid4(), **told)  # fmt: skip
    night()
    night()
    with testing.everything():
        found = list(Task.objects.filter(subject__startswith="sponsor:"))
    assert [task.assignee_id for task in found] == [people.head.pk] * opened
    assert all("高层联络人" in sentence(task.reason, "zh") for task in found)
