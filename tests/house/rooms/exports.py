"""A file that a manager asked for."""

from datetime import UTC, datetime
from typing import Any

from guanxi.crm.customers.models import Party
from guanxi.crm.exports.models import ExportRequest
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`export`: of the customer's outlet, within reach of who sees it."""
    made, _new = ExportRequest.objects.get_or_create(
        asked_by=keeper,
        defaults={
            "what": "customers", "address": "/customers/export?", "purpose": "service", "rows": 10, "reason": "测试",
            "unit": party.unit, "asked_at": NOON, "content_hash": "0" * 64,
        },
    )  # fmt: skip
    return {"export": made.uuid}
