"""Pages of this room: the door."""

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext_lazy as _
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.crm.organisation import services
from guanxi.crm.organisation import sign_in as door
from guanxi.crm.organisation.access import open_door
from guanxi.crm.organisation.forms import SignInForm
from guanxi.crm.organisation.middleware import DatedRequest
from guanxi.crm.organisation.models import Staff
from guanxi.web.sent import one_of_ours


@open_door
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: DatedRequest) -> HttpResponse:
    """The door: one sentence for every kind of failure, so that it tells nobody which staff numbers exist."""
    form = SignInForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    if request.method == "POST" and form.is_valid():
        staff = door.sign_in(
            request,
            username=form.cleaned_data["staff_no"],
            password=form.cleaned_data["password"],
            now=request.now,
        )
        if staff is not None:
            answer = redirect(
                one_of_ours(form.cleaned_data["next"], resolve_url(settings.LOGIN_REDIRECT_URL))
            )
            return _with_language(request, answer, staff)
        form.add_error(
            None, _("Staff number or password is wrong, or there were too many attempts. Try again later.")
        )
    status = 200 if not form.errors else 422
    return render(request, "organisation/login.html", {"form": form}, status=status)


@open_door
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and return to the door."""
    auth.logout(request)
    return redirect("organisation:sign_in")


@open_door
@require_POST
def set_language(request: DatedRequest) -> HttpResponse:
    """Switch the language, for this browser and for this person's next sign-in."""
    answer = i18n.set_language(request)
    wanted = request.POST.get(i18n.LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and wanted in dict(settings.LANGUAGES):
        services.set_language(staff=request.user, language=wanted)
    return answer


def _with_language(request: HttpRequest, answer: HttpResponse, staff: Staff) -> HttpResponse:
    """The person's own language, unless another was chosen at the door, which then becomes it."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        services.set_language(staff=staff, language=chosen)
    else:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, staff.language, httponly=True, samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )  # fmt: skip
    return answer
