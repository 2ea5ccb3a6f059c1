"""客户告知书 on paper: of an exit, and of a hand-over with a page for each customer; taking one is in the trail."""

import hashlib

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.audit import services as audit
from guanxi.crm.keeping import notices, selectors
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.web.pdf import pdf_answer


@require_GET
@requires(Right.LOG_CONTACTS)
def of_exit(request: ActingRequest, number: int) -> HttpResponse:
    """The letter of one exit; none before a person has decided."""
    row = selectors.exits(request.reach).filter(pk=number).first()
    letter = notices.exit_letter(row, request.today) if row else None
    if row is None or letter is None:
        raise Http404
    return _handed_out(request, [letter], "exit_notice", {"exit": row.pk})


@require_GET
@requires(Right.LOG_CONTACTS)
def of_handover(request: ActingRequest, number: int) -> HttpResponse:
    """The letters of one hand-over; none before it is done."""
    case = selectors.handovers(request.reach).filter(pk=number).first()
    letters = notices.handover_letters(case, request.today) if case else []
    if case is None or not letters:
        raise Http404
    return _handed_out(request, letters, "handover_notice", {"handover": case.pk})


def _handed_out(
    request: ActingRequest, letters: list[notices.Letter], what: str, filters: dict[str, object]
) -> HttpResponse:
    if request.reach.hides_names:  # a letter is the customer's name and little else
        raise Http404
    content = notices.sheet(letters)
    audit.exported(
        by=request.user, what=what, rows=len(letters), columns=["name", "keeper"], filters=filters,
        content_hash=hashlib.sha256(content).hexdigest(),
        customers=[letter.party for letter in letters if letter.party is not None],
    )  # fmt: skip
    return pdf_answer(content, _("Letter to the customer"))
