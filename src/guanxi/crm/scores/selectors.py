"""Reads of runs and published scores."""

from datetime import date

from guanxi.crm.scores.models import Run


def current_run() -> Run | None:
    """The run whose figures people see; None before the first."""
    return Run.objects.filter(is_current=True).first()


def current_business_date() -> date | None:
    """The day the figures are of (数据截至), the last one counted."""
    return Run.objects.filter(is_current=True).values_list("business_date", flat=True).first()
