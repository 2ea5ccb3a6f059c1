"""从业资格 on the page of a person: recorded and ended by who changes people."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.crm.organisation import licences, people
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Licence, Staff
from guanxi.crm.organisation.people_forms import LicenceForm
from guanxi.crm.organisation.people_views import asked
from guanxi.crm.organisation.rules import Right


@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE)
def record(request: ActingRequest, number: int) -> HttpResponse:
    """A qualification or its renewal."""
    found = get_object_or_404(people.staff_shown(request.reach), pk=number)
    form = LicenceForm(request.POST or None)

    def write(told: dict[str, Any]) -> Staff:
        licences.record_licence(by=request.user, staff=found, today=request.today, **told)
        return found

    return asked(request, form, "organisation/_licence.html", {"staff": found}, write, _("Recorded."))


@require_POST
@requires(Right.CHANGE_PEOPLE)
def end(request: ActingRequest, number: int) -> HttpResponse:
    """It counts no longer."""
    rows = Licence.objects.filter(staff__in=people.staff_shown(request.reach))
    licence = get_object_or_404(rows, pk=number)
    try:
        licences.end_licence(by=request.user, licence=licence, today=request.today)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It counts no longer."))
    return redirect("organisation:staff", licence.staff_id)
