"""The pages of units and people: who sees whom, who may change what, and that the service has the last word."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

from datetime import timedelta

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation import words
from guanxi.crm.organisation.models import Cover, Post, PostRequest, Role, Staff
from guanxi.crm.organisation.rules import ROLE_RULES, Right

pytestmark = pytest.mark.django_db
TODAY, DAY = testing.TODAY, timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(settings) -> None:
    settings.GUANXI_TODAY = TODAY.isoformat()


@pytest.fixture
def people() -> testing.People:
    return testing.make_people()


@pytest.fixture
def chief(people):
    return testing.make_staff("administrator", people.bank, name="顾祥")


def page(staff, address: str, **sent) -> str:
    client = testing.client_of(staff)
    answer = client.post(address, sent) if sent else client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def post_of(staff) -> Post:
    return Post.objects.filter(staff=staff).latest("pk")


def test_the_tree_counts_each_person_once_and_a_unit_with_all_below_it(people, chief) -> None:
    Post.objects.create(staff=people.alice, unit=people.outlet, role="teller", valid_from=TODAY)
    text = page(chief, "/people/")
    assert text.index(people.bank.name) < text.index(people.outlet.name)
    assert [text.count(f"{number} 人</span>") for number in (5, 3, 1)] == [1, 1, 1]


def test_a_head_sees_the_own_outlet_and_no_other(people) -> None:
    text = page(people.head, "/people/")
    assert people.outlet.name in text
    assert people.elsewhere.name not in text
    client = testing.client_of(people.head)
    assert client.get(f"/people/units/{people.elsewhere.pk}").status_code == 404
    assert client.get(f"/people/staff/{people.charlie.pk}").status_code == 404
    assert client.get(f"/people/staff/{people.alice.pk}").status_code == 200


def test_an_administrator_of_one_legal_entity_meets_nobody_of_another(people, chief) -> None:
    village = testing.make_unit("村镇银行")
    stranger = testing.make_staff("teller", village, name="Stranger")
    client = testing.client_of(chief)
    assert client.get(f"/people/staff/{stranger.pk}").status_code == 404
    assert client.post(f"/people/posts/{post_of(stranger).pk}/close", {"valid_to": TODAY}).status_code == 404
    assert "Stranger" not in page(chief, "/people/", typed="Strang")
    assert post_of(stranger).valid_to is None


@pytest.mark.parametrize("role", Role.values)
def test_who_may_not_see_people_is_refused(people, role) -> None:
    staff = testing.make_staff(role, people.outlet)
    expected = 200 if Right.SEE_PEOPLE in ROLE_RULES[role].rights else 403
    assert testing.client_of(staff).get("/people/").status_code == expected


def test_a_person_is_found_by_part_of_the_name_and_the_name_stays_out_of_the_address(people, chief) -> None:
    answer = testing.client_of(chief).post("/people/", {"typed": "lic"})
    assert "Alice" in answer.content.decode()
    assert "lic" not in answer.request.get("QUERY_STRING", "")


def test_what_a_person_may_see_and_do_is_said_in_sentences(people, chief) -> None:
    text = page(chief, f"/people/staff/{people.alice.pk}")
    assert "可见本人管户的客户" in text
    assert "查看审计记录" not in text


@pytest.mark.parametrize("role", Role.values)
def test_every_role_and_right_has_its_words(role) -> None:
    assert words.sight_of(role)
    assert len(words.rights_of(role)) == len(ROLE_RULES[role].rights)


def test_posts_that_should_be_apart_are_pointed_out() -> None:
    assert words.conflicts_of(["administrator", "teller"])
    assert words.conflicts_of(["compliance", "supervisor"])
    assert not words.conflicts_of(["teller", "relationship_manager"])


def test_a_teller_moves_to_another_outlet_without_a_day_between(people, chief) -> None:
    teller = testing.make_staff("teller", people.outlet)
    old = post_of(teller)
    answer = testing.client_of(chief).post(
        f"/people/posts/{old.pk}/move",
        {"role": "teller", "unit": people.elsewhere.pk, "valid_from": (TODAY + DAY).isoformat()},
    )
    assert answer.status_code == 302
    assert post_of(teller) == old, "asked for, not granted yet"
    checker = testing.client_of(testing.make_staff("compliance", people.bank))
    checker.post(f"/people/asked/{PostRequest.objects.get().pk}", {"word": "grant"})
    old.refresh_from_db()
    new = post_of(teller)
    assert old.valid_to == new.valid_from == TODAY + DAY
    assert (new.unit, new.role) == (people.elsewhere, "teller")
    assert set(ChangeLog.objects.filter(details__staff=teller.staff_no).values_list("verb", flat=True)) == {
        "organisation.post_asked",
        "organisation.post_closed",
        "organisation.post_granted",
        "organisation.post_opened",
    }


def test_an_answer_to_the_dialog_sends_the_browser_on_and_a_refusal_stays_in_it(people, chief) -> None:
    client = testing.client_of(chief)
    address = f"/people/posts/{post_of(people.alice).pk}/close"
    refused = client.post(address, {"valid_to": (TODAY - DAY).isoformat()}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "离任日期不能早于今天" in refused.content.decode()
    done = client.post(address, {"valid_to": TODAY.isoformat()}, headers={"HX-Request": "true"})
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/people/staff/{people.alice.pk}")
    assert post_of(people.alice).valid_to == TODAY


def test_a_new_person_has_no_post_and_is_listed_as_such(people, chief) -> None:
    client = testing.client_of(chief)
    client.post("/people/new", {"staff_no": "N1", "name": "新同事"})
    assert "新同事" in page(chief, "/people/")
    again = client.post("/people/new", {"staff_no": "N1", "name": "另一个"})
    assert again.status_code == 422
    assert Staff.objects.filter(staff_no="N1").count() == 1


def test_a_weak_password_is_refused_with_the_reason_and_a_good_one_ends_sessions(people, chief) -> None:
    epoch = people.alice.session_epoch
    client, address = testing.client_of(chief), f"/people/staff/{people.alice.pk}/password"
    weak = client.post(address, {"password": "123"})
    assert weak.status_code == 422
    assert "123" not in weak.content.decode().split("form")[-1]
    client.post(address, {"password": "three brown horses 9"})
    people.alice.refresh_from_db()
    assert people.alice.check_password("three brown horses 9")
    assert people.alice.session_epoch > epoch


def test_sign_in_is_stopped_and_allowed_and_never_ones_own(people, chief) -> None:
    client = testing.client_of(chief)
    client.post(f"/people/staff/{people.alice.pk}/active", {"active": "no"})
    assert not Staff.objects.get(pk=people.alice.pk).is_active
    client.post(f"/people/staff/{people.alice.pk}/active", {"active": "yes"})
    assert Staff.objects.get(pk=people.alice.pk).is_active
    client.post(f"/people/staff/{chief.pk}/active", {"active": "no"})
    assert Staff.objects.get(pk=chief.pk).is_active


def test_a_head_sets_leave_cover_for_the_own_people_and_changes_nothing_else(people) -> None:
    client = testing.client_of(people.head)
    told = {"covering": people.bob.pk, "first_day": TODAY.isoformat(), "last_day": (TODAY + DAY).isoformat()}
    assert client.post(f"/people/staff/{people.alice.pk}/cover", told).status_code == 302
    cover = Cover.objects.get(absent=people.alice)
    assert (cover.covering, cover.last_day) == (people.bob, TODAY + DAY)
    assert client.post(f"/people/staff/{people.charlie.pk}/cover", told).status_code == 404
    for deed in ("post", "password", "active"):
        assert client.post(f"/people/staff/{people.alice.pk}/{deed}", {}).status_code == 403
    client.post(f"/people/covers/{cover.pk}/end")
    assert not Cover.objects.filter(absent=people.alice).exists()


def test_compliance_reads_everybody_and_what_was_done_to_them_and_changes_nobody(people, chief) -> None:
    checker = testing.make_staff("compliance", people.bank)
    testing.client_of(chief).post(
        f"/people/staff/{people.alice.pk}/post",
        {"role": "teller", "unit": people.elsewhere.pk, "valid_from": TODAY.isoformat()},
    )
    text = page(checker, f"/people/staff/{people.alice.pk}")
    assert "申请岗位 · 柜员" in text
    assert 'hx-get="/people/' not in text
    assert testing.client_of(checker).post(f"/people/staff/{people.alice.pk}/post", {}).status_code == 403


def test_ones_own_page_offers_no_change_of_oneself(people, chief) -> None:
    text = page(chief, f"/people/staff/{chief.pk}")
    assert "您的岗位和账号由他人变更" in text
    assert f"/people/staff/{chief.pk}/post" not in text


def test_a_post_asked_for_by_one_counts_once_another_grants_it(people, chief) -> None:
    checker = testing.make_staff("compliance", people.bank)
    asks, decides = testing.client_of(chief), testing.client_of(checker)
    told = {"role": "teller", "unit": people.elsewhere.pk, "valid_from": TODAY.isoformat()}
    asks.post(f"/people/staff/{people.alice.pk}/post", told)
    request = PostRequest.objects.get()
    assert not Post.objects.filter(staff=people.alice, role="teller").exists()
    assert "待复核的岗位" in page(chief, "/people/")
    assert "待复核的岗位" not in page(people.head, "/people/")
    assert f"/people/asked/{request.pk}" not in page(chief, f"/people/staff/{people.alice.pk}")
    assert f"/people/asked/{request.pk}" in page(checker, f"/people/staff/{people.alice.pk}")
    asks.post(f"/people/asked/{request.pk}", {"word": "grant"})
    assert not Post.objects.filter(staff=people.alice, role="teller").exists(), (
        "nobody grants the own request"
    )
    assert testing.client_of(people.head).post(f"/people/asked/{request.pk}", {}).status_code == 403
    decides.post(f"/people/asked/{request.pk}", {"word": "grant"})
    assert Post.objects.filter(staff=people.alice, role="teller", unit=people.elsewhere).exists()
    assert decides.post(f"/people/asked/{request.pk}", {"word": "refuse"}).status_code == 404
    assert "待复核的岗位" not in page(chief, "/people/")
