"""Every table with a link to a customer is handed out, or left out with a reason; the file holds what was written."""

import csv
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.db.models import Model

from guanxi.crm import testing
from guanxi.crm.compliance import held
from guanxi.crm.compliance.explain import explained_to
from guanxi.crm.compliance.files import zip_of
from guanxi.crm.compliance.gather import gathered_about
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.compliance.tables import TABLES
from guanxi.crm.customers import protected
from guanxi.crm.customers.models import ContactPoint, Party, Relation, VaultEntry
from guanxi.crm.scores.tests.test_row_security import fill_details
from guanxi.insight.staging.identifiers import Protected
from guanxi.lake.door import Door

pytestmark = pytest.mark.django_db
NAMES_A_CUSTOMER = (
    "party_key",
    "party_keys",
    "own_key",
    "party_id",
    "party_uuid",
    "customer_no",
    "token",
    "contact_token",
)
"""Columns that lead to a customer without being a key to one."""


def leading_to_a_customer() -> set[str]:
    """Tables with a key to a customer, to a table that has one, and so on; and those with a column that names one."""
    found: set[type[Model]] = {Party}
    while True:
        more = {
            model
            for model in apps.get_models()
            if model not in found and any(one.related_model in found for one in model._meta.fields)
        }
        if not more:
            break
        found |= more
    named = {
        model
        for model in apps.get_models()
        if any(one.name in NAMES_A_CUSTOMER for one in model._meta.fields if not one.is_relation)
    }
    return {model._meta.label for model in found | named}


def test_every_table_that_leads_to_a_customer_is_declared_once() -> None:
    told = [*held.HELD, *held.BY_NUMBER, *held.LEFT_OUT]
    assert leading_to_a_customer() <= set(told)
    assert len(told) == len(set(told))


def test_every_table_handed_out_has_a_name_for_the_customer() -> None:
    assert {*held.HELD, *held.BY_NUMBER} == set(TABLES)


def test_what_is_left_out_says_why_in_both_languages() -> None:
    assert all(zh.strip() and en.strip() for zh, en in held.LEFT_OUT.values())
    assert all(apps.get_model(label) for label in held.LEFT_OUT)


def told_about(party, officer) -> dict:
    """The tables of the file by label, as the JSON in it says."""
    with whole_store(officer):
        content = zip_of(gathered_about(party), explained_to(party, officer, testing.TODAY), ["note"])
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        names = [name for name in opened.namelist() if name.startswith("data/") and name.endswith(".json")]
        told = {name[len("data/") : -len(".json")]: json.loads(opened.read(name)) for name in names}
        for label, rows in told.items():
            lines = list(csv.reader(io.StringIO(opened.read(f"data/{label}.csv").decode("utf-8-sig"))))
            assert len(lines) == len(rows) + 1, label
        page = opened.read("index.html").decode()
        assert all(f'id="{label}"' in page for label in told)
    return told


def test_the_file_has_the_customers_rows_of_every_table_and_nobody_elses(monkeypatch) -> None:
    monkeypatch.setattr(Door, "open_document", lambda *_told: b"paper")
    people = testing.make_people()
    other = testing.make_party(people.outlet, keeper=people.alice, name="别人")
    fill_details(people.customer, people.alice)
    (shown,), (row,) = protected.door().protect(Protected.MOBILE, ["13812345678"])
    with testing.everything():
        Relation.objects.create(party=people.customer, other=other, kind="spouse")
        Relation.objects.create(party=other, other=people.customer, kind="spouse")
        VaultEntry.objects.filter(token="t-mobile").delete()
        ContactPoint.objects.create(party=people.customer, kind="mobile", token=shown.token)
        VaultEntry.objects.create(
            token=row.token, kind=row.kind, ciphertext=row.ciphertext, key_id=row.key_id
        )
        written = {
            label: apps.get_model(label)
            .objects.filter(held.how_found(label, held.numbers_named(people.customer)))
            .count()
            for label in (*held.HELD, *held.BY_NUMBER)
        }
    told = told_about(people.customer, testing.make_staff("compliance", people.bank))
    assert {label: len(rows) for label, rows in told.items()} == {k: n for k, n in written.items() if n}
    assert len(told) > 20
    assert told["customers.VaultEntry"][0]["value"] == "13812345678"
    assert {row["name"] for row in told["customers.Party"]} == {people.customer.name}
    keys = str(other.pk)
    assert not any(keys in json.dumps(rows) for rows in told.values())
    assert "t-mobile" not in json.dumps(told)


def test_the_same_rows_make_the_same_file() -> None:
    people = testing.make_people()
    fill_details_without_papers(people)
    officer = testing.make_staff("compliance", people.bank)
    with whole_store(officer):
        first, second = (
            zip_of(
                gathered_about(people.customer), explained_to(people.customer, officer, testing.TODAY), ["n"]
            )
            for _ in range(2)
        )
    assert first == second


def fill_details_without_papers(people: testing.People) -> None:
    """Rows for the customer without the made-up bytes that no key opens."""
    with testing.everything():
        people.customer.consents.create(
            purpose="marketing", channel="any", agreed=True, given_on=testing.TODAY
        )
        people.customer.holdings.create(account_no="=1+1", family="demand", currency="CNY")
