"""The facts file of a night: every customer once, with the unit and keeper that pages show."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from django.db import connections
from tests.pipeline.nights import ROOT

from guanxi.insight.segments.facts import FACTS, offered
from guanxi.lake.interactive import FactsFile, LakeReach, facts_path
from guanxi.lake.store import Store
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.nightly import run_nightly
from guanxi.pipeline.publish.interactive import facts_select

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
ON = date(2026, 10, 31)
EVERYONE = LakeReach(whole_bank=True)


def test_a_night_leaves_its_facts_with_units_and_keepers_as_published(tmp_path: Path) -> None:
    generate(tmp_path / "extracts", customers=300, months=2, seed=23, until=ON)
    bank = open_bank(ROOT / "banks" / "demo", tmp_path / "home")
    run = partial(run_nightly, bank, tmp_path / "extracts", ON, now=lambda: datetime(2026, 11, 1, tzinfo=UTC))
    run()
    assert _moved_after_a_hand_over() == 1
    manifest = run().manifest
    assert _moved() == 0
    facts = FactsFile(facts_path(bank.lake, manifest.run))
    assert (facts.business_date, facts.run) == (ON, manifest.run)
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("SELECT id, unit_id, keeper_id FROM customers_party ORDER BY id")
        published = cursor.fetchall()
        cursor.execute(
            "SELECT party_id, aum_fen FROM scores_partyscore WHERE aum_fen IS NOT NULL ORDER BY party_id"
        )
        scored = cursor.fetchall()
    found = facts.read_for(EVERYONE, "SELECT party_key, unit_id, keeper_id FROM fact ORDER BY party_key")
    kept = {row[0] for row in found}  # a customer merged into another stays in the store and is in no fact
    assert found == [row for row in published if row[0] in kept]
    assert {key for key, _fen in scored} <= kept
    held = facts.read_for(
        EVERYONE, "SELECT party_key, aum FROM fact WHERE aum IS NOT NULL ORDER BY party_key"
    )
    assert [(key, int(aum * 100)) for key, aum in held] == scored
    assert set(offered(facts.columns)) == {fact.code for fact in FACTS}
    assert Store(bank.lake).manifest(manifest.run) == manifest
    less = replace(
        manifest, parts={name: parts for name, parts in manifest.parts.items() if name != "score.signal"}
    )
    assert "signals_outflow" in facts_select(manifest)
    assert "signals_outflow" not in facts_select(less)


def _moved() -> int:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM segments_moved")
        return cursor.fetchone()[0]


def _moved_after_a_hand_over() -> int:
    """Somebody takes over a customer during the day, as the store's trigger sees it."""
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "UPDATE customers_party SET keeper_id = (SELECT MIN(id) FROM organisation_staff WHERE id <> keeper_id) "
            "WHERE id = (SELECT MIN(id) FROM customers_party WHERE keeper_id IS NOT NULL)"
        )
    return _moved()
