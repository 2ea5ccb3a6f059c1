"""How compliance sees one customer: its people have no reach, a request opens the store for the length of a deed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse

from guanxi.crm.organisation.access import DEMANDS
from guanxi.crm.organisation.acting import restricted_shown, settings_of_transaction
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right, Sight

P = ParamSpec("P")
View = Callable[Concatenate[ActingRequest, P], HttpResponse]
WHOLE = Sight.BANK.value


@contextmanager
def whole_store(by: Staff) -> Iterator[None]:
    """Within this block the database shows `by` every customer, restricted ones too; the caller has checked the right
    and writes the trail.

    The units are named one by one too: some tables are there for a unit's people and not for who sees all of them.
    """
    units = ",".join(str(key) for key in Unit.objects.order_by("pk").values_list("pk", flat=True))
    with (
        transaction.atomic(),
        settings_of_transaction((str(by.pk), WHOLE, units, ""), using="default"),
        restricted_shown(using="default"),
    ):
        yield


def whole_reach(by: Staff) -> Reach:
    """The reach that the pictures of other rooms ask for, of the whole bank and without a right to do anything."""
    return Reach(staff_id=by.pk, sight=Sight.BANK, masked=False, whole_bank=True)


def for_compliance(view: View[P]) -> View[P]:
    """The view is for compliance alone, and runs in `whole_store`: it reads what a request names, and no list."""

    @wraps(view)
    def guarded(request: ActingRequest, *told: P.args, **more: P.kwargs) -> HttpResponse:
        if not request.reach.may(Right.HANDLE_REQUESTS):
            raise PermissionDenied(f"needs {Right.HANDLE_REQUESTS}")
        with whole_store(request.user):
            return view(request, *told, **more)

    setattr(guarded, DEMANDS, (Right.HANDLE_REQUESTS,))
    return cast("View[P]", guarded)
