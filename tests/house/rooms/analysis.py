"""A question that the analyst asked, and a query kept; of the stranger's things they are his keeper's."""

from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.analysis.models import Asked, SavedQuery
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
TEXT = "SELECT COUNT(*) FROM core.party"


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`asked`, `saved_query`."""
    testing.make_policies("workbench", "benchmark")
    analyst = Staff.objects.filter(name="analyst").first()
    owner = keeper if party.name == "陌生人" or analyst is None else analyst
    with testing.everything():
        asked = Asked.objects.create(
            by=owner, text=TEXT, kind="groups", tables=["core.party"], run="r1", as_of=testing.BUSINESS_DATE, k=10,
            state="done", asked_at=NOON, until=NOON, seconds=0.1, rows=1,
        )  # fmt: skip
        saved = SavedQuery.objects.create(owner=owner, name=f"{party.pk}", text=TEXT, changed_at=NOON)
    return {"asked": asked.uuid, "saved_query": saved.uuid}
