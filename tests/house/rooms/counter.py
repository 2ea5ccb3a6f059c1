"""A reception by the customer's keeper, whom the counter's pages show to nobody else."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from guanxi.crm import testing
from guanxi.crm.counter.models import Reception
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """The reception, without a prompt."""
    testing.make_policies("counter", "interaction")
    with testing.everything():
        made = Reception.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=keeper, at=NOON,
            day=testing.TODAY, key=uuid4(),
        )  # fmt: skip
    return {"reception": made.pk}
