"""The day's list: its rows, the rest, one task slid in, and what may be done with it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.interactions import pictures as contacts
from guanxi.crm.interactions.forms import LogForm
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.messaging import pictures as messaging
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.worklist import pictures, selectors, services
from guanxi.crm.worklist.doing import Settled, log_contact
from guanxi.crm.worklist.forms import HandForm, SnoozeForm, TaskForm
from guanxi.crm.worklist.models import Task
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.web.htmx import close_dialog, is_htmx, say, tell
from guanxi.web.sent import whole

CHANGED = "guanxi:worklist"


@never_cache
@require_GET
@requires(Right.SEE_WORKLIST)
def page(request: ActingRequest) -> HttpResponse:
    """The day's list as a page of its own, for those whose first page shows something else."""
    told = pictures.today(request.user, request.reach, request.today)
    return render(request, "worklist/today.html", told)


@never_cache
@require_GET
@requires(Right.SEE_WORKLIST)
def today(request: ActingRequest) -> HttpResponse:
    """The rows of the day, asked again after each deed."""
    told = pictures.today(request.user, request.reach, request.today)
    return render(request, "worklist/_list.html", told)


@never_cache
@require_GET
@requires(Right.SEE_WORKLIST)
def rest(request: ActingRequest) -> HttpResponse:
    """What is not on today's list, with why (未列入今日)."""
    return render(request, "worklist/_rest.html", pictures.rest(request.user, request.reach, request.today))


@never_cache
@require_GET
@requires(Right.SEE_WORKLIST)
def task(request: ActingRequest, number: int) -> HttpResponse:
    """One row opened, sliding in."""
    found = _task_or_404(request, number)
    tasks = selectors.beside(request.reach, found, request.today)
    told = pictures.task_told(found, tasks, request.reach, request.today, request.now)
    told |= messaging.budget(request.reach, found.party, now=request.now, today=request.today)
    return render(request, "worklist/_task.html", told)


@require_POST
@requires(Right.LOG_CONTACTS)
def log(request: ActingRequest, number: int) -> HttpResponse:
    """The contact of a task, from the form or later from the browser's queue; it closes what it settles."""
    found = Task.objects.select_related("party").filter(pk=number).first()
    if found is None or found.party is None:
        raise Http404
    if not selectors.may_work(request.reach, found):
        raise PermissionDenied
    errors = _logged(request, found)
    if request.headers.get("Accept", "").startswith("application/json"):
        told = {"errors": errors} if errors else {"said": _("Contact logged")}
        return JsonResponse(told, status=422 if errors else 201)
    for sentence in errors:
        messages.error(request, sentence)
    return redirect("desk:home")


def _logged(request: ActingRequest, found: Task) -> list[str]:
    """Keep what the form says; the sentences that say why not."""
    form = LogForm(request.POST, policy=interaction_policy(request.today))
    if not form.is_valid():
        return form.sentences()
    draft = form.draft(latest=contacts.bank_now(request.today, request.now))
    assert found.party is not None
    try:
        log_contact(
            by=request.user, reach=request.reach, party=found.party,
            tasks=selectors.beside(request.reach, found, request.today), draft=draft, settled=_settled(request),
            today=request.today, now=request.now,
        )  # fmt: skip
    except ValidationError as wrong:
        return list(wrong.messages)
    return []


def _settled(request: ActingRequest) -> Settled:
    """What was ticked: close_<task>, kept_<promise>."""

    def ticked(prefix: str) -> frozenset[int]:
        numbers = (name.removeprefix(prefix) for name in request.POST if name.startswith(prefix))
        return frozenset(key for number in numbers if (key := whole(number)) is not None)

    return Settled(ticked("close_"), ticked("kept_"))


@require_POST
@requires(Right.SEE_WORKLIST)
def done(request: ActingRequest, number: int) -> HttpResponse:
    """One tap: the row is done, but for what ends on a page of its own beside it."""
    found = _task_or_404(request, number)
    for each in selectors.beside(request.reach, found, request.today):
        if each.pk == found.pk or pictures.ends_here(each):
            services.close_task(
                task=each, by=request.user, now=request.now, today=request.today, outcome="done"
            )
    return _changed(request, _("Marked done"))


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_WORKLIST)
def snooze(request: ActingRequest, number: int) -> HttpResponse:
    """Ask why and until when, then put the row off."""
    found = _task_or_404(request, number)
    form = SnoozeForm(request.POST or None, policy=worklist_policy(request.today), today=request.today)

    def deed() -> None:
        for each in selectors.beside(request.reach, found, request.today):
            services.snooze_task(
                task=each, by=request.user, until=form.cleaned_data["until"], reason=form.cleaned_data["reason"],
                today=request.today,
            )  # fmt: skip

    return _asked(request, form, deed, "worklist/_snooze.html", {"task": found}, _("Put off"))


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_WORKLIST)
def hand(request: ActingRequest, number: int) -> HttpResponse:
    """Ask to whom, then hand the row on."""
    found = _task_or_404(request, number)
    people = selectors.colleagues(found, request.user, request.today)
    form = HandForm(request.POST or None, people=people)

    def deed() -> None:
        to = Staff.objects.get(pk=int(form.cleaned_data["to"]))
        for each in selectors.beside(request.reach, found, request.today):
            services.hand_on(task=each, to=to, by=request.user, now=request.now, today=request.today)

    told = {"task": found, "people": people}
    return _asked(request, form, deed, "worklist/_hand.html", told, _("Handed on"))


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_WORKLIST)
def add(request: ActingRequest) -> HttpResponse:
    """A task by hand for oneself, about a customer (?customer=) or about nobody."""
    party = _customer(request)
    keeper = services.keeper_for(request.reach, party)
    form = TaskForm(request.POST or None, today=request.today, keeper=keeper)

    def deed() -> None:
        told = form.cleaned_data
        services.open_by_hand(
            by=request.user, reach=request.reach, party=party, text=told["text"], due_on=told["due_on"],
            minutes=told["minutes"], to_keeper=bool(told.get("to_keeper")), today=request.today,
        )  # fmt: skip

    shown = {
        "party": party,
        "name": shown_name(party.name, hidden=request.reach.hides_names) if party else "",
    }
    return _asked(request, form, deed, "worklist/_add.html", shown, _("Task added"))


def _customer(request: ActingRequest) -> Party | None:
    """The customer a task by hand is about; None when none was named."""
    asked = request.POST.get("customer") or request.GET.get("customer") or ""
    if not asked:
        return None
    try:
        return party_or_404(request.reach, UUID(asked))
    except ValueError:
        raise Http404 from None


def _task_or_404(request: ActingRequest, number: int) -> Task:
    """The task: 404 for one out of sight or closed, 403 for a colleague's that is in sight."""
    found = selectors.standing_task(number)
    if found is None:
        raise Http404
    if not selectors.may_work(request.reach, found):
        raise PermissionDenied
    return found


def _asked(
    request: ActingRequest, form: SnoozeForm | HandForm | TaskForm, deed: Callable[[], None], page: str,
    told: Mapping[str, object], said: str,
) -> HttpResponse:  # fmt: skip
    """A dialog: the form until it is sound, then the deed."""
    if request.method == "POST" and form.is_valid():
        try:
            deed()
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            return _changed(request, said)
    return render(request, page, {"form": form, **told}, status=422 if form.errors else 200)


def _changed(request: ActingRequest, said: str) -> HttpResponse:
    """Close what is open, say it, and have the list asked again; without a script, the first page."""
    if not is_htmx(request):
        messages.success(request, said)
        return redirect("desk:home")
    return tell(say(close_dialog(), said), CHANGED)
