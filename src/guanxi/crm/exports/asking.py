"""From a refused file to a request: what the server counted travels in the form, signed, and comes back unchanged."""

from dataclasses import asdict
from typing import Any

from django.core import signing
from django.http import HttpRequest

from guanxi.crm.exports.services import Asked

SALT = "guanxi.crm.exports"
SECONDS = 3600 * 4  # a page left open longer is asked anew
APPROVAL = "approval"  # the name in an address under which an approval is brought along


def address_of(request: HttpRequest) -> str:
    """Path and query of the file that is asked for, without the approval brought along."""
    query = request.GET.copy()
    query.pop(APPROVAL, None)
    return f"{request.path}?{query.urlencode()}"


def sealed(asked: Asked, staff: int) -> str:
    """What is asked, for this person's form."""
    return signing.dumps(asdict(asked) | {"staff": staff}, salt=SALT)


def opened(text: str, staff: int) -> Asked | None:
    """What was sealed for this person; None for anything else, or when it is too old."""
    try:
        told: dict[str, Any] = signing.loads(text, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return Asked(**told) if told.pop("staff") == staff else None
