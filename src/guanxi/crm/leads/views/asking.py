"""What every view of the room begins and may end with."""

from django.contrib import messages
from django.core.exceptions import ValidationError

from guanxi.crm.leads.acting import Acting
from guanxi.crm.organisation.middleware import ActingRequest


def acting(request: ActingRequest) -> Acting:
    """Who acts in this request, on which day, at which moment."""
    return Acting(request.user, request.reach, request.today, request.now)


def said_no(request: ActingRequest, refused: ValidationError) -> None:
    """Say on the next page why a deed was refused."""
    for sentence in refused.messages:
        messages.error(request, sentence)
