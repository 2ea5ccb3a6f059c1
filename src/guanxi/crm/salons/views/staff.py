"""Salons as their people see them: what lies ahead, one salon, planning, inviting, ending, paper."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.campaigns import selectors as campaigns
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right, Sight
from guanxi.crm.salons import choosing, guests, pictures, selectors, services
from guanxi.crm.salons.communities import communities_for
from guanxi.crm.salons.forms import GuestForm, InviteForm, ReasonForm, SalonForm, initial_of
from guanxi.crm.salons.models import Channel, Invitation, Salon, Source
from guanxi.crm.salons.policy import language, salon_policy
from guanxi.crm.salons.rules import Stage
from guanxi.crm.salons.symposium import symposiums
from guanxi.crm.salons.views.asking import acting, moment_of, said_no
from guanxi.crm.scores.tiers import tier_names
from guanxi.web.codes import qr_svg
from guanxi.web.pdf import mark_of, pdf_response

MOST_PAST = 50
PERSON = "person"


@require_GET
@requires(Right.RUN_SALONS, Right.SERVE_COUNTER)
def page(request: ActingRequest) -> HttpResponse:
    """What lies ahead, and what was."""
    reach, today = request.reach, request.today
    told = {
        "coming": pictures.lines(list(selectors.coming(reach)), today),
        "past": pictures.lines(list(selectors.past(reach)[:MOST_PAST]), today),
        "runs": reach.may(Right.RUN_SALONS),
        "symposiums": symposiums(reach, today),
    }
    return render(request, "salons/list.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.RUN_SALONS)
def new(request: ActingRequest) -> HttpResponse:
    """Plan a salon."""
    form = _form(request)
    if form.is_valid():
        try:
            salon = services.plan(acting(request), form.draft())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Planned. Now choose whom to invite."))
            return redirect("salons:detail", salon.uuid)
    return render(request, "salons/form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.RUN_SALONS)
def change(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Change a planned salon."""
    salon = _led(request, uuid)
    form = _form(request, salon)
    if form.is_valid():
        try:
            services.change(acting(request), salon, form.draft())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Changed."))
            return redirect("salons:detail", salon.uuid)
    told = {"form": form, "salon": salon}
    return render(request, "salons/form.html", told, status=422 if form.errors else 200)


