"""A night sends only the rows that differ; comparing every row afterwards is the oracle: it finds nothing to write."""

import gzip
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connections
from tests.pipeline.nights import ROOT, split_extract

from guanxi.pipeline.bank import Bank, open_bank
from guanxi.pipeline.copying import Merged
from guanxi.pipeline.demo import generate
from guanxi.pipeline.nightly import Outcome, run_nightly
from guanxi.pipeline.publish import publisher
from guanxi.pipeline.publish.fingerprints import FOLDER

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
FIRST, SECOND = date(2026, 10, 30), date(2026, 10, 31)
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
TABLES = (
    "customers_party",
    "customers_namegram",
    "customers_identifier",
    "customers_contactpoint",
    "customers_consent",
    "customers_relation",
    "customers_holding",
    "customers_credit",
    "scores_partyscore",
    "scores_partyneed",
)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    whole = tmp_path_factory.mktemp("whole")
    generate(whole, customers=300, months=2, seed=29, until=SECOND)
    return split_extract(whole / SECOND.isoformat(), tmp_path_factory.mktemp("nights"), FIRST, SECOND)


@pytest.fixture
def bank(tmp_path) -> Bank:
    return open_bank(ROOT / "banks" / "demo", tmp_path / "home")


def night(bank: Bank, extracts: Path, on: date) -> Outcome:
    return run_nightly(bank, extracts, on, now=lambda: NOW)


def told(outcome: Outcome) -> dict[str, Merged]:
    """What the publication did to the tables that fingerprints are kept of."""
    assert outcome.published is not None
    return {name: outcome.published.tables[name] for name in TABLES}


def compared_whole(bank: Bank, extracts: Path, on: date) -> dict[str, Merged]:
    """The same night published once more with every row sent and compared."""
    shutil.rmtree(bank.lake / FOLDER)
    return told(night(bank, extracts, on))


def test_the_next_night_sends_what_differs_and_leaves_what_a_whole_comparison_leaves(bank, extracts) -> None:
    first = told(night(bank, extracts, FIRST))
    second = told(night(bank, extracts, SECOND))
    assert 0 < second["customers_holding"].arrived < first["customers_holding"].arrived
    assert second["customers_namegram"].arrived == 0
    whole = compared_whole(bank, extracts, SECOND)
    assert {name: (did.written, did.removed) for name, did in whole.items()} == dict.fromkeys(TABLES, (0, 0))
    assert whole["scores_partyscore"].arrived == first["scores_partyscore"].arrived


def test_the_same_night_again_sends_nothing(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    again = told(night(bank, extracts, FIRST))
    assert {name: did for name, did in again.items() if did != Merged(0, 0, 0)} == {}


def test_a_row_gone_from_the_store_comes_back(bank, extracts) -> None:
    night(bank, extracts, FIRST)
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM scores_partyscore WHERE party_id = (SELECT MIN(party_id) FROM scores_partyscore)"
        )
    assert told(night(bank, extracts, FIRST))["scores_partyscore"].written == 1


def test_a_row_that_is_no_longer_published_goes_and_may_come_back(bank, extracts, tmp_path) -> None:
    night(bank, extracts, FIRST)
    fewer = tmp_path / "fewer"
    shutil.copytree(extracts, fewer)
    without_the_last(fewer / SECOND.isoformat(), "contact_points", "consents")
    second = told(night(bank, fewer, SECOND))
    assert second["customers_contactpoint"].arrived == 0
    assert second["customers_contactpoint"].removed > 0
    assert second["customers_consent"] == Merged(0, 0, 0)  # proof, kept
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("DELETE FROM customers_consent WHERE given_on IS NOT NULL")
    again = told(night(bank, extracts, SECOND))
    assert again["customers_contactpoint"].written == second["customers_contactpoint"].removed
    assert 0 < again["customers_consent"].written < 100  # those that left; the rest are believed to be there
    whole = compared_whole(bank, extracts, SECOND)
    assert (whole["customers_contactpoint"].written, whole["customers_contactpoint"].removed) == (0, 0)


def test_fingerprints_of_a_publication_that_did_not_commit_are_not_believed(
    bank, extracts, monkeypatch
) -> None:
    night(bank, extracts, FIRST)

    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(publisher, "make_current", killed)
        with pytest.raises(RuntimeError, match="killed"):
            night(bank, extracts, SECOND)
    assert told(night(bank, extracts, SECOND))["scores_partyscore"].written > 0
    whole = compared_whole(bank, extracts, SECOND)
    assert {name: (did.written, did.removed) for name, did in whole.items()} == dict.fromkeys(TABLES, (0, 0))


def without_the_last(folder: Path, *files: str) -> None:
    """The extract without the last thirty lines of these files, as bytes: each has an encoding of its own."""
    for path in (next(folder.glob(f"{name}.*")) for name in files):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as reading:
            lines = reading.readlines()
        with opened(path, "wb") as writing:
            writing.writelines(lines[:-30])
