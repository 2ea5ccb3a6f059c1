"""Two numbers become one person by a clerk's word and come apart again: everything published is as it was before."""

import csv
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connections
from tests.pipeline.nights import ROOT

from guanxi.crm.customers.models import IdentityDecision, Party
from guanxi.crm.testing import everything, make_staff
from guanxi.pipeline.bank import Bank, open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.nightly import run_nightly

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
ON = date(2026, 10, 31)
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
# What was believed and done stays written: terms, tier beliefs, decisions, the register, runs and the trail.
HISTORY = {
    "customers_keeperterm", "customers_partylink", "customers_identitydecision", "customers_vaultentry",
    "scores_tierhistory",
}  # fmt: skip
BY_RUN = {"run_id", "id", "first_on", "raised_on"}
OF_EACH_RUN = {"scores_reconciliation", "scores_figureproof", "scores_violation"}
CURRENT = " WHERE run_id = (SELECT id FROM scores_run WHERE is_current)"


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("whole")
    generate(made, customers=200, months=2, seed=31, until=ON)
    return made


@pytest.fixture
def bank(tmp_path) -> Bank:
    return open_bank(ROOT / "banks" / "demo", tmp_path / "home")


def ask(query: str, *parameters: object) -> list[tuple[object, ...]]:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def night(bank: Bank, extracts: Path) -> None:
    run_nightly(bank, extracts, ON, now=lambda: NOW)


def published() -> dict[str, list[tuple[str, ...]]]:
    """Every table a run fills, its rows in order, without the numbers a row gets and the run that wrote it."""
    found = {}
    names = ask(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND "
        "(table_name LIKE 'customers_%%' OR table_name LIKE 'scores_%%' OR table_name LIKE 'foresight_%%')"
    )
    for (name,) in names:
        if name in HISTORY or str(name).startswith(("scores_run", "scores_volume")):
            continue
        columns = ask(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
            name,
        )
        kept = [str(column) for (column,) in columns if column not in BY_RUN or name == "customers_party"]
        if not kept:
            continue
        said = ", ".join(f'"{column}"::text' for column in kept)
        found[str(name)] = sorted(
            (tuple(row) for row in ask(f"SELECT {said} FROM {name}{CURRENT if name in OF_EACH_RUN else ''}")),
            key=lambda row: [value or "" for value in row],
        )
    return found


def say(left: str, right: str, verdict: str) -> None:
    with everything(using="owner"):
        sides = sorted(
            Party.objects.using("owner").filter(customer_no__in=[left, right]), key=lambda p: p.customer_no
        )
        clerk = make_staff(None, sides[0].unit)
        IdentityDecision.objects.using("owner").create(
            left=sides[0], right=sides[1], left_no=sides[0].customer_no, right_no=sides[1].customer_no,
            verdict=verdict, reason="…", staff_id=clerk.pk, staff_no=clerk.staff_no, decided_on=ON,
        )  # fmt: skip


def two_owners() -> tuple[str, str]:
    """The two customers of most wealth that nothing merged yet."""
    rows = ask(
        "SELECT party.customer_no FROM scores_partyscore AS score JOIN customers_party AS party "
        "ON party.id = score.party_id WHERE party.kind = 'person' AND score.aum_fen > 0 "
        "ORDER BY score.aum_fen DESC, party.id LIMIT 2"
    )
    return str(rows[0][0]), str(rows[1][0])


def test_a_merge_by_hand_adds_up_and_undoing_it_restores_every_published_row(bank, extracts) -> None:
    night(bank, extracts)
    before = published()
    one, other = two_owners()
    wealth = dict(ask(
        "SELECT party.customer_no, score.aum_fen FROM scores_partyscore AS score "
        "JOIN customers_party AS party ON party.id = score.party_id"
    ))  # fmt: skip
    keys = dict(ask("SELECT customer_no, id FROM customers_party WHERE customer_no IN (%s, %s)", one, other))

    say(one, other, "merge")
    night(bank, extracts)
    ((head, part),) = ask("SELECT merged_into_id, id FROM customers_party WHERE customer_no IN (%s, %s) "
                          "AND merged_into_id IS NOT NULL", one, other)  # fmt: skip
    assert {head, part} == set(keys.values())
    assert ask("SELECT aum_fen FROM scores_partyscore WHERE party_id = %s", head) == [
        (int(str(wealth[one])) + int(str(wealth[other])),)
    ]
    assert ask("SELECT COUNT(*) FROM scores_partyscore WHERE party_id = %s", part) == [(0,)]
    assert ask("SELECT COUNT(*) FROM customers_holding WHERE party_id = %s", part) == [(0,)]
    assert ask(
        "SELECT COUNT(*) FROM customers_partylink WHERE valid_to IS NULL AND decided_by = 'person'"
    ) == [(2,)]
    assert ask("SELECT COUNT(*) FROM scores_reconciliation WHERE difference <> 0") == [(0,)]

    say(one, other, "apart")
    night(bank, extracts)
    after = published()
    assert {name for name in before if before[name] != after[name]} == set()
    assert ask(
        "SELECT COUNT(*) FROM customers_partylink WHERE valid_to IS NULL AND decided_by = 'person'"
    ) == [(0,)]


def test_a_later_night_keeps_the_key_of_a_person(bank, extracts, tmp_path) -> None:
    """The register remembers who gave the key, whatever the next extract says about how long each is a customer."""
    night(bank, extracts)
    one, other = two_owners()
    say(one, other, "merge")
    night(bank, extracts)
    query = "SELECT merged_into_id FROM customers_party WHERE customer_no IN (%s, %s) AND merged_into_id IS NOT NULL"
    stood = ask(query, one, other)
    later = tmp_path / "later"
    following = date(2026, 11, 1)
    shutil.copytree(extracts / ON.isoformat(), later / following.isoformat())
    (later / following.isoformat() / "manifest.toml").unlink()
    customers = later / following.isoformat() / "customers.csv"
    head_no = str(ask("SELECT customer_no FROM customers_party WHERE id = %s", stood[0][0])[0][0])
    with customers.open(encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["since"] = "2026-10-30" if row["customer_no"] == head_no else row["since"]
    with customers.open("w", encoding="utf8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run_nightly(bank, later, following, now=lambda: NOW)
    assert ask(query, one, other) == stood
