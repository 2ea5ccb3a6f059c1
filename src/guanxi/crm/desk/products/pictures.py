"""What the product pages are told: lines, tabs, chips, terms, grades, versions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Product
from guanxi.crm.catalog.rules import Fit, Step, sale_state
from guanxi.crm.catalog.selectors import Asked, Held
from guanxi.crm.desk.products import words
from guanxi.crm.desk.products.forms import STATES, ProductFilter
from guanxi.insight.policies.suitability import PRODUCT_GRADES, SuitabilityPolicy
from guanxi.web import formats
from guanxi.web.lists import address
from guanxi.web.sent import whole

GRADE_KINDS = dict(zip(PRODUCT_GRADES, ("green", "green", "blue", "amber", "red"), strict=True))


@dataclass(frozen=True)
class Line:
    """A product of the list in words; None is what the bank does not deliver."""

    product: Product
    family: str
    grade: str | None
    grade_kind: str
    term: str | None
    rate: str | None
    least: str | None
    window: str
    state: tuple[str, str]
    held: Held | None


def line(product: Product, held: Held | None, day: date) -> Line:
    """One product as the list shows it."""
    grade = max((each for each in (product.risk_grade, product.issuer_risk_grade) if each), default=None)
    return Line(
        product, str(product.get_family_display()), grade, GRADE_KINDS.get(grade or "", "grey"),
        words.term_words(product.term_days), words.rate_words(product), words.least_words(product),
        words.window_words(product), state(sale_state(product.offer, day)), held,
    )  # fmt: skip


def state(code: str) -> tuple[str, str]:
    """A state of sale in words, with its colour."""
    said, kind = words.STATE_WORDS[code]
    return str(said), kind


def tabs(query: QueryDict, asked: Asked, counts: Mapping[str, int]) -> list[tuple[str, str, bool, int]]:
    """The states of sale as tabs, each with how many pass the other filters."""
    current = asked.state or "every"
    return [
        (
            str(label),
            address(query, without=("page",), state=code),
            code == current,
            counts["" if code == "every" else code],
        )
        for code, label in STATES
    ]


def chips(form: ProductFilter, query: QueryDict) -> list[tuple[str, str]]:
    """Each filter that is set, with the address without it."""
    made = []
    for name, value in form.cleaned_data.items():
        if not value:
            continue
        choices = dict(getattr(form.fields[name], "choices", ()))
        said = "、".join(
            str(choices.get(each, each)) for each in ([value] if isinstance(value, str) else value)
        )
        label = _("%(what)s: %(value)s") % {"what": form.fields[name].label, "value": said}
        made.append((label, address(query, without=("page",), **{name: None})))
    return made


def page_in(query: Mapping[str, str], total: int, size: int) -> int:
    """The page the address asks for, from 0, kept within the list."""
    return min(whole(query.get("page", "")) or 0, max(0, (total - 1) // size))


def pages(query: QueryDict, page: int, total: int, size: int) -> tuple[str | None, str | None]:
    """The addresses of the page before and after; a product list has some thousand rows at most, so by number."""
    before = address(query, page=str(page - 1)) if page else None
    return before, address(query, page=str(page + 1)) if (page + 1) * size < total else None


def terms(product: Product, day: date) -> list[tuple[str, str | None]]:
    """The terms as pairs; those the bank does not deliver are left out, for most families lack some."""
    told = [
        (_("Code"), product.product_code),
        (_("Product family"), str(product.get_family_display())),
        (_("Issuer"), product.issuer or None),
        (_("Currency"), product.currency),
        (_("Term"), words.term_words(product.term_days)),
        (words.rate_label(product.family), words.rate_words(product)),
        (_("Least amount"), words.least_words(product)),
        (_("Days of sale"), words.window_words(product)),
        (_("Validity"), words.days_left(product, day)),
        (_("Further terms"), product.note or None),
    ]
    return [pair for pair in told if pair[1] is not None]


def suits(product: Product, fit: Fit | None, policy: SuitabilityPolicy | None, sold: str) -> list[str]:
    """Whom it suits, in sentences; first that it may not be offered today, when it is not on sale."""
    if fit is None or policy is None:
        return [_("The bank has no policy of suitability in force.")]
    told = words.suits_words(product, fit, policy)
    closed = {
        "coming": _("Not on sale yet: it may not be offered before the first day of sale."),
        "ended": _("No longer on sale: it may not be offered."),
    }
    return [closed[sold], *told] if sold in closed else told


def grades(fit: Fit | None) -> list[tuple[str, str, str]]:
    """C1 to C5, each with the verdict for an adult in a word and its colour; nothing where no grade is needed."""
    if fit is None or fit.grade not in PRODUCT_GRADES:
        return []
    said = {
        "suitable": (_("suits"), "green"),
        "confirm": (_("confirm"), "amber"),
        "unsuitable": (_("does not"), "grey"),
    }
    return [(grade, *said[answer]) for grade, answer in fit.adult.items()]


def steps(found: Iterable[Step], family: str) -> list[dict[str, Any]]:
    """The versions, each with its changes in words."""
    return [
        {
            "day": formats.day(step.known_on),
            "first": step.is_first,
            "changes": [words.change_words(change, family) for change in step.changes],
        }
        for step in found
    ]
