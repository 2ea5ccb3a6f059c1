"""A hand-over on its way, an exit with its notice running, shared keeping and a tier asked for by hand."""

from datetime import UTC, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.keeping import rules
from guanxi.crm.keeping.models import ExitProposal, HandOver, HandOverLine, SharedKeeping, TierOverride
from guanxi.crm.organisation.models import Staff
from guanxi.crm.policies.models import PolicyVersion

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """What "@handover", "@exit", "@shared" and "@override" stand for."""
    if not PolicyVersion.objects.filter(kind="keeping").exists():
        testing.make_policies("keeping", "scope")
    other = testing.make_staff("outlet_head", party.unit)
    book = {"party": party, "unit": party.unit, "keeper": party.keeper}
    with testing.everything():
        return _handover(party, keeper, other, book) | _others(keeper, other, book)


def _handover(party: Party, keeper: Staff, other: Staff, book: dict[str, Any]) -> dict[str, Any]:
    said = {"day": "2026-10-01", "channel": "call", "outcome": "reached_later", "by": "李敏", "note": "…"}
    due = {"text": "…", "due_on": "2026-11-09", "channel": "visit"}
    held = {
        "family": "time",
        "product": None,
        "balance_fen": 1,
        "matures_on": "2026-12-01",
        "rolls_over": None,
    }
    lists = {
        "contacts": [said],
        "promises": [due],
        "tasks": [due],
        "plan": [due],
        "holdings": [held],
        "relations": [
            {"kind": "child", "side": side, "name": name} for side, name in (("of", "张"), ("is", None))
        ],
        "keepers": [{"name": "李敏", "primary": True, "from": "2025-01-01", "to": None}],
    }
    head = {"name": party.name, "customer_no": party.customer_no, "tier_scheme": "person", "tier_rank": 4}
    amounts = dict.fromkeys(("aum_fen", "daily_average_fen", "risk_grade"))
    file, digest = rules.frozen(head | amounts | lists)
    case = HandOver.objects.create(
        unit=party.unit, giver=keeper, taker=other, state="drawn", why="balance", opened_on=testing.TODAY,
        due_on=testing.TODAY, file_hash="x",
    )  # fmt: skip
    HandOverLine.objects.create(
        handover=case, **book, file=file, file_hash=digest, warned=False, visit_together=False
    )
    return {"handover": case.pk}


def _others(keeper: Staff, other: Staff, book: dict[str, Any]) -> dict[str, Any]:
    today = testing.TODAY
    decided = {"decided_by": other, "decided_at": NOON, "decided_on": today, "decision_note": "…"}
    exit_ = ExitProposal.objects.create(
        **book, book=keeper, state="noticed", proposed_on=today, months_below=6, leaves_on=today, **decided
    )
    shared = SharedKeeping.objects.create(
        **book, since=today, contact_days=60, later_contact_days=180, steps_down_on=today
    )
    override = TierOverride.objects.create(
        **book, scheme="person", tier_rank=5, reason="…", valid_from=today, valid_to=today, proposed_by=keeper,
        proposed_at=NOON,
    )  # fmt: skip
    return {"exit": exit_.pk, "shared": shared.pk, "override": override.pk}
