"""Nights into the operational store: once, again, after an assignment, with a broken extract, with a correction."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from django.db import connections
from tests.pipeline.nights import ROOT, grow_money, split_extract

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.crm.scores.models import Run
from guanxi.crm.scores.runs import accepting
from guanxi.crm.scores.selectors import history_of
from guanxi.crm.testing import everything, make_staff
from guanxi.lake.extracts import ExtractRefused
from guanxi.pipeline import nightly
from guanxi.pipeline.bank import Bank, open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.night import RunRefused
from guanxi.pipeline.nightly import Outcome, run_nightly

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
FIRST, SECOND = date(2026, 10, 30), date(2026, 10, 31)
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    whole = tmp_path_factory.mktemp("whole")
    generate(whole, customers=300, months=2, seed=23, until=SECOND)
    return split_extract(whole / SECOND.isoformat(), tmp_path_factory.mktemp("nights"), FIRST, SECOND)


@pytest.fixture
def bank(tmp_path) -> Bank:
    return open_bank(ROOT / "banks" / "demo", tmp_path / "home")


def night(bank: Bank, extracts: Path, on: date) -> Outcome:
    return run_nightly(bank, extracts, on, now=lambda: NOW)


def ask(query: str, *parameters: object) -> list[tuple[object, ...]]:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def test_a_published_night_shows_every_customer_with_the_lakes_own_total(bank, extracts) -> None:
    outcome = night(bank, extracts, FIRST)
    lake = bank.lake / outcome.manifest.parts["feature.wealth_month"]["2026-10-01"].files[0]
    people, total = duckdb.connect().execute(f"SELECT COUNT(*), SUM(aum) * 100 FROM '{lake}'").fetchall()[0]
    assert ask("SELECT COUNT(*), SUM(aum_fen) FROM scores_partyscore") == [(people, total)]
    assert ask("SELECT id, state, is_current FROM scores_run") == [(outcome.manifest.run, "done", True)]
    assert ask("SELECT COUNT(*) FROM scores_reconciliation WHERE difference <> 0") == [(0,)]


def test_money_a_million_times_larger_is_published_to_the_fen(bank, extracts, tmp_path) -> None:
    shutil.copytree(extracts / FIRST.isoformat(), tmp_path / "large" / FIRST.isoformat())
    grow_money(tmp_path / "large" / FIRST.isoformat(), 1_000_000)
    outcome = night(bank, tmp_path / "large", FIRST)
    lake = bank.lake / outcome.manifest.parts["feature.wealth_month"]["2026-10-01"].files[0]
    ((total,),) = duckdb.connect().execute(f"SELECT SUM(aum) * 100 FROM '{lake}'").fetchall()
    assert ask("SELECT SUM(aum_fen), MAX(aum_fen) > 10000000000 FROM scores_partyscore") == [(total, True)]
    (held,) = ask("SELECT MAX(held_fen) > 9223372036 FROM catalog_productheld")
    assert held == (True,)


def test_publishing_the_same_run_again_writes_no_customer(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    again = night(bank, extracts, FIRST)
    customers = {
        name: merged
        for name, merged in again.published.tables.items()
        if name.startswith(("customers_", "catalog_"))
    }
    assert customers
    assert all(merged.written == 0 and merged.removed == 0 for merged in customers.values())
    assert again.published.tables["scores_partyscore"].written == 0
    assert again.published.tables["scores_tierhistory"].written == 0


def test_the_next_night_says_what_changed_since(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    before = dict(ask("SELECT party_id, aum_fen FROM scores_partyscore WHERE aum_fen IS NOT NULL"))
    night(bank, extracts, SECOND)
    after = ask("SELECT party_id, aum_fen, aum_change_fen FROM scores_partyscore WHERE aum_fen IS NOT NULL")
    moved = [(aum, change, before[party]) for party, aum, change in after if party in before]
    assert moved
    assert all(change == aum - was for aum, change, was in moved)


def test_a_keeper_assigned_in_the_system_stands_until_the_extract_names_another(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    ((party, kept_by),) = ask(
        "SELECT id, keeper_id FROM customers_party WHERE keeper_id IS NOT NULL ORDER BY id LIMIT 1"
    )
    ((other,),) = ask("SELECT id FROM organisation_staff WHERE id <> %s ORDER BY id LIMIT 1", kept_by)
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("UPDATE customers_keeperterm SET valid_to = %s WHERE party_id = %s", [SECOND, party])
        cursor.execute("UPDATE customers_party SET keeper_id = %s WHERE id = %s", [other, party])
    night(bank, extracts, SECOND)
    assert ask("SELECT keeper_id FROM customers_party WHERE id = %s", party) == [(other,)]
    assert ask("SELECT keeper_id FROM scores_partyscore WHERE party_id = %s", party) == [(other,)]


def test_a_refused_extract_leaves_yesterdays_figures_standing(bank, extracts, tmp_path) -> None:
    first = night(bank, extracts, FIRST)
    broken = tmp_path / "broken"
    shutil.copytree(extracts / SECOND.isoformat(), broken / SECOND.isoformat())
    for path in (broken / SECOND.isoformat()).glob("customers.*"):
        path.unlink()
    with pytest.raises(ExtractRefused, match="customers"):
        night(bank, broken, SECOND)
    assert ask("SELECT id, state, is_current FROM scores_run ORDER BY business_date") == [
        (first.manifest.run, "done", True),
        (ask("SELECT id FROM scores_run WHERE business_date = %s", SECOND)[0][0], "stopped", False),
    ]
    ((notes,),) = ask("SELECT notes::text FROM scores_run WHERE state = 'stopped'")
    assert "customers" in str(notes)


def test_a_past_date_run_again_brings_the_later_one_with_it(bank, extracts, tmp_path) -> None:
    corrected = tmp_path / "corrected"
    shutil.copytree(extracts, corrected)
    night(bank, corrected, FIRST)
    second = night(bank, corrected, SECOND)
    path = corrected / FIRST.isoformat() / "balances.parquet"
    lake = duckdb.connect()
    lake.execute(
        f"COPY (SELECT * REPLACE (CASE WHEN balance > 0 THEN balance + 1 ELSE balance END AS balance) FROM '{path}') "
        f"TO '{path}.new' (FORMAT parquet)"
    )
    path.with_name(path.name + ".new").rename(path)
    outcome = night(bank, corrected, FIRST)
    assert outcome.manifest.business_date == SECOND
    assert outcome.manifest.run != second.manifest.run
    assert ask("SELECT id, business_date FROM scores_run WHERE is_current") == [
        (outcome.manifest.run, SECOND)
    ]
    states = {state for (state,) in ask("SELECT state FROM scores_run WHERE id = %s", second.manifest.run)}
    assert states == {"stale"}


def test_a_run_killed_on_the_way_is_not_called_running_for_ever(bank, extracts) -> None:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO scores_run (id, business_date, state, started_at) VALUES ('killed', %s, 'running', %s)",
            [FIRST, NOW],
        )
    night(bank, extracts, FIRST)
    assert ask("SELECT state, finished_at IS NOT NULL FROM scores_run WHERE id = 'killed'") == [
        ("failed", True)
    ]


def test_history_and_the_present_month_together_are_the_lakes_months(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    outcome = night(bank, extracts, SECOND)
    parts = outcome.manifest.parts["feature.wealth_month"]
    files = [str(bank.lake / name) for part in parts.values() for name in part.files]
    lake = duckdb.connect().execute(
        "SELECT party_key, LIST(CAST(aum * 100 AS BIGINT) ORDER BY month) FROM read_parquet(?) GROUP BY party_key",
        [files],
    )
    expected = dict(lake.fetchall())
    with everything():
        parties = list(Party.objects.all())
        reach = Reach(staff_id=0, sight=Sight.BANK, whole_bank=True)
        shown = {party.pk: history.aum_fen for party in parties if (history := history_of(reach, party))}
    assert {key: values for key, values in expected.items() if key in shown} == shown
    assert len(shown) == len(expected)


def test_a_night_within_the_month_does_not_write_history_again(bank, extracts) -> None:
    first = night(bank, extracts, FIRST)
    second = night(bank, extracts, SECOND)
    assert "scores_partyhistory" in first.published.tables
    assert "scores_partyhistory" not in second.published.tables


DEFINED = """
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


