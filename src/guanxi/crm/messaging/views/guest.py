"""Doors for customers, on the phone, without signing in: the preference page and the one-click way out of e-mails.

A link that is forged, another's or over gets the same short page; who knocks too often waits a minute.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import context
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.messaging import preferences, words
from guanxi.crm.messaging.models import SaidBy
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.messaging.preferences import Wishes
from guanxi.crm.organisation.access import open_door
from guanxi.crm.organisation.knocks import may_knock
from guanxi.crm.organisation.middleware import DatedRequest
from guanxi.crm.organisation.models import Unit
from guanxi.insight.contact.fields import TOPICS

View = Callable[..., HttpResponse]
WITHOUT_RULES = 10
"""Knocks a minute while a bank has no contact rules."""


def _door(view: View) -> View:
    """An open door that counts who knocks; beyond the limit it says so and nothing else."""

    @wraps(view)
    def guarded(request: DatedRequest, token: str) -> HttpResponse:
        policy = contact_policy(request.today)
        limit = policy.link_calls if policy else WITHOUT_RULES
        if not may_knock("preferences", context.current().ip, limit=limit, now=request.now):
            answer = _closed(request, _("Too many openings at once. Try again in a minute."), status=429)
            answer["Retry-After"] = "60"
            return answer
        with preferences.behind(token, today=request.today) as party:
            if party is None or policy is None:
                return _closed(request, _("This link does not count, or its day has passed."))
            return view(request, token, party)

    return open_door(guarded)


@require_GET
@_door
def show(request: DatedRequest, token: str, party: Party) -> HttpResponse:
    """What the bank may send, by what, how often; and the way out of everything."""
    policy = contact_policy(request.today)
    assert policy is not None
    wishes = preferences.wishes_of(party, at=request.now, policy=policy)
    told: dict[str, Any] = {
        "token": token,
        "name": shown_name(party.name, hidden=True),
        "bank": _bank(),
        "wishes": wishes,
        "channels": [(str(one), one.label, one in wishes.channels) for one in preferences.OFFERED],
        "topics": [(code, words.topic(code), code in wishes.topics) for code in TOPICS],
        "often": [
            (str(most or ""), words.often(most), most == wishes.most_a_month)
            for most in preferences.MOST_CHOICES
        ],
        "silent": not wishes.channels,
    }
    return render(request, "messaging/preferences.html", told)


@require_POST
@_door
def save(request: DatedRequest, token: str, party: Party) -> HttpResponse:
    """Keep what was chosen; unknown values are left out."""
    most = request.POST.get("often", "")
    wished = Wishes(
        channels=frozenset(set(request.POST.getlist("channel")) & {str(one) for one in preferences.OFFERED}),
        topics=frozenset(set(request.POST.getlist("topic")) & set(TOPICS)),
        most_a_month=int(most) if most in {str(one) for one in preferences.MOST_CHOICES if one} else None,
        personal=request.POST.get("personal") == "1",
        language="en" if request.POST.get("language") == "en" else "zh",
    )
    changed = preferences.keep(party, wished, at=request.now)
    messages.success(
        request, _("Your choice is kept and counts at once.") if changed else _("Nothing was changed.")
    )
    return redirect("messaging:preferences", token)


@require_POST
@_door
def stop(request: DatedRequest, token: str, party: Party) -> HttpResponse:
    """One tap: no marketing at all any more."""
    preferences.stop_everything(party, at=request.now)
    messages.success(request, _("Done. We send you no more offers. Notices about your accounts go on."))
    return redirect("messaging:preferences", token)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@_door
def unsubscribe(request: DatedRequest, token: str, party: Party) -> HttpResponse:
    """RFC 8058: the mail program posts here and no more is asked. Opened by hand it shows the preference page."""
    if request.method == "GET":
        return redirect("messaging:preferences", token)
    preferences.stop_everything(party, at=request.now, source=SaidBy.UNSUBSCRIBE)
    return HttpResponse(_("Done."), content_type="text/plain; charset=utf-8")


def _bank() -> str:
    return Unit.objects.filter(parent=None).order_by("unit_no").values_list("name", flat=True).first() or ""


def _closed(request: DatedRequest, said: str, *, status: int = 404) -> HttpResponse:
    return render(request, "messaging/closed.html", {"said": said, "bank": _bank()}, status=status)
