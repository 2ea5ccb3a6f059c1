"""Answers whoever wants to begin something that is not assessed."""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guanxi.crm.assessments.activities import in_words
from guanxi.crm.assessments.services import NotAssessed
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

CONFLICT = 409


class TellsWhatIsNotAssessed:
    """Status 409 with what lacks an assessment and who writes one; nothing of the request is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Only exceptions concern it."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page, for this exception alone."""
        if not isinstance(exception, NotAssessed):
            return None
        reach = cast("ActingRequest", request).reach
        told = {
            "activities": in_words(exception.activities),
            "query": urlencode({"activity": list(exception.activities)}, doseq=True),
            "sees": reach.may(Right.SEE_ASSESSMENTS),
            "writes": reach.may(Right.WRITE_ASSESSMENTS),
        }
        page = render(request, "assessments/missing.html", told, status=CONFLICT)
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        return page
