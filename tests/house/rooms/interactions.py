"""A contact with a customer and what was promised in it."""

import uuid
from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.organisation.models import Staff
from guanxi.crm.policies.models import PolicyVersion

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`promise`: one that is open, due tomorrow."""
    if not PolicyVersion.objects.filter(kind="interaction").exists():
        testing.make_policies("interaction")
    told = {"party": party, "unit_id": party.unit_id, "keeper_id": party.keeper_id, "staff": keeper}
    with testing.everything():
        contact = Contact.objects.create(
            **told, author_name=keeper.name, channel="call", at=NOON, day=testing.TODAY, outcome="reached_later",
            client_key=uuid.uuid4(), logged_at=NOON,
        )  # fmt: skip
        promise = Promise.objects.create(
            **told, contact=contact, step="call_again", text="再次联系", made_on=testing.TODAY,
            due_on=testing.TODAY.replace(day=2),
        )  # fmt: skip
    return {"promise": promise.pk}
