"""Pages of care: the calendar, the ledger of gifts, news of customers, suggestions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.care import dates, pictures, selectors, services, words
from guanxi.crm.care.forms import AnswerForm, DateForm, GiftForm, NewsForm, VoiceForm
from guanxi.crm.care.policy import care_policy
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

BAD = 422


@require_GET
@requires(Right.GIVE_CARE)
def calendar(request: ActingRequest) -> HttpResponse:
    """Whom to greet in the coming weeks (关怀日历): birthdays of one's book, festivals, gifts planned."""
    told = pictures.calendar(request.reach, care_policy(request.today), request.today)
    return render(request, "care/calendar.html", {"tabs": pictures.tabs(request.reach, "calendar"), **told})


@require_GET
@requires(Right.GIVE_CARE)
def gifts(request: ActingRequest) -> HttpResponse:
    """The ledger of gifts (礼品台账) within reach: what waits for one's word first, then the year."""
    told = pictures.ledger(request.reach, care_policy(request.today), request.user, request.today)
    told |= {"tabs": pictures.tabs(request.reach, "gifts")}
    return render(request, "care/gifts.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.GIVE_CARE)
def gift(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Write a gift to a customer down; a limit that it would pass is named."""
    party, policy = party_or_404(request.reach, uuid), care_policy(request.today)
    if policy is None:
        return _no_policy(request, party)
    form = GiftForm(*_sent(request), policy=policy, today=request.today)
    made = _kept(form, lambda: services.give(
        by=request.user, party=party, draft=form.draft(), client_key=form.cleaned_data["client_key"],
        today=request.today, now=request.now,
    ))  # fmt: skip
    if made is not None:
        waits = made.state == "waiting"
        messages.success(request, _("Handed in for approval.") if waits else _("The gift is in the ledger."))
        return redirect("desk:customer", party.uuid)
    told = pictures.limits(request.reach, party, request.user, policy, request.today)
    return _form(request, form, party, "care/gift.html", told)


@require_POST
@requires(Right.APPROVE_GIFTS)
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Approve a colleague's gift, or not with a reason."""
    found, approve = selectors.gift_or_404(request.reach, number), request.POST.get("said") == "yes"
    return _said(request, "care:gifts", _("Decided."), lambda: services.decide_gift(
        by=request.user, gift=found, approve=approve, word=request.POST.get("word", ""), today=request.today,
        now=request.now,
    ))  # fmt: skip


@require_POST
@requires(Right.GIVE_CARE)
def not_given(request: ActingRequest, number: int) -> HttpResponse:
    """One's own gift was not given after all."""
    found = selectors.gift_or_404(request.reach, number)
    return _said(request, "care:gifts", _("It counts no more."), lambda: services.take_back_gift(
        by=request.user, gift=found, word=request.POST.get("word", ""), today=request.today
    ))  # fmt: skip


@require_GET
@requires(Right.GIVE_CARE)
def news(request: ActingRequest) -> HttpResponse:
    """News of customers within reach (客户动态), the latest first."""
    told = pictures.news(request.reach, care_policy(request.today))
    return render(request, "care/news.html", {"tabs": pictures.tabs(request.reach, "news"), **told})


@require_http_methods(["GET", "POST"])
@requires(Right.GIVE_CARE)
def tell(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Tell news of a customer: the keeper calls, leaders hear of it by tier."""
    party, policy = party_or_404(request.reach, uuid), care_policy(request.today)
    if policy is None:
        return _no_policy(request, party)
    form = NewsForm(*_sent(request), policy=policy, today=request.today)
    made = _kept(form, lambda: services.tell_news(
        by=request.user, party=party, today=request.today, now=request.now, **form.cleaned_data
    ))  # fmt: skip
    if made is not None:
        messages.success(request, _("Kept. It is on the keeper's list."))
        return redirect("desk:customer", party.uuid)
    return _form(request, form, party, "care/tell.html", pictures.events_told(policy))


@require_GET
@requires(Right.GIVE_CARE)
def voices(request: ActingRequest) -> HttpResponse:
    """Suggestions of customers (客户建议) with where each stands; head office answers here."""
    told = pictures.voices(request.reach, care_policy(request.today), request.today)
    told |= {"tabs": pictures.tabs(request.reach, "voices")}
    return render(request, "care/voices.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.GIVE_CARE)
def suggest(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Carry a customer's suggestion to head office."""
    party, policy = party_or_404(request.reach, uuid), care_policy(request.today)
    if policy is None:
        return _no_policy(request, party)
    form = VoiceForm(*_sent(request), policy=policy)
    made = _kept(form, lambda: services.say(
        by=request.user, party=party, today=request.today, now=request.now, **form.cleaned_data
    ))  # fmt: skip
    if made is not None:
        messages.success(request, _("Handed in. Head office answers by %(day)s.") % {"day": made.due_on})
        return redirect("care:voices")
    return _form(request, form, party, "care/suggest.html", {})


@require_POST
@requires(Right.ANSWER_VOICES)
def answer(request: ActingRequest, number: int) -> HttpResponse:
    """Head office takes a suggestion up, adopts it, or explains why not."""
    found, form = selectors.voice_or_404(request.reach, number), AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose what becomes of it."))
        return redirect("care:voices")
    return _said(request, "care:voices", _("Answered."), lambda: services.answer(
        by=request.user, voice=found, today=request.today, **form.cleaned_data
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Right.GIVE_CARE)
def important(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A customer's important dates (重要日子), and a new one."""
    party, rows = dates.dates_of(request.reach, uuid, request.today)
    form = DateForm(*_sent(request))
    made = _kept(form, lambda: dates.note(
        by=request.user, party=party, draft=form.draft(), today=request.today
    ))  # fmt: skip
    if made is not None:
        messages.success(request, _("The date is kept."))
        return redirect("care:dates", party.uuid)
    told = {"rows": [(one, words.date_said(one.row)) for one in rows], "since": party.since}
    return _form(request, form, party, "care/dates.html", told)


@require_POST
@requires(Right.GIVE_CARE)
def end_date(request: ActingRequest, number: int) -> HttpResponse:
    """A date counts no more."""
    found = dates.date_or_404(request.reach, number)
    dates.end(by=request.user, found=found, today=request.today)
    messages.success(request, _("It counts no more."))
    return redirect("care:dates", found.party.uuid)


def _sent(request: ActingRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


def _kept(form: Form, deed: Callable[[], Any]) -> Any:
    """What the deed gives when the form was sent whole; None with what it refused said in the form."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return deed()
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _form(request: ActingRequest, form: Form, party: Party, page: str, told: dict[str, Any]) -> HttpResponse:
    told |= {"form": form, "party": party, "name": shown_name(party.name, hidden=request.reach.hides_names)}
    return render(request, page, told, status=BAD if form.errors else 200)


def _no_policy(request: ActingRequest, party: Party) -> HttpResponse:
    messages.error(request, _("The bank has no policy of care in force."))
    return redirect("desk:customer", party.uuid)


def _said(request: ActingRequest, back: str, said: str, deed: Callable[[], object]) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect(back)
