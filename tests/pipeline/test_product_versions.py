"""Versions of products (产品版本): a night that sees other terms writes one, and no other night does."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connections, transaction

from guanxi.crm.catalog.models import Product, ProductVersion
from guanxi.crm.catalog.rules import Change, history
from guanxi.pipeline.publish.products import VERSION_STATEMENTS

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
FIRST = date(2026, 10, 30)


def night(days: int) -> None:
    """What the publication of that night says, in its order."""
    with connections["pipeline"].cursor() as cursor:
        for statement in VERSION_STATEMENTS:
            cursor.execute(statement, {"day": FIRST + timedelta(days)})


def test_a_second_night_with_another_rate_writes_the_next_version_and_a_quiet_one_none() -> None:
    with transaction.atomic("pipeline"):
        mine = Product.objects.using("pipeline")
        product = mine.create(product_code="H1", name="整存整取", family="deposit", rate=Decimal("0.0155"))
        mine.create(product_code="H2", name="不变", family="deposit", rate=Decimal("0.01"))
        versions = ProductVersion.objects.using("pipeline").filter(product=product)
        night(0)
        night(1)  # nothing changed
        assert [version.known_on for version in versions.all()] == [FIRST]
        mine.filter(pk=product.pk).update(rate=Decimal("0.0145"))
        night(2)
        mine.filter(pk=product.pk).update(rate=Decimal("0.0140"))
        night(2)  # the same night again corrects its own version
        night(3)
        assert [(step.known_on, step.changes) for step in history(list(versions.all()))] == [
            (FIRST + timedelta(2), (Change("rate", "0.01550000", "0.01400000"),)),
            (FIRST, ()),
        ]
        mine.filter(pk=product.pk).update(rate=Decimal("0.0155"))
        night(4)  # back to what it was: a version of its own
        assert [version.terms["rate"] for version in versions.all()] == [
            "0.01550000",
            "0.01400000",
            "0.01550000",
        ]
        assert ProductVersion.objects.using("pipeline").filter(product__product_code="H2").count() == 1
        transaction.set_rollback(True, "pipeline")
