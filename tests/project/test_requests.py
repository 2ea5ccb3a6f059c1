"""What happens around every view: the person acting, the transaction, the door, the header."""
# ruff: noqa: ARG001  # a fixture or an argument asked for by name may do all its work by being there

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.access import for_everyone, open_door, requires
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Right
from guanxi.project.urls import urlpatterns as real

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@for_everyone
def mine(request) -> JsonResponse:
    return JsonResponse(
        {"seen": list(Party.objects.values_list("pk", flat=True)), "today": str(request.today)}
    )


@for_everyone
def fails(request) -> HttpResponse:
    Unit.objects.update(name="written before the failure")
    raise ZeroDivisionError


@requires(Right.SEE_AUDIT)
def trail(request) -> HttpResponse:
    return HttpResponse("trail")


@for_everyone
def refuses(request) -> HttpResponse:
    raise PermissionDenied


@open_door
def public(request) -> JsonResponse:
    return JsonResponse({"seen": Party.objects.count()})


urlpatterns = [
    *real,
    path("t/mine", mine),
    path("t/fails", fails),
    path("t/trail", trail),
    path("t/refuses", refuses),
    path("t/public", public),
]


def test_a_view_sees_what_its_person_sees() -> None:
    people = testing.make_people()
    for staff, seen in (
        (people.alice, [people.customer.pk]),
        (people.charlie, []),
        (people.head, [people.customer.pk]),
    ):
        assert testing.client_of(staff).get("/t/mine").json()["seen"] == seen
    assert Client().get("/t/public").json()["seen"] == 0


def test_what_a_failing_view_wrote_is_undone() -> None:
    people = testing.make_people()
    client = testing.client_of(people.alice)
    client.raise_request_exception = False
    assert client.get("/t/fails").status_code == 500
    assert not Unit.objects.filter(name__startswith="written").exists()


def test_a_page_demands_its_right() -> None:
    people = testing.make_people()
    assert testing.client_of(people.alice).get("/t/trail").status_code == 403
    assert testing.client_of(testing.make_staff("compliance", people.bank)).get("/t/trail").status_code == 200
    assert testing.client_of(people.alice).get("/t/refuses").status_code == 403


def test_who_is_not_signed_in_is_led_to_the_door() -> None:
    answer = Client().get("/t/mine")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/t/mine")


def test_a_part_of_a_page_sends_the_whole_page_to_the_door() -> None:
    answer = Client().get("/t/mine", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in")
    assert "Location" not in answer.headers


def test_the_day_is_the_days_setting_else_in_the_demo_the_day_after_the_data(settings) -> None:
    client = testing.client_of(testing.make_people().alice)
    settings.GUANXI_TODAY = "2026-02-17"
    assert client.get("/t/mine").json()["today"] == "2026-02-17"
    settings.GUANXI_TODAY, settings.DEMO = "", True
    testing.make_run(testing.BUSINESS_DATE)
    assert client.get("/t/mine").json()["today"] == "2026-11-01"


def test_every_answer_is_numbered_and_not_kept_by_browsers() -> None:
    one, two = (Client().get("/t/public") for _ in "ab")
    assert one.headers["X-Request-Id"] != two.headers["X-Request-Id"]
    assert one.headers["Cache-Control"] == "no-store"


def test_behind_a_proxy_the_callers_address_is_what_the_proxy_wrote_last(settings) -> None:
    from guanxi.project.clock import address_of

    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 10.9.9.9"}
    assert address_of(request) == "10.0.0.1"
    settings.GUANXI_BEHIND_PROXY = True
    assert address_of(request) == "10.9.9.9"


def test_chinese_is_spoken_until_the_switch_and_then_remembered() -> None:
    alice = testing.make_people().alice
    client = testing.client_of(alice, headers={"Accept-Language": "en"})
    assert client.get("/t/mine").headers["Content-Language"] == "zh-hans"
    client.post("/language", {"language": "en", "next": "/"})
    assert client.get("/t/mine").headers["Content-Language"] == "en"
    alice.refresh_from_db()
    assert alice.language == "en"


@pytest.mark.urls("guanxi.project.urls")
def test_health_and_readiness_are_told_to_anybody() -> None:
    assert Client().get("/health").json() == {"state": "alive"}
    testing.make_run()
    queue = {"waiting": 0, "doing": 0, "workers": 0}
    assert Client().get("/ready").json() == {"database": "answers", "run": "2026-10-31", "queue": queue}


@pytest.mark.parametrize("address", ["/t/mine?text=a%00b", "/t/mine?a%00b=1", "/t/mine?%00"])
def test_nul_in_an_address_is_refused_before_a_page_reads_it(address) -> None:
    people = testing.make_people()
    assert testing.client_of(people.alice).get(address).status_code == 400


def test_nul_in_a_form_is_refused_and_one_without_it_is_not() -> None:
    client = testing.client_of(testing.make_people().alice)
    assert client.post("/t/mine", {"text": "a\0b"}).status_code == 400
    assert client.post("/t/mine", {"a\0b": "1"}).status_code == 400
    assert client.post("/t/mine", {"text": "一"}).status_code == 200
