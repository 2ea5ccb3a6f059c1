"""What the nights before saw of the product list: rates that came down, a grade raised by its issuer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from guanxi.crm.catalog.models import ProductVersion

DATABASE = "pipeline"
FIRST_SEEN, CUT, CUT_AGAIN = (
    410,
    262,
    96,
)  # days before today: the list's first night, then two rounds of lower rates
# What rates stood higher by, before the first round and before the second.
_STEPS = {"time": ("0.0020", "0.0010"), "cd": ("0.0025", "0.0015"), "wealth": ("0.0045", "0.0020")}


def tell(*, today: date) -> int:
    """Versions before those of the first published night; a product that has older ones was told before."""
    versions = ProductVersion.objects.using(DATABASE).select_related("product")
    if versions.filter(known_on__lt=today - timedelta(days=CUT_AGAIN - 1)).exists():
        return 0
    made = [earlier for version in versions for earlier in _earlier(version, today)]
    told = {version.product_id for version in made}
    versions.filter(product__in=told).delete()  # tonight's terms are those of the last change: seen that day
    ProductVersion.objects.using(DATABASE).bulk_create(made)
    return len(made)


def _earlier(version: ProductVersion, today: date) -> Iterator[ProductVersion]:
    family, code = version.product.family, version.product.product_code
    if (
        family in _STEPS
        and version.product.sold_from
        and (today - version.product.sold_from).days > FIRST_SEEN
    ):
        more, less = map(Decimal, _STEPS[family])
        yield _version(version, today, FIRST_SEEN, _raised(version.terms, more))
        yield _version(version, today, CUT, _raised(version.terms, less))
        yield _version(version, today, CUT_AGAIN, version.terms)
    elif code == "FD-MIX":
        yield _version(version, today, FIRST_SEEN, {**version.terms, "issuer_risk_grade": "R3"})
        yield _version(version, today, CUT_AGAIN, version.terms)


def _version(version: ProductVersion, today: date, days: int, terms: dict[str, str]) -> ProductVersion:
    return ProductVersion(product=version.product, known_on=today - timedelta(days=days), terms=terms)


def _raised(terms: dict[str, str], by: Decimal) -> dict[str, str]:
    """The same terms with both ends of the rate so much higher."""
    names = [name for name in ("rate", "rate_to") if name in terms]
    return terms | {name: str(Decimal(terms[name]) + by) for name in names}
