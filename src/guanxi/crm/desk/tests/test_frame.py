"""The frame around every page: places by role, the person, and how fresh the figures are."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from guanxi.crm import testing
from guanxi.crm.desk.context import AREAS
from guanxi.crm.organisation.models import Role
from guanxi.crm.scores.models import Run, RunState
from guanxi.web.frame import places_for

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def page_on(settings, day: str) -> str:
    settings.GUANXI_TODAY = day
    people = testing.make_people()
    return testing.client_of(people.alice).get("/").content.decode()


@pytest.mark.parametrize(("today", "condition"), [("2026-11-01", "green"), ("2026-11-02", "stale")])
def test_figures_older_than_yesterday_are_said_to_be_stale(settings, today, condition) -> None:
    testing.make_run()
    assert f'class="data-state data-{condition}"' in page_on(settings, today)


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.STOPPED])
def test_a_night_that_failed_after_the_good_one_is_said_and_the_good_figures_stay(settings, state) -> None:
    testing.make_run(started_at=NOON - timedelta(days=1))
    Run.objects.create(id="bad", business_date=testing.TODAY, state=state, started_at=NOON)
    page = page_on(settings, "2026-11-01")
    assert 'class="data-state data-failed"' in page
    assert "2026-10-31" in page


def test_a_failure_before_the_good_night_is_forgotten(settings) -> None:
    Run.objects.create(id="bad", business_date=testing.TODAY, state=RunState.FAILED, started_at=NOON)
    testing.make_run(started_at=NOON + timedelta(hours=1))
    assert 'class="data-state data-green"' in page_on(settings, "2026-11-01")


def test_before_the_first_run_there_is_no_day(settings) -> None:
    assert 'class="data-state data-none"' in page_on(settings, "2026-11-01")


def test_the_person_stands_with_post_and_unit(settings) -> None:
    page = page_on(settings, "2026-11-01")
    assert "Alice" in page
    assert "客户经理" in page
    assert "观前支行" in page


def test_a_part_of_a_page_is_not_given_a_frame() -> None:
    screen = testing.make_screen()
    part = testing.client_of(screen.people.alice).get(
        f"{screen.address}credit", headers={"HX-Request": "true"}
    )
    assert b"<html" not in part.content


def test_every_place_in_the_rail_leads_somewhere_for_some_role() -> None:
    entries = [entry for area in AREAS for entry in area.entries]
    assert all(entry.roles <= set(Role.values) for entry in entries)
    assert [entry.id for entry in entries if not entry.roles] == ["today"]
    assert len({entry.id for entry in entries}) == len(entries)


@pytest.mark.parametrize(
    ("role", "has", "lacks"),
    [
        ("teller", ["/customers/"], ["/reports/daily", "/audit/", "/people/"]),
        ("compliance", ["/audit/", "/runs/"], ["/customers/", "/reports/structure"]),
        ("administrator", ["/people/", "/runs/", "/policies/"], ["/customers/", "/audit/"]),
        ("analyst", ["/customers/", "/reports/structure"], ["/people/", "/audit/"]),
    ],
)
def test_the_rail_holds_what_the_role_has_and_nothing_greyed(role, has, lacks) -> None:
    screen = testing.make_screen()
    places = places_for(AREAS, {role})
    addresses = [page.url for place in places for page in place.inner]
    assert [address for address in has if address not in addresses] == []
    assert [address for address in lacks if address in addresses] == []
    page = testing.client_of(testing.make_staff(role, screen.people.bank)).get("/").content.decode()
    rail = page.split('class="rail-places"')[1].split("</nav>")[0]
    assert re.findall(r'<a href="([^"]+)"', rail) == [place.url for place in places]


def test_the_pages_of_an_area_stand_above_each_of_them_and_the_open_one_is_marked() -> None:
    screen = testing.make_screen()
    page = (
        testing.client_of(testing.make_staff("compliance", screen.people.bank)).get("/runs/").content.decode()
    )
    strip = page.split('class="inner-places"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', strip) == [
        "/audit/",
        "/compliance/",
        "/runs/",
        "/policies/",
        "/models",
        "/behaviour/",
        "/processors/",
        "/assessments/",
        "/exports/",
    ]
    assert re.findall(r'href="([^"]+)" aria-current', strip) == ["/runs/"]


def test_what_is_searched_stands_in_no_log(caplog, settings, tmp_path) -> None:
    settings.GUANXI_BANK_HOME = tmp_path
    screen = testing.make_screen()
    client = testing.client_of(screen.people.alice)
    with caplog.at_level(0):
        client.post("/search", {"q": "13812342210"})
        client.post("/counter/", {"number": "13812342210"})
        client.post("/customers/filter", {"text": "王建国"})
    assert "13812342210" not in caplog.text
    assert "王建国" not in caplog.text
