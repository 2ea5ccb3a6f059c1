"""The worklist's objects for the tests of routes: a task about the customer, the keeper's own."""

from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.testing import TODAY
from guanxi.crm.worklist.models import Task


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """A task by hand of the customer's keeper; with the policy that weighs it."""
    testing.make_policies("worklist", "interaction")
    with testing.everything():
        task, _ = Task.objects.get_or_create(
            party=party, origin="manual", subject="house", state="open",
            defaults={
                "unit_id": party.unit_id, "keeper_id": party.keeper_id, "assignee": keeper, "due_on": TODAY,
                "opened_on": TODAY, "reason": {"code": "manual", "text": "回电"},
            },
        )  # fmt: skip
    return {"task": task.pk}
