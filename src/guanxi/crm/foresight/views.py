"""The list of warnings, a customer's panel, the register of models with its switches."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.foresight import cards, lists, pictures, rules, selectors, services
from guanxi.crm.foresight.forms import AskForm, ReasonForm
from guanxi.crm.foresight.models import ListState, ModelState, ModelVersion
from guanxi.crm.foresight.words import WHY_NOT
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.reports.keyset import By, page_of
from guanxi.crm.scores.selectors import current_business_date, score_of
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.needs.propensity import PURPOSE

ORDER = (By("priority", descending=True), By("party_id"))
LEAST_SHOWN, MOST_SHOWN = 10, 200  # customers who changed: without a policy, and at most on one page


@require_GET
@requires(Right.SEE_DAILY)
def warnings(request: ActingRequest) -> HttpResponse:
    """The warnings within reach: those on the lists, the most money and urgency first, and those not shown with why."""
    chosen = request.GET.get("state", "")
    state = chosen if chosen in ListState.values else ListState.LISTED.value
    counts = selectors.counts(request.reach)
    shown = page_of(selectors.warnings(request.reach).filter(state=state), ORDER, request.GET)
    previous_url, next_url = shown.addresses(request.GET)
    told = {
        "tabs": pictures.tabs(counts, state),
        "why_not": WHY_NOT.get(state, ""),
        "columns": pictures.columns(request.reach),
        "lines": pictures.lines(shown.rows, request.reach, tier_names(request.today)),
        "summary": pictures.summary(*counts[state]),
        "previous_url": previous_url,
        "next_url": next_url,
        "banner": pictures.banner(selectors.last_night()),
        "sees_models": request.reach.may(Right.SEE_RUNS),
        "may_open_case": request.reach.may(Right.KEEP_CASES),
        "as_of": current_business_date(),
    }
    return render(request, "foresight/warnings.html", told)


@require_GET
@requires(Right.SEE_DAILY)
def shortness(request: ActingRequest) -> HttpResponse:
    """How short the lists stay: new alerts per manager and day, and what is held back with the reason."""
    as_of = current_business_date()
    short = lists.shortness(request.reach, as_of) if as_of else None
    told = {
        "as_of": as_of,
        "short": pictures.short_table(short) if short else None,
        "budget": lists.budget(request.today),
        "held": pictures.held_back(selectors.counts(request.reach)),
        "held_columns": pictures.held_columns(),
    }
    return render(request, "foresight/shortness.html", told)


@require_GET
@requires(Right.SEE_DAILY)
def changes(request: ActingRequest) -> HttpResponse:
    """What changed since the run before, by urgency and money; as many customers as a manager is given in a day."""
    most = lists.budget(request.today) or LEAST_SHOWN
    shown = lists.changed(request.reach, MOST_SHOWN if "all" in request.GET else most)
    names = tier_names(request.today)
    told = {
        "as_of": current_business_date(),
        "lines": [pictures.changed_line(one, names, request.reach) for one in shown],
        "customers": lists.changed_customers(request.reach),
        "all": "all" in request.GET,
    }
    return render(request, "foresight/changes.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def panel(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The warning of one customer, as a part of the customer page."""
    party = party_or_404(request.reach, uuid)
    score = score_of(request.reach, party)
    told = pictures.panel(
        request.reach, party, tier_names(request.today), score.tier_scheme if score else None
    )
    return render(request, "foresight/_panel.html", told)


@require_GET
@requires(Right.SEE_RUNS)
def models(request: ActingRequest) -> HttpResponse:
    """The register of models: every version, which is on, and how each night was served."""
    told = {
        "versions": [pictures.listed(version) for version in selectors.models()],
        "nights": pictures.nights_table(selectors.nights()),
        "night_columns": pictures.night_columns(),
        "banner": pictures.banner(selectors.last_night()),
        "needs_by": cards.served_needs(selectors.model_on(PURPOSE)),
    }
    return render(request, "foresight/models.html", told)


@require_GET
@requires(Right.SEE_RUNS)
def model(request: ActingRequest, number: int) -> HttpResponse:
    """One version: its card, where it came from, and what this person may do with it."""
    version = get_object_or_404(ModelVersion, pk=number)
    reach = request.reach
    asker = version.asked_by_id
    told = {
        "seen": pictures.listed(version),
        "card": pictures.card(version, tier_names(request.today)),
        "may_ask": reach.may(Right.PROPOSE_POLICY)
        and rules.may_ask(version.state, has_body=bool(version.body)),
        "may_decide": reach.may(Right.APPROVE_POLICY)
        and rules.may_decide(version.state, asker=asker, decider=request.user.pk),
        "may_switch_off": (reach.may(Right.PROPOSE_POLICY) or reach.may(Right.APPROVE_POLICY))
        and rules.may_switch_off(version.state),
        "own": version.state == ModelState.ASKED and asker == request.user.pk,
        "ask_form": AskForm(prefix="ask"),
        "refuse_form": ReasonForm(prefix="refuse"),
        "off_form": ReasonForm(prefix="off"),
        "nights": pictures.nights_table(selectors.nights()) if version.state == ModelState.ON else [],
        "night_columns": pictures.night_columns(),
    }
    return render(request, "foresight/model.html", told)


@require_POST
@requires(Right.PROPOSE_POLICY)
def ask(request: ActingRequest, number: int) -> HttpResponse:
    """Ask that a version serve."""
    version = get_object_or_404(ModelVersion, pk=number)
    form = AskForm(request.POST, prefix="ask")
    risk, note = (form.cleaned_data["risk_grade"], form.cleaned_data["note"]) if form.is_valid() else ("", "")
    return _done(
        request,
        version,
        lambda: services.ask_on(
            by=request.user, today=request.today, version=version, risk_grade=risk, note=note
        ),
        _("Asked. Somebody else now decides."),
    )


@require_POST
@requires(Right.APPROVE_POLICY)
def switch_on(request: ActingRequest, number: int) -> HttpResponse:
    """Switch on exactly the model that was on the page."""
    version = get_object_or_404(ModelVersion, pk=number)
    sha256 = request.POST.get("sha256", "")
    return _done(
        request,
        version,
        lambda: services.switch_on(
            by=request.user, today=request.today, now=request.now, version=version, sha256=sha256
        ),
        _("Switched on. It serves from the next night."),
    )


@require_POST
@requires(Right.APPROVE_POLICY)
def refuse(request: ActingRequest, number: int) -> HttpResponse:
    """Turn the question down."""
    version = get_object_or_404(ModelVersion, pk=number)
    note = request.POST.get("refuse-note", "")
    return _done(
        request,
        version,
        lambda: services.refuse(
            by=request.user, today=request.today, now=request.now, version=version, note=note
        ),
        _("Turned down."),
    )


@require_POST
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
def switch_off(request: ActingRequest, number: int) -> HttpResponse:
    """Stop a model at once."""
    version = get_object_or_404(ModelVersion, pk=number)
    note = request.POST.get("off-note", "")
    return _done(
        request,
        version,
        lambda: services.switch_off(
            by=request.user, today=request.today, now=request.now, version=version, note=note
        ),
        _("Switched off. The rule serves from the next night."),
    )


def _done(
    request: ActingRequest, version: ModelVersion, deed: Callable[[], object], said: str
) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("foresight:model", version.pk)
