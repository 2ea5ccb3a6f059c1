"""Row security must not cost a selector its index: each is explained as the app, on a filled and analysed table."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

import json
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from pytest_django.plugin import DjangoDbBlocker

from guanxi.crm.customers import selectors
from guanxi.crm.customers.models import ContactPoint, Identifier, NameGram, Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.scores import selectors as scores
from guanxi.crm.scores.models import PartyScore

PARTIES, OUTLETS, KEEPERS = 30_000, 20, 90
RARE = chr(30000 + 7)
FILL = f"""
    INSERT INTO organisation_unit (id, unit_no, name, kind, parent_id)
    SELECT 900 + n, 'P' || n, 'p', CASE WHEN n = 0 THEN 'legal_entity' ELSE 'outlet' END, CASE WHEN n > 0 THEN 900 END
    FROM generate_series(0, {OUTLETS}) AS n;
    INSERT INTO organisation_unitscope (unit_id, member_id, depth)
    SELECT id, id, 0 FROM organisation_unit WHERE id BETWEEN 900 AND 999
    UNION ALL SELECT 900, id, 1 FROM organisation_unit WHERE id BETWEEN 901 AND 999;
    INSERT INTO organisation_staff (id, staff_no, name)
    SELECT 9000 + n, 'P' || n, 'p' FROM generate_series(1, {KEEPERS}) AS n;
    INSERT INTO organisation_post (staff_id, unit_id, role, valid_from)
    SELECT 9000 + n, 900 + n % 21,
           (ARRAY['relationship_manager', 'teller', 'outlet_head', 'analyst'])[1 + (n - 1) % 4], '2020-01-01'
    FROM generate_series(1, {KEEPERS}) AS n;
    INSERT INTO customers_party (id, uuid, customer_no, kind, name, name_pinyin, unit_id, keeper_id)
    SELECT n, gen_random_uuid(), 'C' || n, 'person', 'n' || n, 'n' || n, 901 + n % {OUTLETS},
           CASE WHEN n % 5 = 0 THEN 9001 + (n / 5) % {KEEPERS} END
    FROM generate_series(1, {PARTIES}) AS n;
    INSERT INTO customers_namegram (gram, party_id, unit_id, keeper_id)
    SELECT gram, id, unit_id, keeper_id
    FROM customers_party, unnest(ARRAY[chr(19975 + (id % 40)::int), chr(30000 + (id % 300)::int)]) AS gram;
    INSERT INTO customers_identifier (party_id, kind, token) SELECT id, 'id', md5('i' || id) FROM customers_party;
    INSERT INTO customers_contactpoint (party_id, kind, token) SELECT id, 'mobile', md5('m' || id) FROM customers_party;
    INSERT INTO customers_vaultentry (token, kind, ciphertext, key_id)
    SELECT md5('m' || id), 'mobile', 'x', 'k' FROM customers_party;
    INSERT INTO customers_holding (party_id, account_no, family, currency)
    SELECT id, 'A' || id || account, 'time', 'CNY' FROM customers_party, generate_series(1, 2) AS account;
    INSERT INTO customers_consent (party_id, purpose, channel, agreed, given_on)
    SELECT id, 'marketing', 'any', true, '2026-01-01' FROM customers_party;
    INSERT INTO customers_relation (party_id, other_id, kind) SELECT id, id % 1000 + 1, 'spouse' FROM customers_party;
    INSERT INTO customers_keeperterm (party_id, staff_id, valid_from)
    SELECT id, keeper_id, '2026-01-01' FROM customers_party WHERE keeper_id IS NOT NULL;
    INSERT INTO scores_run (id, business_date) VALUES ('p', '2026-10-31');
    INSERT INTO scores_partyscore (party_id, unit_id, keeper_id, run_id, kind, aum_fen, tier_rank, stage)
    SELECT id, unit_id, keeper_id, 'p', kind, id * 7919 % 1000003, id % 6, 'mature' FROM customers_party;
    INSERT INTO scores_tierhistory (party_id, scheme, tier_rank, valid_from, known_from, run_id)
    SELECT id, 'person', 1, '2026-01-01', '2026-01-01', 'p' FROM customers_party;
    INSERT INTO scores_largechange (party_id, unit_id, keeper_id, day, aum_before_fen, aum_after_fen, change_fen)
    SELECT id, unit_id, keeper_id, '2026-10-31', 2, 1, -id FROM customers_party WHERE id % 3 = 0;
    INSERT INTO scores_maturity (account_no, party_id, unit_id, keeper_id, family, amount_fen, matures_on, days_left)
    SELECT 'A' || id, id, unit_id, keeper_id, 'time', 1, date '2026-11-01' + (id % 30)::int, 1 FROM customers_party;
    INSERT INTO scores_nearline (party_id, unit_id, keeper_id, side, line_fen, daily_average_fen, gap_fen)
    SELECT id, unit_id, keeper_id, 'below', 2, 1, id FROM customers_party WHERE id % 3 = 0;