@require_GET
@requires(Right.RUN_SALONS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One salon: whom it expects, who came, what may be done."""
    salon = selectors.salon_or_404(request.reach, uuid)
    return render(request, "salons/detail.html", detail_told(request, salon))


def detail_told(request: ActingRequest, salon: Salon, form: InviteForm | None = None) -> dict[str, Any]:
    """What the page of a salon shows; a form that came back with errors takes the place of a fresh one."""
    reach, today = request.reach, request.today
    planned = salon.state == Stage.PLANNED
    return {
        "salon": salon,
        "line": pictures.lines([salon], today)[0],
        "rows": pictures.rows(reach, salon),
        "leads": planned and selectors.may_lead(reach, salon),
        "may_invite": planned,
        "begun": moment_of(request) >= salon.starts_at,
        "form": form or (_invite_form(request, salon) if planned else None),
        "why": ReasonForm(),
        **offline_told(planned=planned, today=today),
        **pictures.figures(salon),
        **pictures.effect_of(salon, today),
    }


def offline_told(*, planned: bool, today: date) -> dict[str, Any]:
    """The form somebody is signed up with on the phone, and the words that are read out."""
    return {"guest": GuestForm() if planned else None, "consent": salon_policy(today).consent(language())}


@require_POST
@requires(Right.RUN_SALONS)
def invite(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Invite the customers of a book, a segment, a campaign, or by number."""
    salon = selectors.salon_or_404(request.reach, uuid)
    form = _invite_form(request, salon)
    if form.is_valid():
        try:
            told, most = form.cleaned_data, salon_policy(request.today).most_invited
            parties = choosing.chosen(request.reach, salon, told, request.today, most=most)
            done = services.invite(
                acting(request),
                salon,
                parties,
                source=Source(told["source"]),
                channel=Channel(told["channel"]),
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _said(done))
            return redirect("salons:detail", uuid)
    return render(request, "salons/detail.html", detail_told(request, salon, form), status=422)


@require_POST
@requires(Right.RUN_SALONS)
def off(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Call a salon off."""
    salon = _led(request, uuid)
    try:
        services.call_off(acting(request), salon, reason=request.POST.get("reason", ""))
    except ValidationError as refused:
        said_no(request, refused)
    else:
        messages.success(request, _("Called off; keepers call those who had signed up."))
    return redirect("salons:detail", uuid)


@require_POST
@requires(Right.RUN_SALONS)
def end(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """End a salon: those who came are followed up."""
    salon = _led(request, uuid)
    try:
        services.end(acting(request), salon)
    except ValidationError as refused:
        said_no(request, refused)
    else:
        messages.success(request, _("Ended; keepers call those who came."))
    return redirect("salons:detail", uuid)


@require_GET
@requires(Right.RUN_SALONS)
def person(request: ActingRequest, number: int) -> HttpResponse:
    """The personal link of one of the invited, to show or to send on."""
    rows = Invitation.objects.select_related("salon", "party", "lead", "brought_by__party")
    found = rows.filter(pk=number).first()
    if found is None or not request.reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    link = _absolute(request, "salons:guest", guests.personal_token(found))
    told = {
        "invitation": found, "salon": found.salon, "link": link, "code": qr_svg(link),
        "name": pictures.name_of(found, hidden=request.reach.hides_names),
    }  # fmt: skip
    return render(request, "salons/person.html", told)


@require_GET
@requires(Right.RUN_SALONS)
def poster(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The poster with the code of the open sign-up, on one A4 page."""
    salon = selectors.salon_or_404(request.reach, uuid)
    if not salon.is_open or salon.state != Stage.PLANNED:
        raise Http404
    link = _absolute(request, "salons:open", guests.open_token(salon))
    audit.record(by=request.user, verb="salons.poster", on=salon)
    told = {"salon": salon, "code": qr_svg(link), "line": pictures.lines([salon], request.today)[0]}
    name = f"{salon.title} {salon.day.isoformat()}"
    return pdf_response("salons/poster.html", told, name, mark="")


@require_GET
@requires(Right.RUN_SALONS)
def sheet(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The list at the door on paper, for when there is neither network nor phone."""
    salon = selectors.salon_or_404(request.reach, uuid)
    rows = pictures.rows(request.reach, salon)
    audit.exported(
        by=request.user, what="salons.sheet", rows=len(rows), columns=["code", "name", "state"],
        filters={"salon": str(salon.uuid)}, customers=[row.party.pk for row in rows if row.party],
    )  # fmt: skip
    told = {"salon": salon, "rows": rows}
    return pdf_response(
        "salons/sheet.html",
        told,
        salon.title,
        mark=mark_of(request.user.name, request.user.staff_no, request.now),
    )


def _led(request: ActingRequest, uuid: UUID) -> Salon:
    salon = selectors.salon_or_404(request.reach, uuid)
    if not selectors.may_lead(request.reach, salon):
        raise Http404
    return salon


def _form(request: ActingRequest, salon: Salon | None = None) -> SalonForm:
    reach = request.reach
    offered = [
        (str(one.uuid), one.name) for one in campaigns.campaigns(reach).filter(launched_on__isnull=False)[:50]
    ]
    return SalonForm(
        request.POST or None, units=selectors.units_for(reach), policy=salon_policy(request.today),
        campaigns=offered, communities=communities_for(reach),
        initial=initial_of(salon) if salon else {"community": request.GET.get("community", "")},
    )  # fmt: skip


def _invite_form(request: ActingRequest, salon: Salon) -> InviteForm:
    reach = request.reach
    tiers = [(one.rank, one.label) for one in tier_names(request.today).choices() if one.scheme == PERSON]
    return InviteForm(
        request.POST or None, segments=choosing.segments(reach), tiers=tiers,
        has_book=reach.sight is Sight.BOOK, of_campaign=salon.campaign is not None,
        of_community=salon.community_id is not None,
    )  # fmt: skip


def _absolute(request: ActingRequest, name: str, token: str) -> str:
    return request.build_absolute_uri(reverse(name, args=[token]))


def _said(done: services.Invited) -> str:
    parts = [_("%(n)s invited.") % {"n": done.new}]
    if done.already:
        parts.append(_("%(n)s were already.") % {"n": done.already})
    if done.refused:
        parts.append(_("%(n)s have not agreed to this way or refused it.") % {"n": done.refused})
    if done.unkept:
        parts.append(_("%(n)s have no keeper who could call.") % {"n": done.unkept})
    return " ".join(parts)
