"""A gift that waits for another person, a suggestion and a date, all by the customer's keeper."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from guanxi.crm import testing
from guanxi.crm.care.models import Gift, ImportantDate, Voice
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`gift`, `voice` and `important_date` about this customer."""
    testing.make_policies("care", "worklist")
    copies = {"party": party, "unit_id": party.unit_id, "keeper_id": party.keeper_id, "staff": keeper}
    with testing.everything():
        gift = Gift.objects.create(
            **copies, paid_by_id=party.unit_id, kind="flowers", what="鲜花", value_fen=30_000, occasion="birthday",
            budget="vip", day=testing.TODAY, state="waiting", asked_at=NOON, client_key=uuid4(),
        )  # fmt: skip
        voice = Voice.objects.create(
            **copies, topic="app", text="希望手机银行能看到存款到期日", told_on=testing.TODAY, told_at=NOON,
            due_on=testing.TODAY,
        )  # fmt: skip
        noted = ImportantDate.objects.create(
            **copies,
            kind="birthday",
            calendar="lunar",
            month=8,
            dom=15,
            source="customer",
            noted_on=testing.TODAY,
        )
    return {"gift": gift.pk, "voice": voice.pk, "important_date": noted.pk}
