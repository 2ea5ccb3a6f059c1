"""Tiers set by hand (人工调整): ask on a customer's page, answer as the second person, end."""

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.keeping import pictures, selectors
from guanxi.crm.keeping.models import TierOverride
from guanxi.crm.keeping.policy import keeping_policy
from guanxi.crm.keeping.services import overrides as services
from guanxi.crm.keeping.views.common import done, name_for, tabs
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.selectors import score_of
from guanxi.crm.scores.tiers import tier_names
from guanxi.web.forms import DayInput

PROTECT = ""


class AskForm(forms.Form):
    """Which tier, until when, why."""

    rank = forms.TypedChoiceField(label=gettext_lazy("Tier"), coerce=int, empty_value=None, required=False)
    valid_from = forms.DateField(label=gettext_lazy("From"), widget=DayInput)
    valid_to = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_GET
@requires(Right.LOG_CONTACTS)
def listed(request: ActingRequest) -> HttpResponse:
    """Tiers set by hand within reach: what waits for a second person, what counts, what was."""
    rows = list(selectors.overrides(request.reach)[: pictures.AT_ONCE])
    told = {
        "tabs": tabs(request, "overrides"),
        "lines": pictures.override_lines(rows, request.reach, tier_names(request.today), request.today),
    }
    return render(request, "keeping/overrides.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.KEEP_CASES)
def ask(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Ask that a customer be held in another tier, or only protected, for a time."""
    party = party_or_404(request.reach, uuid)
    score = score_of(request.reach, party)
    scheme, rank = (score.tier_scheme, score.tier_rank) if score else (None, None)
    form = _form(request, scheme) if scheme else None
    if (
        scheme
        and form
        and request.method == "POST"
        and form.is_valid()
        and _asked(request, party, scheme, form)
    ):
        return redirect("keeping:overrides")
    told = {
        "form": form, "party": party, "name": name_for(request.reach)(party),
        "policy": keeping_policy(request.today),
        "held": tier_names(request.today).label(scheme, rank), "rank": rank,
    }  # fmt: skip
    return render(request, "keeping/ask_override.html", told)


@require_POST
@requires(Right.DECIDE_KEEPING)
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """The second person's answer."""
    approve = request.POST.get("verdict") == "approve"
    done(
        request,
        lambda: services.decide(
            by=request.user, reach=request.reach, override=_found(request, number), approve=approve,
            note=request.POST.get("note", ""), today=request.today, now=request.now,
        ),
        _("Approved. It counts from the next night.") if approve else _("Turned down."),
    )  # fmt: skip
    return redirect("keeping:overrides")


@require_POST
@requires(Right.DECIDE_KEEPING)
def end(request: ActingRequest, number: int) -> HttpResponse:
    """End one early."""
    done(
        request,
        lambda: services.end(
            by=request.user, reach=request.reach, override=_found(request, number), note=request.POST.get("note", ""),
            today=request.today,
        ),
        _("Ended. The rule counts from the next night."),
    )  # fmt: skip
    return redirect("keeping:overrides")


@require_POST
@requires(Right.KEEP_CASES)
def withdraw(request: ActingRequest, number: int) -> HttpResponse:
    """Take one's own question back."""
    done(
        request,
        lambda: services.take_back(
            by=request.user, reach=request.reach, override=_found(request, number), today=request.today
        ),
        _("Taken back."),
    )
    return redirect("keeping:overrides")


def _form(request: ActingRequest, scheme: str) -> AskForm:
    names = tier_names(request.today)
    form = AskForm(request.POST or None, initial={"valid_from": request.today})
    field = form.fields["rank"]
    assert isinstance(field, forms.ChoiceField)
    known = [(choice.rank, choice.label) for choice in names.choices() if choice.scheme == scheme]
    field.choices = [(PROTECT, _("Protect the tier held")), *known]
    return form


def _asked(request: ActingRequest, party: Party, scheme: str, form: AskForm) -> bool:
    """Whether the question was kept; what was wrong stands in the form."""
    given = form.cleaned_data
    first: date = given["valid_from"]
    try:
        services.propose(
            by=request.user, reach=request.reach, party=party, rank=given["rank"], scheme=scheme,
            reason=given["reason"], valid_from=first, valid_to=given["valid_to"], today=request.today, now=request.now,
        )  # fmt: skip
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    messages.success(request, _("Asked. A second person decides."))
    return True


def _found(request: ActingRequest, number: int) -> TierOverride:
    row = selectors.overrides(request.reach).filter(pk=number).first()
    if row is None:
        raise Http404
    return row
