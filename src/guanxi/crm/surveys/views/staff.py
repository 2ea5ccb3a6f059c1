"""Surveys as staff see them: the list, results, questions, codes, one answer, asking one customer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.leads.acting import Acting
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.surveys import guests, pictures, selectors, services
from guanxi.crm.surveys.forms import QuestionsForm, SurveyForm
from guanxi.crm.surveys.models import SurveyState
from guanxi.crm.surveys.rules import read_questions
from guanxi.web.codes import qr_svg
from guanxi.web.pdf import pdf_response
from guanxi.web.sent import whole


def acting(request: ActingRequest) -> Acting:
    """Who acts in this request, on which day, at which moment."""
    return Acting(request.user, request.reach, request.today, request.now)


@require_GET
@requires(Right.SEE_SURVEYS)
def page(request: ActingRequest) -> HttpResponse:
    """All surveys within reach, those that ask first."""
    rows = sorted(
        selectors.surveys_for(request.reach).order_by("-made_at"),
        key=lambda one: one.state != SurveyState.OPEN,
    )
    told = {
        "lines": [(one, pictures.COLOURS[SurveyState(one.state)]) for one in rows],
        "runs": request.reach.may(Right.RUN_SURVEYS),
    }
    return render(request, "surveys/list.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.RUN_SURVEYS)
def new(request: ActingRequest) -> HttpResponse:
    """Write a survey down."""
    units = list(selectors.units_for(request.reach))
    form = SurveyForm(request.POST or None, units=units)
    if form.is_valid():
        told = form.cleaned_data
        unit = next(one for one in units if one.pk == told["unit"])
        draft = services.SurveyDraft(
            told["title"], unit, told["occasion"], told["is_anonymous"], form.questions()
        )
        try:
            made = services.make(acting(request), draft)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Written down. Open it to let it ask."))
            return redirect("surveys:detail", made.uuid)
    return render(request, "surveys/form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.RUN_SURVEYS)
def reword(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Change the questions: a new version; links sent keep theirs."""
    survey = selectors.survey_or_404(request.reach, uuid)
    if not selectors.may_run(request.reach, survey):
        raise Http404
    questions = read_questions(selectors.latest_version(survey).questions)
    form = QuestionsForm(request.POST or None, questions=questions)
    if form.is_valid():
        try:
            version = services.reword(acting(request), survey, form.questions())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Version %(n)s is in force.") % {"n": version.number})
            return redirect("surveys:detail", uuid)
    told = {"form": form, "survey": survey}
    return render(request, "surveys/form.html", told, status=422 if form.errors else 200)


@require_GET
@requires(Right.SEE_SURVEYS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Results of a survey, its codes, what was written."""
    reach = request.reach
    survey = selectors.survey_or_404(reach, uuid)
    version = selectors.latest_version(survey)
    places = list(selectors.places_of(reach, survey))
    hung = {one.unit_id for one in places}
    told = {
        "survey": survey,
        "colour": pictures.COLOURS[SurveyState(survey.state)],
        "version": version,
        "questions": read_questions(version.questions),
        "places": places,
        "units": [unit for unit in selectors.units_for(reach) if unit.pk not in hung],
        "runs": reach.may(Right.RUN_SURVEYS) and selectors.may_run(reach, survey),
        **pictures.results(reach, survey, request.today, weighted="weighted" in request.GET),
    }
    return render(request, "surveys/detail.html", told)


@require_POST
@requires(Right.RUN_SURVEYS)
def move(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Open a survey, or close it."""
    survey = selectors.survey_or_404(request.reach, uuid)
    if not selectors.may_run(request.reach, survey):
        raise Http404
    deed = services.open_up if request.POST.get("deed") == "open" else services.close
    done = deed(acting(request), survey)
    messages.success(request, _("It asks now.") if done.state == SurveyState.OPEN else _("Closed."))
    return redirect("surveys:detail", uuid)


@require_POST
@requires(Right.SEE_SURVEYS)
def hang(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Make a branch's code, and open its sheet."""
    survey = selectors.survey_or_404(request.reach, uuid)
    unit = selectors.units_for(request.reach).filter(pk=whole(request.POST.get("unit", "")) or 0).first()
    if unit is None or survey.state != SurveyState.OPEN:
        messages.error(request, _("Choose a unit of yours; the survey must be asking."))
        return redirect("surveys:detail", uuid)
    place = services.hang(acting(request), survey, unit)
    return redirect("surveys:sheet", uuid, place.pk)


@require_GET
@requires(Right.SEE_SURVEYS)
def sheet(request: ActingRequest, uuid: UUID, number: int) -> HttpResponse:
    """The sheet with a branch's code, to hang up."""
    survey = selectors.survey_or_404(request.reach, uuid)
    place = selectors.places_of(request.reach, survey).filter(pk=number).first()
    if place is None:
        raise Http404
    link = request.build_absolute_uri(reverse("surveys:place", args=[guests.place_token(place)]))
    audit.record(by=request.user, verb="surveys.printed", on=place)
    told = {"survey": survey, "place": place, "code": qr_svg(link)}
    return pdf_response("surveys/sheet.html", told, f"{survey.title} {place.unit.name}")


@require_GET
@requires(Right.SEE_SURVEYS)
def answer(request: ActingRequest, number: int) -> HttpResponse:
    """One answer, in words."""
    found = selectors.answer_or_404(request.reach, number)
    return render(request, "surveys/answer.html", pictures.said(found, request.reach))


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_SURVEYS)
def ask(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Ask this customer now: the link as a code on the screen, for one answer."""
    party = party_or_404(request.reach, uuid)
    if request.reach.hides_names:
        raise PermissionDenied("who sees customers masked asks none by hand")
    surveys = list(selectors.asking(request.reach))
    shown: dict[str, Any] = {"link": None, "code": None}
    if request.method == "POST":
        survey = next((one for one in surveys if str(one.uuid) == request.POST.get("survey")), None)
        if survey is None:
            raise Http404
        try:
            subject = f"manual:{request.today.isoformat()}"
            made = services.ask(acting(request), survey, party, subject=subject, staff=party.keeper)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            link = request.build_absolute_uri(reverse("surveys:link", args=[guests.link_token(made)]))
            shown = {"link": link, "code": qr_svg(link)}
    told = {"party": party, "name": shown_name(party.name, hidden=False), "surveys": surveys, **shown}
    return render(request, "surveys/ask.html", told)
