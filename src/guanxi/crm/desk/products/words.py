"""Terms of a product in words: term, rate, amount, window, whom it suits, what a version changed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family, Product
from guanxi.crm.catalog.rules import Change, Fit
from guanxi.insight.policies.suitability import (
    FREE,
    LICENCES,
    LICENCES_EN,
    UNGRADED,
    SuitabilityPolicy,
)
from guanxi.web import formats

STATE_WORDS = {
    "on_sale": (gettext_lazy("On sale"), "green"),
    "coming": (gettext_lazy("Coming"), "blue"),
    "ended": (gettext_lazy("Off sale"), "grey"),
}
FIELDS = {
    "name": gettext_lazy("Product name"),
    "family": gettext_lazy("Product family"),
    "risk_grade": gettext_lazy("Our risk grade"),
    "issuer_risk_grade": gettext_lazy("Issuer's risk grade"),
    "sold_from": gettext_lazy("Sold from"),
    "sold_to": gettext_lazy("Sold until"),
    "issuer": gettext_lazy("Issuer"),
    "currency": gettext_lazy("Currency"),
    "min_fen": gettext_lazy("Least amount"),
    "term_days": gettext_lazy("Term"),
    "rate": gettext_lazy("Rate a year"),
    "rate_to": gettext_lazy("Rate a year, up to"),
    "note": gettext_lazy("Further terms"),
}
BENCHMARKED = {Family.WEALTH, Family.STRUCTURED, Family.FUND, Family.TRUST, Family.BOND, Family.INSURANCE}
_RATE_DIGITS = 2


def rate_label(family: str) -> str:
    """What a rate of this family is called: what a wealth product aims at is no interest."""
    return _("Performance benchmark") if family in BENCHMARKED else _("Rate a year")


def rate_words(product: Product) -> str | None:
    """1.25 %, or 2.35 % – 2.75 %; None when the bank delivers none."""
    ends = [
        formats.percent(rate, _RATE_DIGITS) for rate in (product.rate, product.rate_to) if rate is not None
    ]
    return " – ".join(dict.fromkeys(ends)) or None


def term_words(days: int | None) -> str | None:
    """A term as a banker says it: whole years and months where the days are such, else days."""
    if days is None:
        return None
    months = round(days * 12 / 365.25)
    if days < 28 or abs(days - months * 365.25 / 12) > 1 or days % 30 == 0:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": formats.count(days)}
    if months % 12:
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    return ngettext("%(n)s year", "%(n)s years", months // 12) % {"n": months // 12}


def least_words(product: Product) -> str | None:
    """The least amount with its currency where that is not the yuan."""
    if product.min_fen is None:
        return None
    amount = formats.money_words(product.min_fen, get_language() or "zh")
    return (
        amount
        if product.currency in (None, "CNY")
        else f"{product.currency} {formats.money(product.min_fen)}"
    )


def window_words(product: Product) -> str:
    """From when to when it is sold, an open end said so, with the days that are left near the end."""
    begins, ends = product.sold_from, product.sold_to
    if ends is None:
        return (
            _("since %(day)s, without an end") % {"day": formats.day(begins)}
            if begins
            else _("without an end")
        )
    return (
        f"{formats.day(begins)} – {formats.day(ends)}"
        if begins
        else _("until %(day)s") % {"day": formats.day(ends)}
    )


def days_left(product: Product, day: date) -> str | None:
    """How long it is still sold, or until it is; None when no end is near."""
    if product.sold_from is not None and product.sold_from > day:
        return _("begins in %(days)s days") % {"days": (product.sold_from - day).days}
    if product.sold_to is None or product.sold_to < day:
        return None
    left = (product.sold_to - day).days
    return _("last day of sale is today") if left == 0 else _("%(days)s days of sale left") % {"days": left}


def suits_words(product: Product, fit: Fit, policy: SuitabilityPolicy) -> list[str]:
    """Whom the product may be offered to, in sentences; the verdicts come from the one rule of suitability."""
    if fit.grade == FREE:
        return [_("This family needs no risk grade: it may be offered to every customer.")]
    if fit.grade == UNGRADED:
        return [_("The product has no risk grade yet: it may be offered to nobody.")]
    told = [_grade_sentence(product, fit)]
    if fit.suits:
        told.append(_("Customers of %(grades)s, with a questionnaire that has not expired on the day of the offer.")
                    % {"grades": "、".join(fit.suits)})  # fmt: skip
    else:
        told.append(_("No customer grade fits; only professional investors may buy it."))
    if fit.professional != "unsuitable":
        told.append(_("Professional investors may be offered it."))
    told.append(_("Nobody below %(age)s years.") % {"age": policy.adult_age})
    if fit.confirms:
        told.append(_("From %(age)s years on only with special confirmation by a second person.")
                    % {"age": policy.senior_age})  # fmt: skip
    licence = policy.licences.get(product.family)
    if licence:
        told.append(_("Who offers it needs: %(licence)s.") % {"licence": _licence(licence)})
    return told


def _grade_sentence(product: Product, fit: Fit) -> str:
    ours, theirs = product.risk_grade, product.issuer_risk_grade
    if ours and theirs and ours != theirs:
        return _("We say %(ours)s, the issuer %(theirs)s: the higher counts, %(grade)s.") % {
            "ours": ours, "theirs": theirs, "grade": fit.grade,
        }  # fmt: skip
    return _("Risk grade %(grade)s.") % {"grade": fit.grade}


def _licence(kind: str) -> str:
    names = LICENCES if formats.is_chinese(get_language() or "zh") else LICENCES_EN
    return names.get(kind, kind)


def change_words(change: Change, family: str) -> tuple[str, str, str]:
    """A change of terms: which, as the family calls it, from, to."""
    label = str(FIELDS.get(change.field, change.field))
    if family in BENCHMARKED and change.field in {"rate", "rate_to"}:
        label = rate_label(family) if change.field == "rate" else _("Performance benchmark, up to")
    return label, _value(change.field, change.before), _value(change.field, change.after)


def _value(name: str, value: str | None) -> str:
    if value is None:
        return _("none")
    written: Mapping[str, Any] = {
        "rate": lambda: formats.percent(Decimal(value), _RATE_DIGITS),
        "rate_to": lambda: formats.percent(Decimal(value), _RATE_DIGITS),
        "min_fen": lambda: formats.money_words(int(value), get_language() or "zh"),
        "term_days": lambda: term_words(int(value)),
        "sold_from": lambda: formats.day(date.fromisoformat(value)),
        "sold_to": lambda: formats.day(date.fromisoformat(value)),
        "family": lambda: str(Family(value).label),
    }
    return str(written[name]()) if name in written else value
