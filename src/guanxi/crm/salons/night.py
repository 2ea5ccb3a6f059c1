"""The night of the salons: what nobody ended ends, so that those who came are called."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from guanxi.crm.salons.models import Salon
from guanxi.crm.salons.policy import salon_policy
from guanxi.crm.salons.rules import Stage
from guanxi.crm.salons.services import close


@transaction.atomic
def end_salons(*, today: date, now: datetime) -> int:
    """End every planned salon whose day lies before `today`; how many. The same night again changes nothing."""
    rows = Salon.objects.select_for_update(of=("self",)).select_related("unit", "owner")
    over = list(rows.filter(state=Stage.PLANNED, day__lt=today).order_by("pk"))
    try:
        salon_policy(today)
    except ValidationError:
        return 0
    for salon in over:
        close(salon, by=None, today=today, now=now)
    return len(over)
