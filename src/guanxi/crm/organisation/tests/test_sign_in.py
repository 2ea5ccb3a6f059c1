"""The door: who comes in, who does not, and what either is told."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation import services
from guanxi.crm.organisation.middleware import LAST_SEEN, STARTED
from guanxi.crm.organisation.models import SignInFailure, Staff
from guanxi.crm.organisation.sign_in import StaffBackend

pytestmark = pytest.mark.django_db
WORD = "a long enough pass-word"
DOOR = "/sign-in"
GUESSES = 8


@pytest.fixture
def alice() -> Staff:
    staff = testing.make_staff("relationship_manager", testing.make_unit(), staff_no="A001")
    staff.set_password(WORD)
    staff.save()
    return staff


def knock(client: Client, staff_no: str = "A001", password: str = WORD, **more):
    return client.post(DOOR, {"staff_no": staff_no, "password": password, **more})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_opens_and_the_trail_says_so(alice, client) -> None:
    answer = knock(client, next="/ready")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ready")
    assert is_in(client)
    assert ChangeLog.objects.get().verb == "organisation.signed_in"


def test_the_page_is_shown_with_a_strict_content_policy(client) -> None:
    answer = client.get(DOOR)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_another_site_is_never_the_next_page(alice, client) -> None:
    assert knock(client, next="https://evil.example/").headers["Location"] == "/"


def shown(answer) -> str:
    """The page without what differs anyway: the token of the form and what was typed."""
    text = answer.content.decode()
    token = answer.wsgi_request.META["CSRF_COOKIE"]
    assert token
    return "\n".join(
        line for line in text.splitlines() if "csrfmiddlewaretoken" not in line and "staff_no" not in line
    )


def test_an_unknown_number_and_a_wrong_password_get_the_same_page(alice, client) -> None:
    wrong, unknown = knock(client, password="wrong"), knock(client, staff_no="B999", password="wrong")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert shown(wrong) == shown(unknown)


def test_an_unknown_number_costs_one_hash_as_a_known_one_does(alice, client, monkeypatch) -> None:
    hashed = []
    from django.contrib.auth import hashers

    real = hashers.Argon2PasswordHasher.encode
    monkeypatch.setattr(
        hashers.Argon2PasswordHasher, "encode", lambda *told, **more: hashed.append(1) or real(*told, **more)
    )
    knock(client, staff_no="B999")
    assert len(hashed) == 1


@pytest.mark.parametrize("staff_no", ["A001", "B999"])
def test_five_failures_lock_the_account_known_or_not(alice, client, staff_no) -> None:
    for _ in range(5):
        knock(client, staff_no=staff_no, password="wrong")
    assert knock(client, staff_no=staff_no).status_code == 422
    assert not is_in(client)
    assert SignInFailure.objects.count() == 5


def test_a_quarter_of_an_hour_later_the_account_is_open_again(alice, client) -> None:
    for _ in range(5):
        knock(client, password="wrong")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=15, seconds=1))
    knock(client)
    assert is_in(client)


def test_many_failures_from_one_address_lock_that_address(alice, client, settings) -> None:
    settings.GUANXI_FAILURES_PER_ADDRESS = 3
    for number in range(3):
        knock(client, staff_no=f"X{number}", password="wrong")
    knock(client)
    assert not is_in(client)
    knock(other := Client(REMOTE_ADDR="10.0.0.9"))
    assert is_in(other)


def test_the_session_gets_a_new_key_at_the_door(alice, client) -> None:
    before = client.session
    before["kept"] = True
    before.save()
    knock(client)
    assert client.session.session_key != before.session_key


def test_signing_in_elsewhere_ends_the_first_session(alice, client, settings) -> None:
    settings.GUANXI_ONE_SESSION = True
    knock(client)
    knock(Client())
    client.get("/ready")
    assert not is_in(client)


def test_idle_for_a_quarter_of_an_hour_signs_out(alice, client) -> None:
    knock(client)
    session = client.session
    session[LAST_SEEN] -= 15 * 60 + 1
    session.save()
    client.get("/ready")
    assert not is_in(client)


def test_a_whole_shift_signs_out_however_busy(alice, client) -> None:
    knock(client)
    session = client.session
    session[STARTED] -= 8 * 3600 + 1
    session.save()
    client.get("/ready")
    assert not is_in(client)


def test_a_new_post_ends_the_sessions_at_once(alice, client) -> None:
    knock(client)
    bank = testing.make_unit()
    chief = testing.make_staff("administrator", bank)
    services.open_post(
        by=chief, today=testing.TODAY, staff=alice, unit=bank, role="analyst", valid_from=testing.TODAY
    )
    client.get("/ready")
    assert not is_in(client)


def test_a_person_switched_off_is_out_at_once(alice, client) -> None:
    knock(client)
    Staff.objects.update(is_active=False)
    assert client.get("/ready").wsgi_request.user.is_anonymous
    assert knock(Client()).status_code == 422


@pytest.mark.parametrize(("demo", "comes_in"), [(True, True), (False, False)])
def test_a_demo_account_exists_in_the_demo_only(alice, client, settings, demo, comes_in) -> None:
    settings.DEMO = demo
    Staff.objects.update(is_demo=True)
    knock(client)
    assert is_in(client) is comes_in


def test_signing_out_is_a_post(alice, client) -> None:
    knock(client)
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert not is_in(client)


# --- the clock, and many at once


@pytest.mark.parametrize("stamp", [STARTED, LAST_SEEN])
@pytest.mark.parametrize(("ahead", "stays"), [(5, True), (60, False), (9 * 3600, False)])
def test_a_clock_that_goes_back_makes_no_session_longer(alice, client, stamp, ahead, stays) -> None:
    knock(client)
    session = client.session
    session[stamp] += ahead
    session.save()
    client.get("/ready")
    assert is_in(client) is stays


def test_a_clock_that_goes_back_unlocks_nobody(alice, client) -> None:
    for _ in range(5):
        knock(client, password="wrong")
    SignInFailure.objects.update(at=timezone.now() + timedelta(hours=3))
    knock(client)
    assert not is_in(client)


def test_failures_of_a_clock_that_stood_a_year_ahead_lock_nobody_out_for_a_year(alice, client) -> None:
    for _ in range(5):
        knock(client, password="wrong")
    SignInFailure.objects.update(at=timezone.now() + timedelta(days=365))
    knock(client)
    assert is_in(client)


def test_one_who_comes_in_leaves_no_try_behind(alice, client) -> None:
    knock(client, password="wrong")
    knock(client)
    assert is_in(client)
    assert not SignInFailure.objects.exists()


def test_a_try_is_noted_before_its_password_is_looked_at(alice, client, monkeypatch) -> None:
    """So that it counts although the program dies over it."""
    noted = []
    monkeypatch.setattr(
        StaffBackend, "authenticate", lambda *_, **__: noted.append(SignInFailure.objects.count())
    )
    knock(client)
    assert noted == [1]


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_the_same_moment_no_more_are_looked_at_than_may_fail(monkeypatch) -> None:
    looked, gate = [], threading.Barrier(GUESSES)
    real = StaffBackend.authenticate

    def counted(*told, **more):
        looked.append(1)
        return real(*told, **more)

    monkeypatch.setattr(StaffBackend, "authenticate", counted)

    def guess(number: int) -> None:
        gate.wait()
        try:
            knock(Client(REMOTE_ADDR=f"10.0.0.{number}"), staff_no="B999", password=f"guess {number}")
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(GUESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) == 5
    SignInFailure.objects.all().delete()
