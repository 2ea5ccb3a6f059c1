"""What measures, lists and flags are called on the screen."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy

from guanxi.crm.performance.models import Measure
from guanxi.crm.performance.rules import Count
from guanxi.web import formats

RESULTS: Mapping[str, Promise] = {
    "deposits_fen": gettext_lazy("Deposits"),
    "aum_fen": gettext_lazy("AUM"),
    "loans_fen": gettext_lazy("Loans"),
    "customers": gettext_lazy("Customers"),
}
LISTS: Mapping[str, tuple[Promise, Promise]] = {
    "warnings": (
        gettext_lazy("Warnings nobody touched"),
        gettext_lazy("On the list for days, and nobody has contacted the customer since."),
    ),
    "promises": (
        gettext_lazy("Broken promises"),
        gettext_lazy("Past their day and the grace, and not kept since."),
    ),
    "uncovered": (
        gettext_lazy("Customers not contacted in time"),
        gettext_lazy("Their tier asks for a contact within some days, and none that counts was made."),
    ),
    "pool": (
        gettext_lazy("Waiting to be assigned"),
        gettext_lazy("In a managed tier, and nobody keeps them."),
    ),
    "tasks": (
        gettext_lazy("Tasks due and not done"),
        gettext_lazy("Due today or before, the oldest first."),
    ),
}
BALANCE: Mapping[str, tuple[Promise, str]] = {
    "over": (gettext_lazy("too many"), "red"),
    "under": (gettext_lazy("room left"), "amber"),
    "even": (gettext_lazy("in balance"), "green"),
}
FLAGS: Mapping[str, tuple[Promise, Promise]] = {
    "bare": (
        gettext_lazy("no evidence"),
        gettext_lazy("A visit without a note or an appraisal: it counts for nothing."),
    ),
    "at_once": (
        gettext_lazy("two visits at once"),
        gettext_lazy("Another visit of the same person lies only minutes away."),
    ),
    "burst": (
        gettext_lazy("written down at once"),
        gettext_lazy("Many contacts were written down within minutes."),
    ),
}
HELP: Mapping[Measure, Promise] = {
    Measure.DONE: gettext_lazy("What was due is not done"),
    Measure.COVERAGE: gettext_lazy("Customers are not contacted in time"),
    Measure.BROKEN: gettext_lazy("Promises are broken"),
    Measure.UNTOUCHED: gettext_lazy("Warnings are not followed up"),
    Measure.CONVERSION: gettext_lazy("Fewer intents become deals than elsewhere"),
}


def of(count: Count) -> str:
    """3 / 12: hits of cases."""
    return f"{formats.count(count.hits)} / {formats.count(count.cases)}"


def said(measure: str, count: Count) -> str:
    """A measure of one person in words and figures."""
    if measure == Measure.RESULT:
        return formats.money_short(count.hits, language())
    if measure in {Measure.BROKEN, Measure.UNTOUCHED, Measure.CONTACTS}:
        return of(count)
    share = "—" if count.share is None else formats.percent(count.share)
    return f"{share} ({of(count)})"


def language() -> str:
    """The reader's language."""
    return get_language() or "zh-hans"


def joined(parts: Iterable[str]) -> str:
    """Several words one after another."""
    return ("、" if formats.is_chinese(language()) else ", ").join(parts)
