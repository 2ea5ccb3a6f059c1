"""A salon of the customer's outlet, one of the keeper's own, an invitation with its links."""

from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.salons import guests
from guanxi.crm.salons.models import Community, Invitation, Salon

BEGINS, ENDS = datetime(2098, 11, 1, 6, tzinfo=UTC), datetime(2098, 11, 1, 8, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`community`, `salon`, `salon_own`, `salon_invitation`, tokens `salon_gate`, `salon_personal`, `salon_open`."""
    testing.make_policies("salon", "worklist", "lead")
    with testing.everything():
        salon, own = (_salon(party, keeper) for _ in range(2))
        invitation = Invitation.objects.create(
            salon=salon, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, source="book", channel="call",
            code=f"A{party.pk % 10_000:04d}", invited_by=keeper, invited_at=BEGINS,
        )  # fmt: skip
        community = Community.objects.create(
            unit_id=party.unit_id,
            name=f"网格{party.pk}",
            villages=["观前社区"],
            made_by=keeper,
            made_at=BEGINS,
        )
    return {
        "community": community.uuid,
        "salon": salon.uuid, "salon_own": own.uuid, "salon_invitation": invitation.pk,
        "salon_gate": guests.gate_token(invitation), "salon_personal": guests.personal_token(invitation),
        "salon_open": guests.open_token(salon),
    }  # fmt: skip


def _salon(party: Party, owner: Staff) -> Salon:
    return Salon.objects.create(
        title="秋季理财沙龙", kind="wealth", unit_id=party.unit_id, place="二楼", starts_at=BEGINS, ends_at=ENDS,
        day=BEGINS.date(), seats=20, owner=owner, is_open=True, made_at=BEGINS,
    )  # fmt: skip
