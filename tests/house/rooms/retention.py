"""An open case with an offer that waits for a word, for each customer of the routes' world."""

from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.retention.models import Case, CaseOffer

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """The case and its offer, made by the keeper."""
    testing.make_policies("retention", "interaction", "suitability", "worklist")
    with testing.everything():
        case = Case.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, source="warning", opened_by=keeper,
            opened_on=testing.TODAY, opened_at=NOON, due_on=testing.TODAY, opening_fen=1, amount_fen=1,
            evidence={"signals": [], "warning": None, "figures": {}},
        )  # fmt: skip
        offer = CaseOffer.objects.create(
            case=case, kind="fee", amount=100_000, state="asked", made_by=keeper, made_at=NOON
        )
    return {"retention_case": case.pk, "retention_offer": offer.pk}
