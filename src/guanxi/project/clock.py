"""The only reader of the clock: the instant in UTC and the bank's own today."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from guanxi.crm.scores import selectors as scores


def now() -> datetime:
    """This instant, with its zone."""
    return timezone.now()


def today() -> date:
    """The bank's today: the day in GUANXI_TODAY, else in the demo the day after the data, else the zone's day."""
    if settings.GUANXI_TODAY:
        return date.fromisoformat(settings.GUANXI_TODAY)
    if settings.DEMO:
        business_date = scores.current_business_date()
        if business_date is not None:
            return business_date + timedelta(days=1)
    return timezone.localdate()


def address_of(request: HttpRequest) -> str | None:
    """The caller's address; behind the bank's proxy the last one that the proxy wrote."""
    if settings.GUANXI_BEHIND_PROXY:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
        if forwarded:
            return str(forwarded)
    return request.META.get("REMOTE_ADDR") or None
