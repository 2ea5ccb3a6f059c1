"""A case from opening to the ledger's word: once a customer, within authority, audited in its own transaction."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.foresight.models import Signal
from guanxi.crm.interactions.models import Contact
from guanxi.crm.retention import words
from guanxi.crm.retention.models import Case, CaseOffer, CaseSource
from guanxi.crm.retention.tests.bank import (
    FLOWED,
    Bench,
    close,
    counter_event,
    decide,
    make_bench,
    offer,
    open_case,
    step,
    warn,
)
from guanxi.crm.worklist.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench() -> Bench:
    return make_bench()


def product(grade: str | None, family: str = "wealth") -> Product:
    return Product.objects.create(
        product_code=f"P{grade}{family}", name="稳健理财", family=family, risk_grade=grade
    )


def tasks(party: Party) -> list[Task]:
    with testing.everything():
        return list(Task.objects.filter(party=party, origin="retention").order_by("pk"))


def test_a_case_freezes_the_signals_of_its_opening(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    with testing.everything():
        Signal.objects.all().delete()
        case = Case.objects.get(pk=case.pk)
    assert case.evidence["signals"][0]["place"] == "招商银行苏州分行"
    assert (case.opening_fen, case.amount_fen) == (52_311_842, FLOWED)
    assert (case.due_on - testing.TODAY).days == 5
    assert (case.tier_scheme, case.tier_rank) == ("person", 4)


def test_opening_twice_gives_the_same_case_and_one_task(bench) -> None:
    first = open_case(bench.people.alice, bench.customer)
    again = open_case(bench.people.head, bench.customer)
    assert first.pk == again.pk
    assert [task.assignee_id for task in tasks(bench.customer)] == [bench.people.alice.pk]


def test_the_database_itself_refuses_a_second_open_case(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    case.pk = None
    with testing.everything(), pytest.raises(IntegrityError), transaction.atomic():
        case.save(force_insert=True)


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_nobody_opens_a_case_for_a_customer_out_of_reach(bench, who) -> None:
    with pytest.raises(PermissionDenied):
        open_case(getattr(bench.people, who), bench.customer)


def test_a_teller_opens_a_case_only_with_an_event_at_the_counter(bench) -> None:
    teller = testing.make_staff("teller", bench.people.outlet)
    with pytest.raises(PermissionDenied):
        open_case(teller, bench.customer)
    case = open_case(teller, bench.customer, event=counter_event())
    assert (case.source, case.due_on) == (CaseSource.WARNING, testing.TODAY)


def test_an_event_at_the_counter_tells_the_keeper_for_the_same_day_once(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    for _again in range(2):
        case = open_case(bench.people.head, bench.customer, event=counter_event(said_place="state_bank"))
    told = [task for task in tasks(bench.customer) if task.subject.startswith("event:")]
    assert [(task.assignee_id, task.due_on, task.urgency) for task in told] == [
        (bench.people.alice.pk, testing.TODAY, 3)
    ]
    assert (case.due_on, case.said_place, len(case.events)) == (testing.TODAY, "state_bank", 1)


def test_a_customer_without_a_keeper_is_the_heads_to_act_on(bench) -> None:
    party = testing.make_party(bench.people.outlet, name="无人管")
    open_case(bench.people.head, party)
    assert [task.assignee_id for task in tasks(party)] == [bench.people.head.pk]


def test_a_step_is_a_contact_in_the_log(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    contact = step(bench.people.alice, case)
    with testing.everything():
        assert Contact.objects.get().pk == contact.pk


def test_an_ending_keeps_why_where_and_the_ledgers_own_word(bench) -> None:
    case = close(bench.people.alice, open_case(bench.people.alice, bench.customer), place="joint_stock")
    assert (case.state, case.reason, case.place) == ("lost", "rate", "joint_stock")
    assert (case.ledger_places, case.ledger_bank, case.agrees) == (["joint_stock"], "招商银行苏州分行", True)
    assert (case.judge_on - testing.TODAY).days == 90
    assert {task.state for task in tasks(bench.customer)} == {"done"}


def test_a_destination_that_the_ledger_does_not_show_is_marked_apart(bench) -> None:
    assert (
        close(bench.people.alice, open_case(bench.people.alice, bench.customer), place="house").agrees
        is False
    )


def test_without_an_outflow_nothing_is_compared(bench) -> None:
    with testing.everything():
        Signal.objects.all().delete()
    assert (
        close(bench.people.alice, open_case(bench.people.alice, bench.customer), place="house").agrees is None
    )


def test_the_latest_outflow_counts_and_not_the_one_at_opening(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    warn(bench.customer, destination="third_party_wealth", place="东吴证券")
    assert close(bench.people.alice, case, place="broker").agrees is True


@pytest.mark.parametrize(("ending", "place"), [("lost", "here"), ("nonsense", "house"), ("lost", "")])
def test_an_ending_that_makes_no_sense_is_refused_and_changes_nothing(bench, ending, place) -> None:
    case = open_case(bench.people.alice, bench.customer)
    with pytest.raises(ValidationError):
        close(bench.people.alice, case, ending=ending, place=place)
    with testing.everything():
        assert Case.objects.get(pk=case.pk).state == "open"


def test_a_case_ends_once_and_the_next_one_is_another(bench) -> None:
    case = close(bench.people.alice, open_case(bench.people.alice, bench.customer))
    with pytest.raises(ValidationError):
        close(bench.people.alice, case, ending="saved", place="here")
    assert open_case(bench.people.alice, bench.customer).pk != case.pk


def test_every_deed_is_in_the_trail_and_none_when_it_fails(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    before = ChangeLog.objects.count()
    with pytest.raises(ValidationError):
        close(bench.people.alice, case, place="")
    assert ChangeLog.objects.count() == before
    close(bench.people.alice, case)
    verbs = set(ChangeLog.objects.filter(verb__startswith="retention").values_list("verb", flat=True))
    assert verbs == {"retention.case_opened", "retention.case_closed"}


# --- offers


def test_within_ones_authority_an_offer_counts_at_once_and_above_it_waits(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    assert offer(bench.people.alice, case, amount=20_000).state == "approved"
    assert offer(bench.people.alice, case, amount=1).state == "asked"


def test_an_offer_above_everybodys_authority_is_refused_outright(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    with pytest.raises(ValidationError):
        offer(bench.people.alice, case, amount=1_000_001)


def test_the_nearest_head_whose_authority_reaches_is_asked(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    small, large = (
        offer(bench.people.alice, case, amount=100_000),
        offer(bench.people.alice, case, amount=200_000),
    )
    asked = {task.subject: task.assignee_id for task in tasks(bench.customer)}
    assert asked[f"offer:{small.pk}"] == bench.people.head.pk
    assert asked[f"offer:{large.pk}"] == bench.supervisor.pk


def test_another_person_approves_and_the_question_leaves_the_list(bench) -> None:
    made = offer(bench.people.alice, open_case(bench.people.alice, bench.customer), amount=100_000)
    assert decide(bench.people.head, made).state == "approved"
    assert {task.state for task in tasks(bench.customer) if task.subject.startswith("offer:")} == {"done"}


def test_nobody_approves_their_own_and_none_above_their_own_limit(bench) -> None:
    case = open_case(bench.people.head, bench.customer)
    own = offer(bench.people.head, case, amount=300_000)
    for who in (bench.people.head, bench.people.alice, bench.people.charlie):
        with pytest.raises(PermissionDenied):
            decide(who, own)
    other = offer(bench.people.alice, case, kind="gift", amount=60_000)
    with pytest.raises(PermissionDenied):
        decide(bench.people.head, other)
    assert decide(bench.supervisor, other).state == "approved"


def test_several_asked_offers_count_together_for_whoever_approves(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    first, _second = (offer(bench.people.alice, case, amount=150_000) for _ in range(2))
    with pytest.raises(PermissionDenied):
        decide(bench.people.head, first)


def test_a_no_says_why(bench) -> None:
    made = offer(bench.people.alice, open_case(bench.people.alice, bench.customer), amount=100_000)
    with pytest.raises(ValidationError):
        decide(bench.people.head, made, approve=False)
    assert decide(bench.people.head, made, approve=False, note="成本过高").state == "refused"


@pytest.mark.parametrize(
    ("grade", "until", "state"),
    [
        ("R2", "2027-01-01", "approved"),
        ("R4", "2027-01-01", None),
        ("R2", "2026-10-31", None),
        (None, "2027-01-01", None),
    ],
)
def test_a_product_is_offered_only_when_it_suits_today(bench, grade, until, state) -> None:
    with testing.everything():
        Party.objects.filter(pk=bench.customer.pk).update(
            risk_grade="C3", risk_expires_on=until, birth_date="1980-01-01"
        )
    case = open_case(bench.people.alice, bench.customer)
    if state is None:
        with pytest.raises(ValidationError):
            offer(bench.people.alice, case, kind="product", amount=1, product=product(grade))
    else:
        made = offer(bench.people.alice, case, kind="product", amount=1, product=product(grade))
        assert (made.state, made.suitability) == (state, "suitable")


def test_a_product_is_named_where_the_policy_asks_for_one(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    with pytest.raises(ValidationError):
        offer(bench.people.alice, case, kind="rate", amount=5)
    assert (
        offer(bench.people.alice, case, kind="rate", amount=5, product=product(None, "time")).state
        == "approved"
    )


def test_an_old_customer_and_a_risky_product_need_a_second_person_whatever_the_authority(bench) -> None:
    with testing.everything():
        Party.objects.filter(pk=bench.customer.pk).update(
            risk_grade="C4", risk_expires_on="2027-01-01", birth_date="1950-01-01"
        )
    case = open_case(bench.people.alice, bench.customer)
    assert (
        offer(bench.people.alice, case, kind="product", amount=1, product=product("R4", "fund")).state
        == "asked"
    )


def test_offers_still_waiting_end_with_the_case(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    made = offer(bench.people.alice, case, amount=100_000)
    close(bench.people.alice, case)
    with testing.everything():
        assert CaseOffer.objects.get(pk=made.pk).state == "refused"
    with pytest.raises(ValidationError):
        decide(bench.people.head, made)


@pytest.mark.parametrize("ends_in", ["zh-hans", "en"])
def test_an_offer_whose_case_ended_says_so_in_the_language_of_its_reader(bench, ends_in) -> None:
    case = open_case(bench.people.alice, bench.customer)
    made = offer(bench.people.alice, case, amount=100_000)
    assert made.state == "asked"
    with translation.override(ends_in):
        close(bench.people.alice, case)
    with testing.everything():
        found = CaseOffer.objects.get(pk=made.pk)
    assert (found.state, found.decided_note) == ("refused", "case_ended")
    for language, told in (("zh-hans", "任务已结案"), ("en", "case ended")):
        with translation.override(language):
            assert words.why_decided(found) == told
