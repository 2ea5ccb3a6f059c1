"""An erased customer is in no file of the lake and no table by name or number, and nobody else's rows have changed."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from django.db import connections
from tests.pipeline.nights import ROOT, split_extract

from guanxi.crm import testing
from guanxi.crm.compliance import held
from guanxi.crm.compliance.restrictions import erasures, services
from guanxi.crm.compliance.restrictions.gone import STAYS, lookups
from guanxi.crm.compliance.restrictions.models import Erasure
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.pipeline.bank import Bank, open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.nightly import Outcome, run_nightly

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
FIRST, SECOND = date(2026, 10, 30), date(2026, 10, 31)
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    whole = tmp_path_factory.mktemp("whole")
    generate(whole, customers=300, months=2, seed=37, until=SECOND)
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


def shown(bank: Bank) -> dict[str, list[str]]:
    """Every text in every file of the lake, by table and run."""
    lake = duckdb.connect()
    found: dict[str, list[str]] = {}
    for path in sorted(bank.lake.rglob("*.parquet")):
        rows = lake.execute(f"SELECT CAST(t AS VARCHAR) FROM '{path}' AS t").fetchall()
        found[str(path.relative_to(bank.lake))] = [row for (row,) in rows]
    return found


def officers() -> tuple[Staff, Staff]:
    root = Unit.objects.using("default").order_by("pk").filter(parent=None).get()
    return testing.make_staff("compliance", root, name="一"), testing.make_staff(
        "compliance", root, name="二"
    )


def erased_by_two(party: Party, one: Staff, two: Staff) -> Erasure:
    told = {"today": TODAY, "now": NOW}
    with whole_store(one):
        made = services.ask(
            by=one,
            party=party,
            reason="关系结束已满法定年限",
            request=None,
            kept_until=date(2026, 10, 1),
            **told,
        )
    with whole_store(two):
        made = services.approve(by=two, restriction=made, **told)
    with whole_store(one):
        asked = erasures.ask(by=one, restriction=made, **told)
    with whole_store(two):
        return erasures.approve(by=two, erasure=asked, **told)


def test_an_erased_customer_is_nowhere_and_the_others_are_as_they_were(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    number, name = ask(
        "SELECT p.customer_no, p.name FROM customers_party AS p JOIN customers_contactpoint AS c ON c.party_id = p.id "
        "WHERE p.kind = 'person' AND p.is_owner AND c.kind = 'mobile' AND NOT EXISTS (SELECT FROM customers_party AS o "
        "WHERE o.name = p.name AND o.id <> p.id) ORDER BY p.id LIMIT 1"
    )[0]
    key = ask("SELECT id FROM customers_party WHERE customer_no = %s", number)[0][0]
    tokens = {token for (token,) in ask("SELECT token FROM customers_identifier WHERE party_id = %s", key)}
    tokens |= {token for (token,) in ask("SELECT token FROM customers_contactpoint WHERE party_id = %s", key)}
    before = shown(bank)
    assert any(str(name) in row for rows in before.values() for row in rows)
    with testing.everything():
        party = Party.objects.get(pk=key)
        one, two = officers()
    erased_by_two(party, one, two)
    assert ask("SELECT name FROM customers_party WHERE id = %s", key) == [(name,)], (
        "the night erases, not the word"
    )

    second = night(bank, extracts, SECOND)
    after = shown(bank)
    for path, rows in after.items():
        told = "\n".join(rows)
        assert str(name) not in told, path
        if not path.split("/")[1].startswith("quality"):
            assert not [token for token in tokens if token in told and token.startswith("k")], path
    lake = duckdb.connect()
    for path in bank.lake.glob("run=*/staged.customers/*.parquet"):
        said = lake.execute(
            f"SELECT name, birth_date, id_no_masked, occupation, kind FROM '{path}' WHERE customer_no = ?",
            [number],
        )
        assert said.fetchall() == [(None, None, None, None, "person")], path
    for path in before.keys() & after.keys():
        about = [row for row in before[path] if str(number) not in row and f"'party_key': {key}," not in row]
        assert set(about) - set(after[path]) <= {row for row in about if str(name) in row}, path
    assert ask("SELECT COUNT(*) FROM customers_vaultentry WHERE token = ANY(%s)", sorted(tokens)) == [(0,)]
    assert ask("SELECT name, name_pinyin, birth_date, id_masked FROM customers_party WHERE id = %s", key) == [
        ("", "", None, None)
    ]
    for label in ("customers_identifier", "customers_contactpoint", "customers_namegram", "customers_note"):
        assert ask(f"SELECT COUNT(*) FROM {label} WHERE party_id = %s", key) == [(0,)], label
    state, on, rows, delivered = ask("SELECT state, erased_on, rows, delivered_on FROM compliance_erasure")[0]
    assert (state, on, delivered) == ("done", SECOND, SECOND), "the bank still sends the customer"
    assert rows
    assert second.manifest.facts["erased_delivered"] == [number]
    assert (bank.home / "erased.log").read_text() == f"{SECOND} {number}\n"
    assert ask("SELECT COUNT(*) FROM audit_changelog WHERE verb = 'compliance.erased'") == [(1,)]

    assert ask("SELECT COUNT(*) FROM scores_reconciliation WHERE difference <> 0") == [(0,)]
    assert night(bank, extracts, SECOND).manifest.run == second.manifest.run, "a night that is done stands"
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            assert not [
                row for (row,) in ask(f'SELECT t::text FROM "{table}" AS t') if str(name) in str(row)
            ], table


def test_every_table_of_a_customer_goes_or_says_why_it_stays() -> None:
    every = {*held.HELD, *held.BY_NUMBER, *held.LEFT_OUT}
    assert every == set(lookups()) | set(STAYS) | {"customers.VaultEntry"}
    assert not set(lookups()) & set(STAYS)
    assert all(why.strip() for why in STAYS.values())