"""
_CUSTOMERS = "party namegram identifier contactpoint vaultentry holding consent relation keeperterm"
_SCORES = "run partyscore tierhistory largechange maturity nearline"
BIG = {f'"customers_{name}"' for name in _CUSTOMERS.split()} | {
    f'"scores_{name}"' for name in _SCORES.split()[1:]
}
TABLES = (
    *(f"customers_{name}" for name in reversed(_CUSTOMERS.split())),
    *(f"scores_{name}" for name in reversed(_SCORES.split())),
    *("organisation_post", "organisation_unitscope", "organisation_staff", "organisation_unit"),
)


@pytest.fixture(scope="module")
def _filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A bank of 30,000 customers, written and analysed by the owner, taken away afterwards."""
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("ANALYZE")
        yield
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in TABLES))


@pytest.fixture
def person(request, _filled: None, db: None) -> Staff:
    return Staff.objects.filter(posts__role=request.param, posts__unit__parent__isnull=False).first()


def scans(plan: dict) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for below in plan.get("Plans", ()):
        yield from scans(below)


def read_whole(query: QuerySet) -> set[str]:
    """The big tables that this query reads from end to end."""
    (plan,) = json.loads(query.explain(format="json"))
    return {f'"{name}"' for name in scans(plan["Plan"])} & BIG


def someone(reach) -> Party:
    return selectors.visible_to(reach).order_by("pk").first()


PAGES = {
    "the list by AUM": lambda reach: scores.scores_within(reach)[:50],
    "the list of a tier": lambda reach: scores.scores_within(reach).filter(tier_rank=3)[:50],
    "the list of an AUM range": lambda reach: scores.scores_within(reach).filter(
        aum_fen__lt=5000, aum_fen__gt=10
    )[:50],
    "the list by name": lambda reach: selectors.within(Party.objects.all(), reach).order_by(
        "name_pinyin", "pk"
    )[:50],
    "large changes": lambda reach: scores.large_changes(reach)[:50],
    "maturities": lambda reach: scores.maturities(reach)[:50],
    "near lines": lambda reach: scores.near_lines(reach, "below")[:50],
    "a name's gram": lambda reach: selectors.within(NameGram.objects.filter(gram=RARE), reach),
    "a customer number": lambda reach: selectors.visible_to(reach).filter(customer_no="C77"),
    "an identity number": lambda _: Identifier.objects.filter(token="0" * 32),
    "a phone": lambda _: ContactPoint.objects.filter(token="0" * 32),
    "a customer": lambda reach: selectors.visible_to(reach).filter(
        uuid="00000000-0000-0000-0000-000000000000"
    ),
    "some customers": lambda reach: selectors.visible_to(reach).filter(pk__in=[5, 7, 11]),
    "holdings": lambda reach: selectors.holdings_of(reach, someone(reach)),
    "contact points": lambda reach: selectors.contact_points_of(reach, someone(reach)),
    "consents": lambda reach: selectors.consents_of(reach, someone(reach)),
    "keepers": lambda reach: selectors.keeper_terms_of(reach, someone(reach)),
    "relations": lambda reach: selectors.relations_query(someone(reach)),
    "tiers": lambda reach: scores.tiers_of(reach, someone(reach)),
    "scores": lambda reach: PartyScore.objects.filter(party=someone(reach)),
    "the vault": lambda _: selectors.VaultEntry.objects.filter(token="0" * 32),
}


ROLES = ("relationship_manager", "teller", "outlet_head", "analyst")
# The whole bank has these in no order that a screen asks for: its reports are sums, and its lists are by AUM.
OF_ONES_OWN = {"the list by name", "large changes", "maturities", "near lines"}
TURNS = [(role, page) for role in ROLES for page in PAGES if role != "analyst" or page not in OF_ONES_OWN]


@pytest.mark.parametrize(("person", "page"), TURNS, indirect=["person"])
def test_no_selector_reads_a_scoped_table_from_end_to_end(person, page) -> None:
    with acting_as(person, today=date(2026, 11, 1)) as reach:
        assert read_whole(PAGES[page](reach)) == set()


@pytest.mark.parametrize("person", ["outlet_head"], indirect=True)
def test_a_search_inside_names_would_be_noticed(person) -> None:
    with acting_as(person, today=date(2026, 11, 1)):
        assert read_whole(Party.objects.filter(name__contains="7")) == {'"customers_party"'}
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("guanxi_app",)
