"""What each page demands, written on the view itself: a view that says nothing is a failing test."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

P = ParamSpec("P")
View = Callable[Concatenate[ActingRequest, P], HttpResponse]
DEMANDS = "guanxi_demands"


def requires(*rights: Right) -> Callable[[View[P]], View[P]]:
    """The view is for people with any of these rights; others get 403. It has `request.reach`."""

    def around(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: ActingRequest, *told: P.args, **more: P.kwargs) -> HttpResponse:
            if not any(request.reach.may(right) for right in rights):
                raise PermissionDenied(f"needs one of {', '.join(rights)}")
            return view(request, *told, **more)

        setattr(guarded, DEMANDS, rights)
        return cast("View[P]", guarded)

    return around


def for_everyone(view: View[P]) -> View[P]:
    """The view is for everybody who is signed in, whatever the post."""
    setattr(view, DEMANDS, ())
    return view


def open_door(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view is for people not signed in too: the door itself and the two health answers."""
    setattr(view, DEMANDS, None)
    return login_not_required(view)


class SignedInOnly(LoginRequiredMiddleware):
    """Every page but those with an open door is for people signed in; a part of a page sends the whole page there."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseRedirect:
        """The way to the door, with the page asked for as `next`; a part of a page is no page to come back to."""
        answer = super().handle_no_permission(request, view_func)
        if request.headers.get("HX-Request") == "true":
            answer.status_code = 204
            del answer["Location"]
            answer["HX-Redirect"] = resolve_url(settings.LOGIN_URL)
        return answer
