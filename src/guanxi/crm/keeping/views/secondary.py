"""Secondary keepers (协办) of one customer: who helps, add one, end one."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.keeping import selectors
from guanxi.crm.keeping.services import secondary as services
from guanxi.crm.keeping.views.common import done, name_for
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import keepers_in


class SecondaryForm(forms.Form):
    """Who helps, and why."""

    staff = forms.ModelChoiceField(Staff.objects.none(), label=gettext_lazy("Secondary keeper"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)


@require_http_methods(["GET", "POST"])
@requires(Right.DECIDE_KEEPING)
def page(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Those who help now, and the form for another one."""
    party = party_or_404(request.reach, uuid)
    form = _form(request, party)
    if request.method == "POST" and form.is_valid():
        done(
            request,
            lambda: services.add(
                by=request.user, reach=request.reach, party=party, staff=form.cleaned_data["staff"],
                today=request.today, reason=form.cleaned_data["reason"],
            ),
            _("The secondary keeper is added."),
        )  # fmt: skip
        return redirect("keeping:secondary", party.uuid)
    terms = [
        term
        for term in selectors.keeper_history(request.reach, party)
        if not term.is_primary and not term.valid_to
    ]
    told = {"party": party, "name": name_for(request.reach)(party), "form": form, "terms": terms}
    return render(request, "keeping/secondary.html", told)


@require_POST
@requires(Right.DECIDE_KEEPING)
def end(request: ActingRequest, uuid: UUID, number: int) -> HttpResponse:
    """End one's help."""
    party = party_or_404(request.reach, uuid)
    done(
        request,
        lambda: services.end(
            by=request.user, reach=request.reach, party=party, term=number, today=request.today
        ),
        _("The secondary keeper no longer helps."),
    )
    return redirect("keeping:secondary", party.uuid)


def _form(request: ActingRequest, party: Party) -> SecondaryForm:
    form = SecondaryForm(request.POST or None)
    field = form.fields["staff"]
    assert isinstance(field, forms.ModelChoiceField)
    able = keepers_in([party.unit_id], request.today).order_by("name", "pk")
    field.queryset = able if party.keeper_id is None else able.exclude(pk=party.keeper_id)
    return form
