"""What every view of the room begins and may end with."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.utils import timezone

from guanxi.crm.leads.acting import Acting
from guanxi.crm.organisation.middleware import ActingRequest, DatedRequest


def moment_of(request: DatedRequest) -> datetime:
    """The instant by the bank's own calendar, which in a demonstration is not the clock's."""
    return request.now + timedelta(days=(request.today - timezone.localtime(request.now).date()).days)


def acting(request: ActingRequest) -> Acting:
    """Who acts in this request, on which day, at which moment of the bank's."""
    return Acting(request.user, request.reach, request.today, moment_of(request))


def said_no(request: DatedRequest, refused: ValidationError) -> None:
    """Say on the next page why a deed was refused."""
    for sentence in refused.messages:
        messages.error(request, sentence)
