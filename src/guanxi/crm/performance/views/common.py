"""What the pages of this room have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpResponse
from django.shortcuts import render

from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.performance.policy import PolicyMissing
from guanxi.web.htmx import is_htmx

P = ParamSpec("P")
View = Callable[Concatenate[ActingRequest, P], HttpResponse]


def says_what_is_unset(view: View[P]) -> View[P]:
    """A bank that has not set the policies this room reads gets a page that says which, and no figures."""

    @wraps(view)
    def around(request: ActingRequest, *told: P.args, **more: P.kwargs) -> HttpResponse:
        try:
            return view(request, *told, **more)
        except PolicyMissing as missing:
            page = "_unset" if is_htmx(request) else "unset"
            return render(request, f"performance/{page}.html", {"kind": missing.kind})

    return cast("View[P]", around)
