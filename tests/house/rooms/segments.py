"""The demo bank's playbooks, and this customer on one of them."""

from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.segments.models import Enrolment


def things_of(party: Party, _keeper: Staff) -> dict[str, Any]:
    """`playbook`: a code of the policy, with the customer on it."""
    testing.make_policies("playbook")
    day = testing.TODAY
    with testing.everything():
        Enrolment.objects.get_or_create(
            playbook="mature", party=party, left_on=None,
            defaults={"unit_id": party.unit_id, "keeper_id": party.keeper_id, "entered_on": day, "found_on": day},
        )  # fmt: skip
    return {"playbook": "mature"}
