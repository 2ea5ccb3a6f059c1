"""A decided request about the customer, handed in by the keeper."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from guanxi.crm import testing
from guanxi.crm.compliance.models import SubjectRequest
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`subject_request` about this customer, a copy that was granted in part."""
    testing.make_policies("compliance")
    with testing.everything():
        asked = SubjectRequest.objects.create(
            party=party, customer_no=party.customer_no, kind="copy", asker="customer", uuid=uuid4(),
            received_on=testing.TODAY, due_on=testing.TODAY, handed_in_by=keeper, handed_in_at=NOON, state="decided",
            identity="papers", identity_by=keeper, identity_at=NOON, verdict="partly", refusal="others", reason="…",
            decided_by=keeper, decided_at=NOON,
        )  # fmt: skip
    return {"subject_request": asked.pk}
