"""Signing in: who may, how often one may fail, and what the session begins with."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from guanxi.crm.audit import context
from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.middleware import LAST_SEEN, STARTED
from guanxi.crm.organisation.models import SignInFailure, Staff
from guanxi.crm.organisation.selectors import by_key

FAR_AHEAD = timedelta(days=1)
"""A clock that went back unlocks nobody; one that stood a year ahead once does not lock people out for that year."""


class StaffBackend:
    """Checks a staff number and a password; an unknown number costs the same time as a wrong password."""

    def authenticate(self, request: HttpRequest | None, *, username: str, password: str) -> Staff | None:  # noqa: ARG002  # Django's own signature
        """The person, or None."""
        staff = Staff.objects.filter(staff_no=username).first()
        if staff is None or not staff.has_usable_password():
            make_password(password)
            return None
        return staff if staff.check_password(password) and _may_sign_in(staff) else None

    def get_user(self, user_id: int) -> Staff | None:
        """The person of a session, while that person may sign in."""
        staff = by_key(user_id)
        return staff if staff is not None and _may_sign_in(staff) else None


def _may_sign_in(staff: Staff) -> bool:
    return staff.is_active and (settings.DEMO or not staff.is_demo)


def account_hash(username: str) -> str:
    """The name tried, as the failures keep it."""
    return salted_hmac(
        "guanxi.crm.organisation.failure", username.strip().casefold(), algorithm="sha256"
    ).hexdigest()


def is_locked(*, username: str, ip: str | None, now: datetime) -> bool:
    """Whether this account or this address failed too often within the window; known and unknown names alike."""
    since = now - settings.GUANXI_FAILURE_WINDOW
    recent = SignInFailure.objects.filter(at__gt=since, at__lt=now + FAR_AHEAD)
    if recent.filter(account=account_hash(username)).count() >= settings.GUANXI_FAILURES_PER_ACCOUNT:
        return True
    return ip is not None and recent.filter(ip=ip).count() >= settings.GUANXI_FAILURES_PER_ADDRESS


@transaction.atomic
def _take_a_try(*, username: str, ip: str | None, now: datetime) -> bool:
    """Note a try before its password is looked at; False when no more are left. Tries at the same moment stand in line,
    for the account and then for the address, so that no more passwords are looked at than may fail."""
    with connection.cursor() as cursor:
        for key in (account_hash(username), ip or ""):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sign-in {key}"])
    if is_locked(username=username, ip=ip, now=now):
        return False
    SignInFailure.objects.create(at=now, account=account_hash(username), ip=ip)
    return True


def sign_in(request: HttpRequest, *, username: str, password: str, now: datetime) -> Staff | None:
    """Sign the person in with a new session, or return None, whatever the reason was. The try stands as a failure
    until it succeeds, also when the program dies over it."""
    if not _take_a_try(username=username, ip=context.current().ip, now=now):
        return None
    staff = auth.authenticate(request, username=username, password=password)
    if not isinstance(staff, Staff):
        return None
    with transaction.atomic():
        _begin_session(request, staff, now)
    return staff


def _begin_session(request: HttpRequest, staff: Staff, now: datetime) -> None:
    """A session with a new key; the account's failures and, where the bank wants it, its other sessions end."""
    staff.last_login = now
    if settings.GUANXI_ONE_SESSION:
        staff.session_epoch += 1
    staff.save(update_fields=["last_login", "session_epoch"])
    SignInFailure.objects.filter(account=account_hash(staff.staff_no)).delete()
    auth.login(request, staff)
    request.session[STARTED] = request.session[LAST_SEEN] = now.timestamp()
    audit.record(by=staff, verb="organisation.signed_in", on=staff)
