"""The warnings and the register of models, each page tried by the keeper, a colleague of the branch and a stranger."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils.translation import override

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.foresight import reasons, rules, services
from guanxi.crm.foresight.features import FEATURES, feature_name
from guanxi.crm.foresight.models import Change, EarlyWarning, ModelNight, ModelVersion, Signal
from guanxi.crm.foresight.words import SIGNALS as SIGNAL_NAMES
from guanxi.insight.foresight.columns import REASONS
from guanxi.insight.policies.warning import SIGNALS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def screen():
    made = testing.make_screen()
    party = made.people.customer
    with testing.everything():
        EarlyWarning.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, signal="outflow", signals=2, urgency=4,
            points=5, amount_fen=31_900_000, at_stake_fen=106_110_000, chance=0.31, place=3, priority=530_550_000,
            reasons=[{"code": "balance_falling", "weight": 1.2, "value": 0.7}], raised_on=date(2026, 10, 30),
            listed_on=date(2026, 10, 31), state="listed", rank=1,
        )  # fmt: skip
        Signal.objects.create(
            party=party, signal="outflow", amount_fen=31_900_000, usual_fen=0, share=0.23, day=date(2026, 10, 3),
            place="农业银行", destination="own_name_bank", first_on=date(2026, 10, 30),
        )  # fmt: skip
        Change.objects.create(party=party, kind="signal_new", what="outflow", after="outflow")
    return made


def opened(staff, address: str) -> tuple[int, str]:
    answer = testing.client_of(staff).get(address)
    return answer.status_code, answer.content.decode()


def test_the_list_shows_ones_own_warnings_in_words_and_nobody_elses(screen) -> None:
    people = screen.people
    status, page = opened(people.alice, reverse("foresight:warnings"))
    assert status == 200
    assert "王建国" in page
    assert "农业银行（他行同名账户）" in page
    assert "31.90" in page
    for stranger in (people.bob, people.charlie):
        assert "王建国" not in opened(stranger, reverse("foresight:warnings"))[1]
    assert "王建国" in opened(people.head, reverse("foresight:warnings"))[1]


def test_the_database_itself_hides_warnings_signals_and_changes_of_others(screen) -> None:
    from guanxi.crm.organisation.acting import acting_as

    for staff, seen in ((screen.people.alice, 1), (screen.people.charlie, 0)):
        with acting_as(staff, today=testing.TODAY):
            assert [model.objects.count() for model in (EarlyWarning, Signal, Change)] == [seen] * 3
    assert connection.vendor == "postgresql"


def test_the_panel_of_a_customer_says_every_signal_the_reasons_and_what_changed(screen) -> None:
    address = reverse("foresight:panel", args=[screen.people.customer.uuid])
    status, part = opened(screen.people.alice, address)
    assert status == 200
    assert "资产低于本人此前水平" in part
    assert "新出现" in part
    assert opened(screen.people.charlie, address)[0] == 404


def test_while_the_rule_serves_the_list_says_so_and_why(screen) -> None:
    ModelNight.objects.create(month=date(2026, 10, 1), served_by="rule", fallback="drifted", customers=100)
    assert "客群与训练时相差过大" in opened(screen.people.alice, reverse("foresight:warnings"))[1]


def test_a_state_that_is_none_shows_the_list(screen) -> None:
    assert opened(screen.people.alice, reverse("foresight:warnings") + "?state=nonsense")[0] == 200


def test_the_list_costs_the_same_queries_for_ten_warnings_as_for_one(
    screen, django_assert_max_num_queries
) -> None:
    people = screen.people
    for number in range(9):
        party = testing.make_party(people.outlet, keeper=people.alice, name=f"张{number}")
        with testing.everything():
            EarlyWarning.objects.create(
                party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, signal="slope", signals=1, urgency=2,
                points=2, at_stake_fen=number, priority=number, state="listed",
            )  # fmt: skip
    client = testing.client_of(people.alice)
    client.get(reverse("foresight:warnings"))
    with django_assert_max_num_queries(20):
        assert client.get(reverse("foresight:warnings")).status_code == 200


@pytest.fixture
def office():
    bank = testing.make_unit("演示银行")
    return {
        role: testing.make_staff(role, bank, name=role) for role in ("analyst", "supervisor", "administrator")
    }


def version(**more) -> ModelVersion:
    card = {
        "chosen": "logistic",
        "capacity": 90,
        "judged": {
            kind: {"auc": 0.91, "lift": 7.9, "precision": 0.29, "caught": 0.82}
            for kind in ("logistic", "trees", "rule")
        }
        | {"column": {"name": "against_3", "auc": 0.8, "lift": 4.0, "precision": 0.2, "caught": 0.5}},
        "windows": {
            name: {"from": "2026-01-01", "to": "2026-03-01", "rows": 10, "events": 2, "rate": 0.2}
            for name in ("fit", "calibrate", "judge")
        },
        "calibration": [{"said": 0.1, "happened": 0.2, "rows": 10}],
        "groups": {"tier": [{"group": "4", "rows": 10, "events": 2, "chance": 0.1, "auc": None}]},
        "weights": [{"name": "against_1", "size": 0.4}],
    }
    told = {"purpose": "asset_loss", "kind": "logistic", "body": "{}", "sha256": "a" * 64, "card": card, "kept": True,
            "why": "", "run_id": "20261031-x", "business_date": date(2026, 10, 31), "now": NOW}  # fmt: skip
    return services.keep_version(**(told | more))


def test_a_card_names_columns_in_words_and_each_differently(office) -> None:
    made = version()
    page = (
        testing.client_of(office["analyst"]).get(reverse("foresight:model", args=(made.pk,))).content.decode()
    )
    assert "最佳单列：月日均与前三个月之比" in page
    assert "against_" not in page
    assert set(FEATURES) == set(REASONS)
    with override("zh-hans"):
        assert len({feature_name(code) for code in FEATURES}) == len(FEATURES)


def asked(office, made: ModelVersion) -> ModelVersion:
    return services.ask_on(
        by=office["analyst"], today=testing.TODAY, version=made, risk_grade="medium", note="上线"
    )


def test_one_person_asks_and_another_switches_on(office) -> None:
    made = asked(office, version())
    with pytest.raises(PermissionDenied):
        services.switch_on(by=office["analyst"], today=testing.TODAY, now=NOW, version=made, sha256="a" * 64)
    services.switch_on(by=office["supervisor"], today=testing.TODAY, now=NOW, version=made, sha256="a" * 64)
    made.refresh_from_db()
    assert (made.state, made.owner, made.decided_by) == ("on", office["analyst"], office["supervisor"])
    assert list(ChangeLog.objects.filter(verb__startswith="foresight.").values_list("verb", flat=True)) == [
        "foresight.model_made", "foresight.model_asked", "foresight.model_on",
    ]  # fmt: skip


def test_who_asked_may_not_answer_even_with_the_right(office) -> None:
    made = services.ask_on(
        by=office["supervisor"], today=testing.TODAY, version=version(), risk_grade="low", note=""
    )
    with pytest.raises(PermissionDenied):
        services.switch_on(
            by=office["supervisor"], today=testing.TODAY, now=NOW, version=made, sha256="a" * 64
        )


def test_what_was_not_read_is_not_switched_on(office) -> None:
    with pytest.raises(ValidationError):
        services.switch_on(
            by=office["supervisor"],
            today=testing.TODAY,
            now=NOW,
            version=asked(office, version()),
            sha256="b" * 64,
        )


def test_a_new_model_replaces_the_one_that_served_and_off_needs_one_person_and_a_reason(office) -> None:
    for number in range(2):
        made = asked(office, version(sha256=str(number) * 64))
        services.switch_on(
            by=office["supervisor"], today=testing.TODAY, now=NOW, version=made, sha256=made.sha256
        )
    assert list(ModelVersion.objects.order_by("version").values_list("state", flat=True)) == ["off", "on"]
    with pytest.raises(ValidationError):
        services.switch_off(by=office["analyst"], today=testing.TODAY, now=NOW, version=made, note=" ")
    services.switch_off(by=office["analyst"], today=testing.TODAY, now=NOW, version=made, note="校准偏差")
    assert not ModelVersion.objects.filter(state="on").exists()


def test_a_training_without_a_model_cannot_be_switched_on(office) -> None:
    with pytest.raises(ValidationError):
        asked(office, version(body="", sha256="", why="too_few_events", kept=False, card={}))


def test_the_card_is_read_asked_for_and_answered_on_its_page(office) -> None:
    made = version()
    address = reverse("foresight:model", args=[made.pk])
    status, page = opened(office["analyst"], address)
    assert status == 200
    assert "0.910" in page
    analyst, supervisor = testing.client_of(office["analyst"]), testing.client_of(office["supervisor"])
    analyst.post(reverse("foresight:ask", args=[made.pk]), {"ask-risk_grade": "high", "ask-note": ""})
    assert supervisor.get(address).status_code == 200
    supervisor.post(reverse("foresight:switch_on", args=[made.pk]), {"sha256": made.sha256})
    made.refresh_from_db()
    assert (made.state, made.risk_grade) == ("on", "high")
    assert (
        reverse("foresight:model", args=[made.pk])
        in opened(office["administrator"], reverse("foresight:models"))[1]
    )


def test_a_card_of_nothing_learnt_still_opens(office) -> None:
    made = version(body="", sha256="", kind="", kept=False, why="too_few_events", card={"events": [1, 0, 0]})
    assert opened(office["analyst"], reverse("foresight:model", args=[made.pk]))[0] == 200


def test_every_signal_has_a_name_and_a_sentence_in_both_languages() -> None:
    assert set(SIGNALS) == set(SIGNAL_NAMES) == set(reasons.SIGNALS)
    for code in SIGNALS:
        for language in ("zh-hans", "en"):
            said = reasons.signal_sentence(reasons.SignalFacts(code), language)
            assert said.endswith(("。", "."))
            assert "{" not in said


@pytest.mark.parametrize(
    ("last", "now", "every", "due"),
    [
        (None, (2026, 10), 1, True),
        ((2026, 9), (2026, 10), 1, True),
        ((2026, 10), (2026, 10), 1, False),
        ((2025, 12), (2026, 1), 2, False),
        (None, (2026, 10), 0, False),
    ],
)
def test_the_night_trains_when_the_policys_months_have_passed(last, now, every: int, due: bool) -> None:
    assert rules.training_due(last, now, every) is due
