"""The counter's pages: a number in, one customer with one prompt out, one tap for each answer."""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.counter import consents, entitlements, events, guests, pictures, services
from guanxi.crm.counter.forms import ConsentForm, EventForm, FactForm, NumberForm, ReferralForm
from guanxi.crm.counter.models import EntitlementUse, Reception
from guanxi.crm.counter.policy import counter_policy
from guanxi.crm.customers.search import find_exactly, nothing_found
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.retention.policy import retention_policy
from guanxi.web.sent import whole


@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
@requires(Right.SERVE_COUNTER)
def arrival(request: ActingRequest) -> HttpResponse:
    """A number in; the one customer it finds opens at once, several are asked about."""
    form = NumberForm(request.POST or None)
    found = None
    if form.is_valid():
        hits = find_exactly(request.reach, form.cleaned_data["number"])
        if len(hits) == 1:
            return receive(request, hits[0].uuid)
        found = pictures.found(request.reach, hits, request.today)
    told = {
        "form": NumberForm() if found is not None else form,
        "found": found,
        "guest": _guest(request, form.cleaned_data["number"]) if found is not None and not found else None,
        "nothing": nothing_found(),
    }
    return render(request, "counter/arrival.html", told)


def _guest(request: ActingRequest, number: str) -> guests.Guest | None:
    """The customer of another outlet with this number, when there is one and the day's looks are not used up."""
    try:
        return guests.guest_of(by=request.user, number=number, today=request.today, now=request.now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None


@require_POST
@requires(Right.SERVE_COUNTER)
def receive(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Receive this customer; the page has an address of its own that holds no number."""
    party = party_or_404(request.reach, uuid)
    try:
        made = services.receive(by=request.user, party=party, today=request.today, now=request.now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("counter:arrival")
    return redirect("counter:reception", made.pk)


@require_GET
@requires(Right.SERVE_COUNTER)
def reception(request: ActingRequest, number: int) -> HttpResponse:
    """The customer received: one's own reception of today and no other."""
    found, policy = _own(request, number), counter_policy(request.today)
    if policy is None:
        return redirect("counter:arrival")
    return render(request, "counter/reception.html", pictures.page(found, request.reach, policy, request.now))


@require_POST
@requires(Right.SERVE_COUNTER)
def answer(request: ActingRequest, number: int) -> HttpResponse:
    """感兴趣, 暂不 or 不再提."""
    found = _own(request, number)
    return _done(
        request,
        number,
        lambda: services.answer(
            by=request.user,
            reception=found,
            said=request.POST.get("said", ""),
            today=request.today,
            now=request.now,
        ),
        _("Noted."),
    )


@require_POST
@requires(Right.SERVE_COUNTER)
def use(request: ActingRequest, number: int) -> HttpResponse:
    """Use an entitlement once."""
    found = _own(request, number)
    return _done(
        request,
        number,
        lambda: entitlements.use(
            by=request.user, party=found.party, code=request.POST.get("code", ""),
            client_key=_key(request.POST.get("key", "")), today=request.today, now=request.now,
        ),
        _("Used."),
    )  # fmt: skip


@require_POST
@requires(Right.SERVE_COUNTER)
def take_back(request: ActingRequest, number: int) -> HttpResponse:
    """Undo the last use of this reception."""
    found = _own(request, number)
    made = EntitlementUse.objects.filter(
        book__party=found.party, pk=whole(request.POST.get("use", "")) or 0
    ).first()
    if made is None:
        raise Http404
    return _done(
        request,
        number,
        lambda: entitlements.take_back(by=request.user, made=made, now=request.now, today=request.today),
        _("Taken back."),
    )


@require_POST
@requires(Right.SERVE_COUNTER)
def event(request: ActingRequest, number: int) -> HttpResponse:
    """The customer asks to close, to withdraw early or for much cash: the keeper is told at once."""
    found = _own(request, number)
    form = EventForm(request.POST, policy=retention_policy(request.today))
    if not form.is_valid():
        messages.error(request, _("Choose what the customer asks for; nothing was kept."))
        return redirect("counter:reception", number)
    told = form.cleaned_data
    draft = events.EventDraft(
        events.PAGE,
        str(told["number"]),
        told["kind"],
        told["amount"],
        told["said_reason"],
        told["said_place"],
    )
    return _done(
        request,
        number,
        lambda: events.take_event(
            by=request.user, party=found.party, draft=draft, today=request.today, now=request.now
        ),
        _("The keeper has been told. Serve as asked."),
    )


@require_POST
@requires(Right.SERVE_COUNTER)
def fact(request: ActingRequest, number: int) -> HttpResponse:
    """Keep the one missing entry."""
    found, form = _own(request, number), FactForm(request.POST)
    value = form.cleaned_data["value"] if form.is_valid() else ""
    return _done(
        request,
        number,
        lambda: services.tell_fact(
            by=request.user, reception=found, field=request.POST.get("field", ""), value=value, now=request.now,
            today=request.today,
        ),
        _("Kept. Enter it in the core system too."),
    )  # fmt: skip


@require_POST
@requires(Right.SERVE_COUNTER)
def refer(request: ActingRequest, number: int) -> HttpResponse:
    """Hand the customer's wish in to the keeper."""
    found, form = _own(request, number), ReferralForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return _done(
        request,
        number,
        lambda: services.refer(by=request.user, reception=found, text=text, today=request.today),
        _("Handed in to the keeper."),
    )


@require_POST
@requires(Right.SERVE_COUNTER)
def consent(request: ActingRequest, number: int) -> HttpResponse:
    """The customer agrees to marketing: words read out, proof named."""
    found, policy = _own(request, number), counter_policy(request.today)
    form = ConsentForm(request.POST, policy=policy) if policy else None
    if form is None or not form.is_valid():
        messages.error(request, _("Channel, proof and the words read out are needed; nothing was kept."))
        return redirect("counter:reception", number)
    told = form.cleaned_data
    return _done(request, number, lambda: consents.agree(
        by=request.user, reception=found, channels=told["channels"], read_out=told["read_out"],
        proof=consents.Proof(told["proof"], told["proof_no"]), today=request.today, now=request.now,
    ), _("Consent kept. It counts from now on."))  # fmt: skip


@require_POST
@requires(Right.SERVE_COUNTER)
def no_consent(request: ActingRequest, number: int) -> HttpResponse:
    """The customer takes consent back, for a channel or for everything."""
    found, channel = _own(request, number), request.POST.get("channel", "")
    return _done(request, number, lambda: consents.take_back(
        by=request.user, reception=found, channel=channel, today=request.today, now=request.now
    ), _("Taken back. Nothing more is sent by this channel."))  # fmt: skip


def _own(request: ActingRequest, number: int) -> Reception:
    rows = Reception.objects.select_related("party", "party__unit", "party__keeper")
    found = rows.filter(pk=number, staff=request.user, day=request.today).first()
    if found is None or not request.reach.covers(found.party.unit_id, found.party.keeper_id):
        raise Http404
    return found


def _key(text: str) -> UUID:
    """The page's key of a tap; a mangled one is a tap of its own."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _done(request: ActingRequest, number: int, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except events.AnotherEvent:
        messages.error(request, _("This was told before with other figures."))
    else:
        messages.success(request, said)
    return redirect("counter:reception", number)
