"""A product of the bank's list; no customer's, so the same for everybody."""

from datetime import date
from typing import Any

from guanxi.crm.catalog.models import Product, ProductVersion
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff


def things_of(_party: Party, _keeper: Staff) -> dict[str, Any]:
    """`product_code`: a wealth product on sale, with the first version of its terms."""
    told = {"name": "稳享180天", "family": "wealth", "risk_grade": "R2", "sold_from": date(2026, 1, 5)}
    product, made = Product.objects.get_or_create(product_code="W180", defaults=told)
    if made:
        ProductVersion.objects.create(
            product=product, known_on=date(2026, 1, 5), terms={"name": product.name}
        )
    return {"product_code": product.product_code}
