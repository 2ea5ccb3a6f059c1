"""Who of the reader's own customers holds a product, and how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from guanxi.crm.catalog.selectors import Held, held_in_units
from guanxi.crm.customers.models import Holding, Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.organisation.rules import Reach

SOON_DAYS = 30
"""How far "matures soon" looks; the same in what the night counts (pipeline/publish/products.py)."""


def held(reach: Reach, codes: Iterable[str], day: date) -> Mapping[str, Held]:
    """By product code, what customers within reach hold; a product nobody holds is missing.

    Whoever sees units gets the night's sums, a book is added up now: some hundred customers. `day`: that of the
    figures, from which maturities count. A joint account counts by the customer's share.
    """
    if not reach.sees_customers:
        return {}
    if reach.whole_bank or reach.unit_ids:
        return held_in_units(reach, codes)
    return _in_books(reach, list(codes), day)


def _in_books(reach: Reach, codes: list[str], day: date) -> Mapping[str, Held]:
    kept = within(Party.objects.filter(merged_into=None), reach).order_by().values("pk")
    rows = Holding.objects.filter(party__in=kept, product_code__in=codes, role__in=("holder", "joint"))
    soon = Q(matures_on__range=(day, day + timedelta(days=SOON_DAYS)))
    owned = F("balance_base_fen") * F("share")
    sums = rows.exclude(state="closed").values("product_code").annotate(
        customers=Count("party", distinct=True),
        held=Sum(owned),
        maturing=Count("pk", filter=soon),
        soon=Sum(owned, filter=soon),
    )  # fmt: skip
    return {str(row["product_code"]): _held(row) for row in sums.order_by()}


def _held(row: Mapping[str, Any]) -> Held:
    return Held(row["customers"], _whole(row["held"]), row["maturing"], _whole(row["soon"]))


def _whole(fen: Decimal | None) -> int:
    return 0 if fen is None else int(fen.quantize(Decimal(1), ROUND_HALF_UP))
