"""Leads in their steps (held, collected, published), a step of a battle map, an opportunity, a web form."""

from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.leads.models import Lead, LeadSource, MapStep, Opportunity
from guanxi.crm.organisation.models import Staff
from guanxi.crm.policies.models import PolicyVersion

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """Leads held, fed back, collected and published, each with its address; a step, an opportunity, a web form."""
    for kind in ("lead", "worklist"):
        if not PolicyVersion.objects.filter(kind=kind).exists():
            testing.make_policies(kind)
    with testing.everything():
        lead = _lead(party, "feedback", owner=keeper, protected_until=testing.TODAY)
        fed_back = _lead(
            party, "feedback", owner=keeper, protected_until=testing.TODAY, fed_back_on=testing.TODAY
        )
        step = MapStep.objects.create(lead=lead, whom="张总", what="拜访", staff=keeper, due_on=testing.TODAY)
        opportunity = Opportunity.objects.create(
            party=party, unit=party.unit, keeper=party.keeper, owner=keeper, title="经营贷",
            family="loan", stage="found", stage_on=testing.TODAY, amount_fen=50_000_000,
            expected_on=testing.TODAY, made_on=testing.TODAY,
        )  # fmt: skip
        source = LeadSource.objects.create(
            name=f"form {party.pk}", unit=party.unit, token_hash=str(party.pk), token_hint="abcd", made_by=keeper,
            made_at=NOON,
        )  # fmt: skip
        return {
            "lead": lead.uuid,
            "fed_back": fed_back.uuid,
            "collected": _lead(party, "collect").uuid,
            "published": _lead(party, "publish", board=party.unit, published_on=testing.TODAY).uuid,
            "map_step": step.pk,
            "opportunity": opportunity.uuid,
            "lead_source": source.pk,
            "keeper": keeper.pk,
        }


def _lead(party: Party, state: str, **more: Any) -> Lead:
    number = Lead.objects.count()
    return Lead.objects.create(
        kind="person", name="周小满", contact_kind="mobile", contact_token=f"token-{party.pk}-{number}-{state}",
        contact_masked="139****0001", origin="counter", unit=party.unit, state=state, made_at=NOON,
        made_on=testing.TODAY, **more,
    )  # fmt: skip
