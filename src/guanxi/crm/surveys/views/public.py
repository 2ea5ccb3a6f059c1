"""The questionnaire on the phone, without signing in: from a customer's link or a branch's code.

What is false, over, forged or used gets the same short page; each door may be knocked at only so often.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.crm.audit import context
from guanxi.crm.organisation.access import open_door
from guanxi.crm.organisation.knocks import may_knock
from guanxi.crm.organisation.middleware import DatedRequest
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.selectors import path_to
from guanxi.crm.surveys import guests, rules
from guanxi.crm.surveys.models import Answer
from guanxi.crm.surveys.policy import language, survey_policy

Finder = Callable[..., guests.Door | None]


def _page(finder: Finder) -> Callable[..., HttpResponse]:
    """A questionnaire behind an open door that counts who knocks."""

    @require_http_methods(["GET", "POST"])
    @wraps(finder)
    def view(request: DatedRequest, token: str) -> HttpResponse:
        limit = survey_policy(request.today).knocks_a_minute
        if not may_knock("surveys", context.current().ip, limit=limit, now=request.now):
            answer = _closed(request, _("Too many openings at once. Try again in a minute."), status=429)
            answer["Retry-After"] = "60"
            return answer
        door = finder(token, request.today)
        if door is None and (kept := guests.kept(token, request.POST.get("key", ""))) is not None:
            return _thanks(request, kept)  # the button was pressed twice
        if door is None:
            return _closed(request, _("This link does not count, has been used, or its day has passed."))
        return _answered(request, door) if request.method == "POST" else _asked(request, door)

    return open_door(view)


by_link = _page(guests.door_of_link)
by_place = _page(guests.door_of_place)


def _asked(request: DatedRequest, door: guests.Door, wrong: tuple[str, ...] | None = None) -> HttpResponse:
    told = {
        "survey": door.survey,
        "unit": door.unit,
        "questions": rules.read_questions(door.version.questions),
        "scales": {kind.value: list(scale) for kind, scale in rules.SCALES.items()},
        "given": dict(request.POST.lists()),
        "wrong": wrong,
        "key": request.POST.get("key") or str(uuid4()),
        "tongue": language(),
        "words": survey_policy(request.today).words(language()),
        "bank": path_to(door.unit)[0].name,
    }
    return render(request, "surveys/questions.html", told, status=200 if wrong is None else 422)


def _answered(request: DatedRequest, door: guests.Door) -> HttpResponse:
    told = dict(request.POST.lists())
    try:
        key = UUID(request.POST.get("key", ""))
        made = guests.answer(door, told, key=key, today=request.today, now=request.now)
    except rules.Wrong as wrong:
        return _asked(request, door, wrong.questions)
    except ValueError:
        return _asked(request, door, ())
    except ValidationError:
        return _closed(request, _("This link does not count, has been used, or its day has passed."))
    return _thanks(request, made)


def _thanks(request: DatedRequest, made: Answer) -> HttpResponse:
    told = {"bank": path_to(made.unit)[0].name, "low": made.is_low, "survey": made.survey}
    return render(request, "surveys/thanks.html", told)


def _closed(request: DatedRequest, words: str, *, status: int = 404) -> HttpResponse:
    bank = Unit.objects.filter(parent=None).order_by("unit_no").values_list("name", flat=True).first()
    return render(request, "surveys/closed.html", {"words": words, "bank": bank or ""}, status=status)
