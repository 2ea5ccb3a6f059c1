"""Error pages: what happened, where, what to do now. They ask nothing of the database or of a person."""

import logging
import sys
from dataclasses import dataclass

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.translation import gettext as _

RETRY_SECONDS = 10
# Of PostgreSQL's states: connection exceptions, and shut down by an administrator, by a crash, or not yet up.
AWAY = ("08", "57P01", "57P02", "57P03")

logger = logging.getLogger("guanxi.web")


@dataclass(frozen=True)
class Problem:
    """What an error page says, in the reader's language."""

    status: int
    title: str
    what: str
    where: str
    now: str
    number: str | None = None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """400: the address or the form could not be read."""
    return _page(
        request,
        400,
        _("This request could not be read"),
        _("Something in the address or in the form is not as it should be."),
        _("Go back one page and try again. If you typed the address, check it."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """403: the role has no right to this page."""
    return _page(
        request,
        403,
        _("Not part of your role"),
        _("Your role does not include this page or this deed."),
        _("If you need it for your work, ask your supervisor or the administrator."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403: the form is older than the sign-in, or came from elsewhere."""
    return _page(
        request,
        403,
        _("This form is out of date"),
        _("You signed in again since it was opened, or the browser sends no cookies. Nothing was changed."),
        _("Open the page again and send the form once more."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """404: there is nothing here, or nothing for this person: the two are not told apart."""
    return _page(
        request,
        404,
        _("Nothing here for you"),
        _("There is no such page or record, or it lies outside what you may see."),
        _("Search for the customer by name or number, or go to the first page."),
    )


def conflict(request: HttpRequest) -> HttpResponse:
    """409: the same was done between the opening of the form and its sending, or the form was sent twice."""
    return _page(
        request,
        409,
        _("Done already"),
        _("The same was saved at the same moment, by you or by a colleague. Your second one was not saved."),
        _("Open the page again: it shows what was saved."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; said so, with the number under which it was logged. 503 while the database is away."""
    if _database_is_away(sys.exc_info()[1]):
        return _unavailable(request)
    return _page(
        request,
        500,
        _("Something went wrong on our side"),
        _("The fault has been recorded. What you sent may not have been saved."),
        _("Try again in a minute. If it happens again, give the number to the administrator."),
    )


def _unavailable(request: HttpRequest) -> HttpResponse:
    response = _page(
        request,
        503,
        _("The database cannot be reached at the moment"),
        _("It is being restarted or cannot be reached. What you sent may not have been saved."),
        _(
            "Try again in a minute and look whether what you sent is there. If this lasts, tell the administrator."
        ),
    )
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _database_is_away(failure: BaseException | None) -> bool:
    """Whether PostgreSQL is gone, starts, stops or broke off; a statement it refused is not that."""
    if not isinstance(failure, OperationalError):
        return False
    state = getattr(failure.__cause__, "sqlstate", None)
    return state is None or state.startswith(AWAY)


def _page(request: HttpRequest, status: int, title: str, what: str, now: str) -> HttpResponse:
    """Render without context processors: one that fails must not fail the error page too."""
    number = getattr(request, "id", None)
    problem = Problem(status, title, what, request.path, now, str(number) if number else None)
    template = get_template("web/error.html")
    return HttpResponse(template.render({"problem": problem}), status=status)
