"""Gifts keep their limits whoever gives at the same moment; news reach who is to hear; suggestions come back."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.care import rules, services
from guanxi.crm.care.models import Gift, LifeEvent, Voice
from guanxi.crm.care.services import GiftDraft
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging.models import Hold
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.worklist.models import Task
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.care import CarePolicy

TODAY = testing.TODAY
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
CARD = GiftDraft("card", "生日贺卡", 2_000, "birthday", "vip", TODAY)
GOLD_YEAR = 50_000  # 500 yuan, the demo bank's line for gold


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_gift_is_refused_exactly_when_it_would_pass_a_limit(customer, giver, budget, value) -> None:
    policy = demo_policy()
    found = rules.broken(
        policy, rules.Sums(customer, giver, budget), value, scheme="person", tier="gold", budget="vip"
    )
    assert {one.code for one in found} == {
        code
        for code, used, limit in (
            ("customer", customer, GOLD_YEAR), ("giver", giver, 2_000_000), ("budget", budget, 6_000_000)
        )
        if used + value > limit
    }  # fmt: skip


@pytest.mark.parametrize(("scheme", "tier"), [("person", None), (None, None), ("company", "high")])
def test_who_has_no_line_in_the_policy_is_given_nothing(scheme, tier) -> None:
    found = rules.broken(demo_policy(), rules.Sums(), 1, scheme=scheme, tier=tier, budget="vip")
    assert [one.code for one in found] == ["customer"]


def demo_policy() -> CarePolicy:
    folder = Path(__file__).resolve().parents[5] / "banks" / "demo" / "policies"
    found = load_policy("care", tomllib.loads((folder / "care.toml").read_text(encoding="utf8")))
    assert isinstance(found, CarePolicy)
    assert found.problems() == []
    return found


@pytest.mark.django_db
class TestCare:
    """A gold customer of Alice's; Head is her head, Top the supervisor of the bank."""

    @pytest.fixture(autouse=True)
    def _bank(self, settings) -> None:
        settings.GUANXI_TODAY = TODAY.isoformat()
        testing.make_policies("tier", "access", "lists", "care", "worklist", "contact", "interaction")
        self.people = testing.make_people()
        testing.make_score(self.people.customer, testing.make_run(), tier_scheme="person", tier_rank=4)
        self.top = testing.make_staff("supervisor", self.people.bank, name="Top")

    def given(self, *, by: Staff | None = None, key=None, **more) -> Gift:
        staff = by or self.people.alice
        draft = GiftDraft(**(vars(CARD) | more))
        with acting_as(staff, today=TODAY):
            return services.give(
                by=staff,
                party=self.people.customer,
                draft=draft,
                client_key=key or uuid4(),
                today=TODAY,
                now=NOON,
            )

    def test_a_small_gift_is_given_at_once_and_twice_is_once(self) -> None:
        key = uuid4()
        first, again = self.given(key=key), self.given(key=key)
        assert (first.pk, first.state) == (again.pk, "given")

    def test_the_same_gift_sent_twice_at_once_waits_before_it_looks_whether_it_is_known(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            self.given()
        told = [query["sql"] for query in asked]
        locked = max(at for at, sql in enumerate(told) if "pg_advisory_xact_lock" in sql)
        assert all('FROM "care_gift"' not in sql for sql in told[:locked])

    def test_the_limit_itself_may_be_reached_and_not_passed_and_is_named(self) -> None:
        self.given(value_fen=29_900)
        self.given(value_fen=GOLD_YEAR - 29_900, by=self.people.head)
        with pytest.raises(ValidationError) as refused:
            self.given(value_fen=1)
        assert len(refused.value.messages) == 1
        assert "500" in refused.value.messages[0]

    def test_last_years_gifts_and_those_not_given_do_not_count(self) -> None:
        before = self.given(value_fen=29_900)
        with testing.everything():
            Gift.objects.filter(pk=before.pk).update(day=date(2025, 12, 31))
        mine = self.given(value_fen=29_000)
        with acting_as(self.people.alice, today=TODAY):
            services.take_back_gift(by=self.people.alice, gift=mine, word="客户谢绝", today=TODAY)
        assert self.given(value_fen=29_900).state == "given"

    def test_a_gift_of_a_colleague_out_of_sight_counts_against_the_budget(self) -> None:
        other = testing.make_party(self.people.outlet, keeper=self.people.bob)
        with testing.everything():
            Gift.objects.create(
                party=other, unit=self.people.outlet, keeper=self.people.bob, staff=self.people.bob,
                paid_by=self.people.outlet, kind="card", what="…", value_fen=5_999_999, occasion="birthday",
                budget="vip", day=TODAY, state="given", asked_at=NOON, client_key=uuid4(),
            )  # fmt: skip
        with pytest.raises(ValidationError):
            self.given()
        assert self.given(budget="marketing").state == "given"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "cash"}, {"what": " "}, {"value_fen": 0}, {"budget": "own"}, {"occasion": "why"},
            {"day": TODAY - timedelta(days=8)}, {"day": TODAY + timedelta(days=31)},
            {"value_fen": 30_000, "day": TODAY - timedelta(days=1)},
        ],
        ids=str,
    )  # fmt: skip
    def test_what_the_policy_has_no_place_for_is_refused(self, wrong) -> None:
        with pytest.raises(ValidationError):
            self.given(**wrong)

    def test_a_public_body_is_given_nothing_and_who_does_not_see_the_customer_gives_nothing(self) -> None:
        with pytest.raises(PermissionDenied):
            self.given(by=self.people.bob)
        with testing.everything():
            Party.objects.filter(pk=self.people.customer.pk).update(kind="government")
            self.people.customer.refresh_from_db()
        with pytest.raises(ValidationError):
            self.given()

    def test_a_large_gift_waits_for_another_person_who_is_told(self) -> None:
        gift = self.given(value_fen=30_000)
        assert gift.state == "waiting"
        with testing.everything():
            assert Task.objects.get().assignee_id == self.people.head.pk
        for who in (self.people.alice, self.people.bob):
            with acting_as(who, today=TODAY), pytest.raises(PermissionDenied):
                services.decide_gift(by=who, gift=gift, approve=True, word="", today=TODAY, now=NOON)
        with acting_as(self.people.head, today=TODAY):
            with pytest.raises(ValidationError):
                services.decide_gift(
                    by=self.people.head, gift=gift, approve=False, word=" ", today=TODAY, now=NOON
                )
            done = services.decide_gift(
                by=self.people.head, gift=gift, approve=True, word="", today=TODAY, now=NOON
            )
        assert done.state == "given"
        with testing.everything():
            assert Task.objects.get().state == "done"
            with pytest.raises(IntegrityError), transaction.atomic():
                Gift.objects.filter(pk=gift.pk).update(decided_by=self.people.alice)

    def test_a_forgotten_filter_shows_nobody_elses_gifts_news_or_suggestions(self) -> None:
        self.given()
        self.told("wedding")
        self.suggested()
        for who, sees in ((self.people.alice, 1), (self.people.bob, 0), (self.people.charlie, 0)):
            with acting_as(who, today=TODAY):
                assert [model.objects.count() for model in (Gift, LifeEvent, Voice)] == [sees] * 3
        with transaction.atomic(), connection.cursor() as cursor:
            for table in ("care_gift", "care_lifeevent", "care_voice"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,)

    def told(self, kind: str, *, by: Staff | None = None, day: date = TODAY) -> LifeEvent:
        staff = by or self.people.alice
        with acting_as(staff, today=TODAY):
            return services.tell_news(
                by=staff, party=self.people.customer, kind=kind, day=day, note="", today=TODAY, now=NOON
            )

    def test_news_are_a_call_of_the_keeper_and_reach_as_many_leaders_as_the_tier_says(self) -> None:
        teller = testing.make_staff("teller", self.people.outlet)
        first, again = self.told("wedding", by=teller), self.told("wedding")
        assert (first.pk, first.told_up) == (again.pk, 1)
        with testing.everything():
            tasks = {task.assignee_id: task for task in Task.objects.all()}
            assert set(tasks) == {self.people.alice.pk, self.people.head.pk}
            assert tasks[self.people.alice.pk].due_on == TODAY + timedelta(days=3)
            assert not Hold.objects.exists()

    def test_sad_news_pause_marketing_for_the_policys_days(self) -> None:
        self.told("bereavement")
        with testing.everything():
            held = Hold.objects.get()
            assert (held.reason, held.until) == ("bereavement", NOON + timedelta(days=60))

    @pytest.mark.parametrize(("kind", "ahead"), [("gossip", 0), ("wedding", 1)])
    def test_news_of_no_kind_or_of_tomorrow_are_refused(self, kind, ahead) -> None:
        with pytest.raises(ValidationError):
            self.told(kind, day=TODAY + timedelta(days=ahead))

    def suggested(self) -> Voice:
        with acting_as(self.people.alice, today=TODAY):
            return services.say(
                by=self.people.alice, party=self.people.customer, topic="app", text="首页提醒到期", today=TODAY,
                now=NOON,
            )  # fmt: skip

    def test_a_suggestion_goes_to_head_office_and_its_answer_comes_back_as_a_task(self) -> None:
        voice = self.suggested()
        assert voice.due_on > TODAY
        with acting_as(self.people.head, today=TODAY), pytest.raises(PermissionDenied):
            services.answer(by=self.people.head, voice=voice, state="adopted", text="好", today=TODAY)
        with acting_as(self.top, today=TODAY):
            with pytest.raises(ValidationError):
                services.answer(by=self.top, voice=voice, state="adopted", text=" ", today=TODAY)
            services.answer(by=self.top, voice=voice, state="taken", text="", today=TODAY)
            services.answer(by=self.top, voice=voice, state="adopted", text="已列入下一版", today=TODAY)
            with pytest.raises(ValidationError):
                services.answer(by=self.top, voice=voice, state="declined", text="改主意", today=TODAY)
        with testing.everything():
            task = Task.objects.get()
            assert (task.assignee_id, task.reason["text"]) == (self.people.alice.pk, "已列入下一版")

    def test_the_pages_carry_a_gift_news_and_a_suggestion_through(self) -> None:
        client = testing.client_of(self.people.alice)
        uuid = self.people.customer.uuid
        form = client.get(reverse("care:gift", args=[uuid])).content.decode()
        assert "鲜花" in form
        sent = {
            "client_key": uuid4(), "kind": "flowers", "what": "鲜花", "value_fen": "600", "occasion": "birthday",
            "budget": "vip", "day": TODAY.isoformat(),
        }  # fmt: skip
        refused = client.post(reverse("care:gift", args=[uuid]), sent)
        assert refused.status_code == 422
        assert "500" in refused.content.decode()
        assert client.post(reverse("care:gift", args=[uuid]), sent | {"value_fen": "120"}).status_code == 302
        news = {"kind": "birth", "day": TODAY.isoformat(), "note": "添了孙女"}
        assert client.post(reverse("care:tell", args=[uuid]), news).status_code == 302
        said = {"topic": "fee", "text": "手续费偏高"}
        assert client.post(reverse("care:suggest", args=[uuid]), said).status_code == 302
        pages = {
            name: client.get(reverse(f"care:{name}")).content.decode() for name in ("gifts", "news", "voices")
        }
        assert "鲜花" in pages["gifts"]
        assert "添了孙女" in pages["news"]
        assert "手续费偏高" in pages["voices"]
        for name in pages:
            assert (
                "王建国"
                not in testing.client_of(self.people.bob).get(reverse(f"care:{name}")).content.decode()
            )

    def test_the_calendar_shows_birthdays_of_ones_own_book_with_what_may_still_be_given(self) -> None:
        with testing.everything():
            Party.objects.filter(pk=self.people.customer.pk).update(birth_date=date(1970, 11, 9))
        self.given(value_fen=12_000)
        page = testing.client_of(self.people.alice).get(reverse("care:calendar")).content.decode()
        assert "王建国" in page
        assert "380.00" in page
        assert (
            "王建国" not in testing.client_of(self.people.bob).get(reverse("care:calendar")).content.decode()
        )


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_six_gifts_at_the_same_moment_keep_the_customers_limit_together() -> None:
    testing.make_policies("tier", "access", "lists", "care", "worklist")
    people = testing.make_people()
    testing.make_score(people.customer, testing.make_run(), tier_scheme="person", tier_rank=4)

    def give() -> None:
        try:
            with acting_as(people.alice, today=TODAY):
                services.give(
                    by=people.alice, party=people.customer, draft=GiftDraft(**(vars(CARD) | {"value_fen": 15_000})),
                    client_key=uuid4(), today=TODAY, now=NOON,
                )  # fmt: skip
        except ValidationError:
            pass
        finally:
            connection.close()

    racing = [Thread(target=give) for _each in range(6)]
    for one in racing:
        one.start()
    for one in racing:
        one.join()
    with testing.everything():
        assert Gift.objects.count() == GOLD_YEAR // 15_000
