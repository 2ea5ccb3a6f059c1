"""A decided request about the customer, handed in by the keeper, and an incident that affected them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from guanxi.crm import testing
from guanxi.crm.compliance.models import AffectedCustomer, Incident, SubjectRequest
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`subject_request` about this customer, a copy granted in part; `incident`, which affected them."""
    testing.make_policies("compliance")
    with testing.everything():
        asked = SubjectRequest.objects.create(
            party=party, customer_no=party.customer_no, kind="copy", asker="customer", uuid=uuid4(),
            received_on=testing.TODAY, due_on=testing.TODAY, handed_in_by=keeper, handed_in_at=NOON, state="decided",
            identity="papers", identity_by=keeper, identity_at=NOON, verdict="partly", refusal="others", reason="…",
            decided_by=keeper, decided_at=NOON,
        )  # fmt: skip
        incident = Incident.objects.create(
            title="…", grade="grave", happened="…", source="staff", source_no=keeper.staff_no, found_at=NOON,
            report_due_at=NOON, recorded_by=keeper, recorded_at=NOON, counted_at=NOON, harm="…", affected=1,
        )  # fmt: skip
        AffectedCustomer.objects.create(
            incident=incident, party=party, classes=["identity"], looks=1, files=0
        )
    return {"subject_request": asked.pk, "incident": incident.pk}
