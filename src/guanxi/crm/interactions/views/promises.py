"""The list of promises (承诺), and what becomes of one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.interactions import listing, pictures, selectors, services
from guanxi.crm.interactions.forms import WithdrawForm
from guanxi.crm.interactions.models import Promise
from guanxi.crm.interactions.policy import known_policy
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.reports.keyset import page_of
from guanxi.web.htmx import close_dialog, go_to, is_htmx, say
from guanxi.web.sent import one_of_ours


@require_GET
@requires(Right.LOG_CONTACTS)
def promises(request: ActingRequest) -> HttpResponse:
    """Promises within reach by state, the earliest due first; a head's page has the team's, or one's own."""
    policy = known_policy(request.today)
    asked = listing.asked_of(request.GET)
    everything = listing.whose(selectors.promises(request.reach), request.user, asked)
    counts = listing.counts(everything, policy, request.today)
    shown = page_of(
        listing.narrowed(everything, asked.state, policy, request.today), listing.ORDER, request.GET
    )
    previous_url, next_url = shown.addresses(request.GET)
    told = {
        "tabs": listing.tabs(asked, counts),
        "own_tabs": listing.own_tabs(asked, request.reach),
        "columns": listing.columns(request.reach),
        "lines": [pictures.promise_line(row, request.reach, policy, request.today) for row in shown.rows],
        "previous_url": previous_url,
        "next_url": next_url,
        "summary": listing.summary(counts.get(asked.state, 0)),
        "may_import": request.reach.may(Right.ASSIGN_WORK),
        "here": request.get_full_path(),
    }
    return render(request, "interactions/promises.html", told)


@require_POST
@requires(Right.LOG_CONTACTS)
def keep(request: ActingRequest, number: int) -> HttpResponse:
    """One tap: the promise was kept."""
    promise = _promise_or_404(request, number)
    try:
        services.keep_promise(promise=promise, by=request.user, now=request.now, today=request.today)
        said = _("Promise kept")
    except ValidationError as wrong:
        said = " ".join(wrong.messages)
    if is_htmx(request):
        answer = HttpResponse(status=204, headers={"HX-Refresh": "true"})
        messages.success(request, said)
        return answer
    messages.success(request, said)
    return redirect(_back(request))


@require_http_methods(["GET", "POST"])
@requires(Right.LOG_CONTACTS)
def withdraw(request: ActingRequest, number: int) -> HttpResponse:
    """Ask why, then take the promise back."""
    promise = _promise_or_404(request, number)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            services.withdraw_promise(
                promise=promise, by=request.user, now=request.now, note=note, today=request.today
            )
        except ValidationError as wrong:
            return say(close_dialog(), " ".join(wrong.messages))
        messages.success(request, _("Promise withdrawn"))
        return go_to(_back(request))
    told = {"form": form, "promise": promise, "back": _back(request)}
    return render(request, "interactions/_withdraw.html", told, status=422 if form.errors else 200)


def _promise_or_404(request: ActingRequest, number: int) -> Promise:
    promise = selectors.promises(request.reach).filter(pk=number).first()
    if promise is None or not request.reach.covers(promise.unit_id, promise.keeper_id):
        raise Http404
    return promise


def _back(request: ActingRequest) -> str:
    """The page the person came from, when it is one of ours; else the list."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    return one_of_ours(asked, reverse("interactions:promises"))
