"""The policies of this room in force on a day."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.benchmark import BenchmarkPolicy
from guanxi.insight.policies.workbench import WorkbenchPolicy


def workbench_policy(on: date) -> WorkbenchPolicy:
    """Limits of questions as they count on that day; ValidationError when the bank has set none."""
    try:
        return cast("WorkbenchPolicy", active(WorkbenchPolicy.kind, on))
    except KeyError as missing:
        raise ValidationError(
            _("The bank has no policy of the workbench yet; an administrator proposes one.")
        ) from missing


def benchmark_policy(on: date) -> BenchmarkPolicy:
    """Figures of others as they count on that day; none when the bank has entered none."""
    try:
        return cast("BenchmarkPolicy", active(BenchmarkPolicy.kind, on))
    except KeyError:
        return BenchmarkPolicy((), ())


def language() -> str:
    """The reader's language."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"
