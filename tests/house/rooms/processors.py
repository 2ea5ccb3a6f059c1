"""An entry of the register of processors that waits."""

from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.processors.models import Processor

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:  # noqa: ARG001  # it names no customer
    """`processor`."""
    testing.make_policies("protection")
    made, _new = Processor.objects.get_or_create(
        vendor="云信公司",
        defaults={
            "connectors": ["house"], "fields": ["mobile"], "country": "CN", "contract_from": testing.TODAY,
            "contract_until": testing.TODAY, "supervisor": keeper, "written_by": keeper, "written_at": NOON,
        },
    )  # fmt: skip
    return {"processor": made.uuid}
