"""The pages of people: the tree, a unit, a person, and the deeds on posts, passwords and leave cover."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit.selectors import about_staff
from guanxi.crm.audit.words import deed_name
from guanxi.crm.organisation import licences, people, post_requests, selectors, services, words
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Cover, Post, PostRequest, Staff
from guanxi.crm.organisation.people_forms import (
    CloseForm,
    CoverForm,
    NewStaffForm,
    PasswordForm,
    PostForm,
    refused,
)
from guanxi.crm.organisation.rules import Right
from guanxi.web.htmx import go_to, is_htmx

LATEST_DEEDS = 20
ASKED = gettext_noop("Asked for: it counts once another person has granted it.")


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_PEOPLE)
def index(request: ActingRequest) -> HttpResponse:
    """The tree of units with how many people are where; a search by name or number (sent, never in the address)."""
    typed = request.POST.get("typed", "")
    may_change = request.reach.may(Right.CHANGE_PEOPLE)
    told = {
        "tree": people.tree_of(request.reach, request.today),
        "typed": typed,
        "found": people.find(request.reach, typed) if typed else None,
        "lost": people.without_post(request.reach, request.today) if may_change else [],
        "covers": selectors.covers_on(request.today).filter(absent__in=people.staff_shown(request.reach)),
        "may_change": may_change,
        "waiting": _waiting(request),
        "words": words,
    }
    return render(request, "organisation/people.html", told)


@require_GET
@requires(Right.SEE_PEOPLE)
def unit(request: ActingRequest, number: int) -> HttpResponse:
    """One unit: who holds which post there, who is away, and the units below it."""
    found = get_object_or_404(people.units_shown(request.reach), pk=number)
    posts = list(selectors.posts_on(request.today, units=[found.pk]))
    shown = people.units_shown(request.reach)
    told = {
        "unit": found,
        "trail": [one for one in selectors.path_to(found) if shown.filter(pk=one.pk).exists()],
        "posts": people.held(posts, request.today),
        "children": shown.filter(parent=found).order_by("unit_no"),
        "covers": people.covers_around({post.staff for post in posts}, request.today),
        "words": words,
        "today": request.today,
    }
    return render(request, "organisation/unit.html", told)


@require_GET
@requires(Right.SEE_PEOPLE)
def staff(request: ActingRequest, number: int) -> HttpResponse:
    """One person: posts with their days, what these let them see and do, leave cover, and what was done to them."""
    found = _staff(request, number)
    posts = people.held(selectors.posts_of(found), request.today)
    roles = list(dict.fromkeys(one.post.role for one in posts if one.state == "now"))
    waits = post_requests.waiting(people.units_shown(request.reach)).filter(staff=found)
    told = {
        "staff": found,
        "posts": posts,
        "waiting": [(one, post_requests.may_decide(request.reach, one)) for one in waits],
        "roles": roles,
        "conflict": words.conflicts_of(roles),
        "covers": people.covers_around([found], request.today),
        "may_change": request.reach.may(Right.CHANGE_PEOPLE),
        "may_cover": people.may_cover(request.reach, found, request.today),
        "own": found.pk == request.user.pk,
        "deeds": about_staff(found.staff_no)[:LATEST_DEEDS] if request.reach.may(Right.SEE_AUDIT) else [],
        "licences": licences.licences_of(found),
        "deed_name": deed_name,
        "words": words,
        "today": request.today,
    }
    return render(request, "organisation/staff.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE)
def new_staff(request: ActingRequest) -> HttpResponse:
    """A new person, without post and without password."""
    form = NewStaffForm(request.POST or None)

    def create(told: dict[str, Any]) -> Staff:
        return services.create_staff(by=request.user, today=request.today, **told)

    return asked(
        request, form, "organisation/_new_staff.html", {}, create, _("Added. Give a post and a password.")
    )


@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE)
def open_post(request: ActingRequest, number: int) -> HttpResponse:
    """Ask for a post for a person, from a day on."""
    found = _staff(request, number)
    form = PostForm(request.POST or None, units=people.units_shown(request.reach), today=request.today)

    def give(told: dict[str, Any]) -> Staff:
        post_requests.ask(by=request.user, today=request.today, now=request.now, staff=found, **told)
        return found

    return asked(request, form, "organisation/_open_post.html", {"staff": found}, give, _(ASKED))


@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE)
def move_post(request: ActingRequest, number: int) -> HttpResponse:
    """Ask to close a post and open another from the same day."""
    post = _post(request, number)
    units = people.units_shown(request.reach)
    form = PostForm(request.POST or None, units=units, today=request.today, initial={"role": post.role})

    def move(told: dict[str, Any]) -> Staff:
        post_requests.ask(
            by=request.user, today=request.today, now=request.now, staff=post.staff, replaces=post, **told
        )
        return post.staff

    return asked(
        request, form, "organisation/_move_post.html", {"post": post, "words": words}, move, _(ASKED)
    )


@require_POST
@requires(Right.APPROVE_POSTS)
def decide_post(request: ActingRequest, number: int) -> HttpResponse:
    """Grant a post that another asked for, or turn it down."""
    waits = get_object_or_404(post_requests.waiting(people.units_shown(request.reach)), pk=number)
    grants = request.POST.get("word") == "grant"
    deed: Callable[..., object] = post_requests.grant if grants else post_requests.turn_down
    try:
        deed(by=request.user, today=request.today, now=request.now, request=waits)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The post is given.") if grants else _("Turned down."))
    return redirect("organisation:staff", waits.staff_id)


@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE)
def close_post(request: ActingRequest, number: int) -> HttpResponse:
    """End a post."""
    post = _post(request, number)
    form = CloseForm(request.POST or None, today=request.today)

    def close(told: dict[str, Any]) -> Staff:
        return services.close_post(by=request.user, today=request.today, post=post, **told).staff

    told = {"post": post, "words": words}
    return asked(request, form, "organisation/_close_post.html", told, close, _("The post ends on that day."))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE)
def set_password(request: ActingRequest, number: int) -> HttpResponse:
    """A first or new password."""
    found = _staff(request, number)
    form = PasswordForm(request.POST or None)

    def change(told: dict[str, Any]) -> Staff:
        return services.set_password(by=request.user, today=request.today, staff=found, **told)

    said = _("The password is set; open sessions of this person have ended.")
    return asked(request, form, "organisation/_password.html", {"staff": found}, change, said)


@require_POST
@requires(Right.CHANGE_PEOPLE)
def set_active(request: ActingRequest, number: int) -> HttpResponse:
    """Let a person sign in, or not any more."""
    found = _staff(request, number)
    active = request.POST.get("active") == "yes"
    try:
        services.set_active(by=request.user, today=request.today, staff=found, active=active)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("May sign in again.") if active else _("May not sign in any more."))
    return redirect("organisation:staff", found.pk)


@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE, Right.ASSIGN_KEEPER)
def set_cover(request: ActingRequest, number: int) -> HttpResponse:
    """Leave cover: who stands in for this person, from when to when."""
    absent = _staff(request, number)
    colleagues = people.colleagues_of(absent, request.today)
    form = CoverForm(request.POST or None, colleagues=colleagues, today=request.today)

    def cover(told: dict[str, Any]) -> Staff:
        services.set_cover(by=request.user, today=request.today, absent=absent, **told)
        return absent

    return asked(
        request, form, "organisation/_cover.html", {"staff": absent}, cover, _("Leave cover is set.")
    )


@require_POST
@requires(Right.CHANGE_PEOPLE, Right.ASSIGN_KEEPER)
def end_cover(request: ActingRequest, number: int) -> HttpResponse:
    """End leave cover now."""
    cover = get_object_or_404(
        Cover.objects.select_related("absent"), pk=number, absent__in=people.staff_shown(request.reach)
    )
    services.end_cover(by=request.user, today=request.today, cover=cover)
    messages.success(request, _("Leave cover has ended."))
    return redirect("organisation:staff", cover.absent_id)


def _waiting(request: ActingRequest) -> list[PostRequest]:
    """Posts that wait for a second word, for who may ask or grant."""
    if not (request.reach.may(Right.APPROVE_POSTS) or request.reach.may(Right.CHANGE_PEOPLE)):
        return []
    return list(post_requests.waiting(people.units_shown(request.reach)))


def _staff(request: ActingRequest, number: int) -> Staff:
    return get_object_or_404(people.staff_shown(request.reach), pk=number)


def _post(request: ActingRequest, number: int) -> Post:
    units = people.units_shown(request.reach)
    return get_object_or_404(Post.objects.select_related("staff", "unit"), pk=number, unit__in=units)


def asked(
    request: ActingRequest,
    form: forms.Form,
    template: str,
    told: dict[str, Any],
    deed: Callable[[dict[str, Any]], Staff],
    said: str,
) -> HttpResponse:
    """A question in the dialog: asked, asked again with what is wrong, or done, and on to the person's page."""
    if request.method == "POST" and form.is_valid():
        try:
            found = deed(form.cleaned_data)
        except ValidationError as error:
            refused(form, error.messages)
        else:
            messages.success(request, said)
            page = reverse("organisation:staff", args=[found.pk])
            return go_to(page) if is_htmx(request) else redirect(page)
    status = 422 if form.errors else 200
    return render(request, template, {**told, "form": form}, status=status)
