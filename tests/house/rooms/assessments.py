"""An impact assessment that waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

from guanxi.crm import testing
from guanxi.crm.assessments.models import Assessment
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:  # noqa: ARG001  # it names no customer
    """`assessment`."""
    made, _new = Assessment.objects.get_or_create(
        title="短信营销",
        defaults={
            "activities": ["campaign.sms"], "data": ["outreach"], "purpose": "为何", "impact": "影响",
            "measures": "措施",
            "risk": "low", "content_hash": "0" * 64, "written_by": keeper, "written_at": NOON,
            "kept_until": testing.TODAY + timedelta(days=1),
        },
    )  # fmt: skip
    return {"assessment": made.uuid}
