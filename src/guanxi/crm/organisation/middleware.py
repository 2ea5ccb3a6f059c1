"""Limits of a session, and the acting person of each request."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime
from typing import cast

from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.once import reading
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.twice import was_done_already
from guanxi.web.errors import conflict

Handler = Callable[[HttpRequest], HttpResponse]
READS = frozenset({"GET", "HEAD"})
STARTED, LAST_SEEN = "started_at", "last_seen_at"
# The session's row is written again at most this often: the idle limit is counted in minutes.
SEEN_EVERY_SECONDS = 60


class DatedRequest(HttpRequest):
    """A request that knows the bank's today and the instant: what rooms have instead of a clock."""

    today: date
    now: datetime


class ActingRequest(DatedRequest):
    """A request of a person signed in: what a view may rely on."""

    user: Staff
    reach: Reach


class SessionLimits:
    """Sign out who was idle too long or has been signed in for a whole shift.

    A clock that went back makes no session longer: one that was used in what is now the future ends, beyond the few
    seconds by which the clocks of several servers differ.
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self._get_response = get_response

    def __call__(self, request: DatedRequest) -> HttpResponse:
        """End the session when one of its limits has passed, else note that it was used."""
        if request.user.is_authenticated:
            now = request.now.timestamp()
            session = request.session
            seen, started = session.get(LAST_SEEN, now), session.get(STARTED, now)
            idle = now - seen > settings.GUANXI_IDLE_LIMIT.total_seconds()
            spent = now - started > settings.GUANXI_SESSION_LIMIT.total_seconds()
            ahead = max(seen, started) - now > settings.GUANXI_CLOCK_SKEW.total_seconds()
            if idle or spent or ahead:
                auth.logout(request)
            elif LAST_SEEN not in session or now - seen > SEEN_EVERY_SECONDS:
                session[LAST_SEEN] = now
        return self._get_response(request)


class ActingPerson:
    """Run the whole request as the person signed in: one transaction, undone when the view fails."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self._get_response = get_response

    def __call__(self, request: DatedRequest) -> HttpResponse:
        """Answer within `acting_as`; who is not signed in has no reach and no transaction."""
        if not request.user.is_authenticated:
            return self._get_response(request)
        within = reading() if request.method in READS else nullcontext()
        with within, acting_as(request.user, today=request.today) as reach:
            cast("ActingRequest", request).reach = reach
            response = self._get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Undo what the failing view had written; Django turns the exception into a page further up.

        Who did what somebody else did at the same moment is told so here (409).
        """
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        return conflict(request) if was_done_already(exception, request.path) else None
