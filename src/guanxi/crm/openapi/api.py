"""The API put together: operations, errors in one form, and the views behind the door."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as Unfit

from guanxi.crm.openapi.door import behind, language_of
from guanxi.crm.openapi.problems import TITLES, Problem, problem
from guanxi.crm.openapi.routes import campaigns, customers, events, interactions, leads, segments

VERSION = "1.0.0"
ABOUT = (
    "The open API of Guanxi. A token acts as one person of the bank, within the scopes it was given: it sees what that "
    "person's pages show and nothing more, masked as there. Writes take an Idempotency-Key. Errors are "
    "application/problem+json, in Chinese or (Accept-Language: en) English."
)

api = NinjaAPI(
    title="Guanxi", version=VERSION, description=ABOUT, docs_url=None, openapi_url=None, urls_namespace="open"
)
for part in (customers, segments, leads, interactions, campaigns, events):
    api.add_router("", part.router)


NOT_KEYED = frozenset({"customers/find"})


def _handled(kind: type[Exception], answer: Callable[[Any], HttpResponse]) -> None:
    api.add_exception_handler(kind, lambda _request, error: answer(error))


def _unfit(error: Unfit) -> HttpResponse:
    """Where an entry stands and what kind of error it is; never the value sent."""
    errors = [
        {"where": [str(step) for step in one["loc"] if step != "told"], "what": one["type"]}
        for one in error.errors
    ]
    return problem(422, _("Some entries do not fit."), errors)


def _invalid(error: ValidationError) -> HttpResponse:
    return problem(422, " ".join(error.messages))


_handled(Unfit, _unfit)
_handled(ValidationError, _invalid)
_handled(Http404, lambda _error: problem(404))
_handled(PermissionDenied, lambda _error: problem(403))
_handled(Problem, lambda error: problem(error.status, error.detail, headers=error.headers))
_handled(HttpError, lambda error: problem(error.status_code if error.status_code in TITLES else 400))


def addresses() -> list[URLPattern]:
    """Each path of the API behind the door, named after itself; two operations of one path are one view."""
    found: dict[str, URLPattern] = {}
    known = _parameters()
    for pattern in api.urls[0]:
        route = str(pattern.pattern)
        if isinstance(pattern, URLPattern) and pattern.name != "api-root" and route not in found:
            # What is looked up by number is no write: its answer, a customer, is kept for nobody's key.
            view = behind(_plainly(pattern.callback, known[_as_told(route)]), keyed=route not in NOT_KEYED)
            found[route] = path(route, view, name=name_of(route))
    return list(found.values())


def name_of(route: str) -> str:
    """customers/<uuidstr:uuid>/scores → v1_customers_one_scores."""
    steps = ("one" if step.startswith("<") else step for step in route.split("/"))
    return "_".join(("v1", *steps))


def _parameters() -> dict[str, dict[str, frozenset[str]]]:
    """By path and method the parameters that may stand after the question mark."""
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return {
        path.lstrip("/"): {
            method.upper(): frozenset(
                one["name"] for one in operation.get("parameters", []) if one["in"] == "query"
            )
            for method, operation in operations.items()
        }
        for path, operations in paths.items()
    }


def _as_told(route: str) -> str:
    """A route as the document writes it: customers/<uuidstr:uuid> → customers/{uuid}."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def _plainly(
    view: Callable[..., HttpResponse], known: Mapping[str, frozenset[str]]
) -> Callable[..., HttpResponse]:
    """A wrong method is a problem too, and so is a parameter that nobody named: a filter misspelt filters nothing."""

    @wraps(view)
    def plain(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        unknown = sorted(set(request.GET) - known.get(str(request.method), frozenset(request.GET)))
        if unknown:
            errors = [{"where": ["query", name[:64]], "what": "extra_forbidden"} for name in unknown]
            return problem(422, _("Some entries do not fit."), errors)
        answer = view(request, *args, **more)
        if answer.status_code == 405 and answer["Content-Type"] != "application/problem+json":
            return problem(405, headers={"Allow": answer.get("Allow", "")})
        return answer

    return plain


def nothing(request: HttpRequest, **_more: Any) -> HttpResponse:
    """An address the API does not have."""
    with translation.override(language_of(request)):
        return problem(404)


def document(path_prefix: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix=path_prefix)
    for operations in schema["paths"].values():
        for operation in operations.values():
            scopes = operation.get("security", [])
            operation["security"] = [{"token": []} for _one in scopes[:1]]
            for answer in operation["responses"].items():
                _as_problem(*answer)
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return schema


def _as_problem(status: int | str, answer: dict[str, Any]) -> None:
    content = answer.get("content")
    if int(status) >= 400 and content and "application/json" in content:
        content["application/problem+json"] = content.pop("application/json")


def openapi_json(schema: dict[str, Any]) -> HttpResponse:
    """The document as an answer."""
    return JsonResponse(schema, json_dumps_params={"ensure_ascii": False})