def test_the_first_night_leaves_every_index_and_constraint_as_it_was(bank, extracts) -> None:
    before = ask(DEFINED)
    night(bank, extracts, FIRST)
    assert ask("SELECT COUNT(*) FROM scores_partyscore") != [(0,)]
    assert ask(DEFINED) == before


def test_money_that_was_always_zero_is_stored_as_nothing_and_read_as_zeros(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    assert ask("SELECT COUNT(*) FROM scores_partyhistory WHERE insurance_fen = '{}'") != [(0,)]
    assert ask("SELECT COUNT(*) FROM scores_partyhistory WHERE 0 = ALL (aum_fen) AND aum_fen <> '{}'") == [
        (0,)
    ]
    reach = Reach(staff_id=0, sight=Sight.BANK, whole_bank=True)
    with everything():
        for party in Party.objects.all()[:20]:
            history = history_of(reach, party)
            assert history is not None
            assert {len(getattr(history, name)) for name in history.arrays()} == {len(history.months)}


def test_a_file_that_shrank_stops_the_night_until_two_persons_accept_exactly_that(
    bank, extracts, tmp_path
) -> None:
    night(bank, extracts, FIRST)
    smaller = tmp_path / "smaller"
    shutil.copytree(extracts / SECOND.isoformat(), smaller / SECOND.isoformat())
    _halve(smaller / SECOND.isoformat() / "consents.csv")
    with pytest.raises(ExtractRefused, match="two persons must agree"):
        night(bank, smaller, SECOND)
    run = Run.objects.get(state="stopped")
    maker = make_staff("analyst", Unit.objects.get(kind="legal_entity"), name="经办")
    checker = make_staff("administrator", Unit.objects.get(kind="legal_entity"), name="复核")
    asked = accepting.ask(by=maker, today=SECOND, now=NOW, run=run, file="consents", reason="清理重复授权")
    with pytest.raises(ExtractRefused, match="two persons must agree"):
        night(bank, smaller, SECOND)
    accepting.accept(by=checker, today=SECOND, now=NOW, asked=asked)
    assert night(bank, smaller, SECOND).manifest.run == run.pk
    assert ask("SELECT is_current FROM scores_run WHERE id = %s", run.pk) == [(True,)]


def _halve(file: Path) -> None:
    """Every other line away, and the control totals with them."""
    header, *lines = file.read_text(encoding="utf8").splitlines(keepends=True)
    file.write_text(header + "".join(lines[::2]), encoding="utf8")
    (file.parent / "manifest.toml").unlink(missing_ok=True)


def test_a_night_whose_day_before_was_swept_is_refused_with_the_day_from_which_nights_are_kept(
    bank, extracts, monkeypatch
) -> None:
    monkeypatch.setattr(nightly, "_kept_nights", lambda *_told: 1)
    night(bank, extracts, FIRST)
    outcome = night(bank, extracts, SECOND)
    assert outcome.swept.files > 0
    assert any("swept" in line for line in outcome.lines())
    for on in (FIRST, SECOND):
        with pytest.raises(RunRefused, match=SECOND.isoformat()):
            night(bank, extracts, on)
    assert ask("SELECT business_date FROM scores_run WHERE is_current") == [(SECOND,)]
