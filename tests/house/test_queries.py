"""How many queries each page costs, kept in queries.json: a page that begins to ask once a row shows here at once.

GUANXI_WRITE_QUERIES=1 writes the file anew; the change is then visible in review.
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.house.world import World

from guanxi.crm import testing
from guanxi.crm.customers.models import Holding

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
LEDGER = Path(__file__).parent / "queries.json"
PAGES = {
    "desk:home": ("relationship_manager", "outlet_head", "teller", "analyst", "administrator", "compliance"),
    "desk:overview": ("relationship_manager", "teller"),
    **dict.fromkeys(("worklist:page", "worklist:rest"), ("relationship_manager", "outlet_head")),
    "worklist:task": ("relationship_manager",),
    "desk:search": ("relationship_manager", "outlet_head"),
    "desk:customers": ("relationship_manager", "outlet_head", "analyst"),
    **dict.fromkeys(("desk:products", "desk:product"), ("relationship_manager", "outlet_head", "analyst")),
    "foresight:warnings": ("relationship_manager", "outlet_head", "analyst"),
    **dict.fromkeys(("foresight:shortness", "foresight:changes"), ("relationship_manager", "outlet_head", "analyst")),
    **dict.fromkeys(("retention:list", "retention:case"), ("relationship_manager", "outlet_head", "analyst")),
    "retention:autopsy": ("outlet_head", "analyst"),
    "retention:approvals": ("outlet_head",),
    "counter:arrival": ("teller",),
    **dict.fromkeys(("campaigns:list", "campaigns:detail"), ("relationship_manager", "outlet_head", "analyst")),
    **dict.fromkeys(("effects:catalogue", "effects:readout"), ("outlet_head", "analyst")),
    "effects:next_actions": ("relationship_manager",),
    "effects:first_offers": ("outlet_head",),
    **dict.fromkeys(("salons:list", "salons:detail", "salons:door"), ("relationship_manager", "outlet_head")),
    **dict.fromkeys(("salons:communities", "salons:community"), ("outlet_head",)),
    **dict.fromkeys(("surveys:list", "surveys:detail"), ("outlet_head", "analyst")),
    **dict.fromkeys(("visits:week", "visits:detail", "visits:new"), ("relationship_manager", "outlet_head")),
    "visits:photo_small": ("relationship_manager",),
    "customers:archive": ("relationship_manager", "teller"),
    "visits:team": ("outlet_head",),
    **dict.fromkeys(("visits:sponsors", "visits:people"), ("relationship_manager", "outlet_head")),
    "visits:follow": ("relationship_manager",),
    **dict.fromkeys(("planning:list", "planning:case"), ("relationship_manager", "planner")),
    **dict.fromkeys(
        ("care:calendar", "care:gifts", "care:news", "care:voices", "care:gift", "care:dates"),
        ("relationship_manager",),
    ),
    "interactions:promises": ("relationship_manager", "outlet_head"),
    "interactions:log": ("relationship_manager", "teller"),
    "segments:list": ("relationship_manager", "analyst"),
    "segments:new": ("relationship_manager", "analyst"),
    "segments:detail": ("relationship_manager", "analyst"),
    **dict.fromkeys(("segments:playbooks", "segments:playbook"), ("relationship_manager", "analyst")),
    **dict.fromkeys(
        (
            "performance:cockpit", "performance:morning", "performance:weeks", "performance:week",
            "performance:coaching", "performance:person", "performance:approvals",
        ),
        ("outlet_head", "supervisor"),
    ),
    "performance:mine": ("relationship_manager", "teller"),
    "reports:books": ("relationship_manager", "supervisor"),
    "reports:worth_keeping": ("supervisor",),
    "performance:records": ("relationship_manager", "outlet_head", "analyst"),
    **dict.fromkeys(("keeping:pool", "keeping:fairness", "keeping:shared"), ("outlet_head",)),
    **dict.fromkeys(
        ("keeping:handovers", "keeping:handover", "keeping:exits", "keeping:exit", "keeping:overrides"),
        ("relationship_manager", "outlet_head"),
    ),
    **dict.fromkeys(("leads:board", "leads:detail", "leads:opportunities"), ("relationship_manager", "outlet_head")),
    **dict.fromkeys(("leads:giving", "leads:lists"), ("outlet_head",)),
    **dict.fromkeys(("leads:work", "leads:panel"), ("relationship_manager",)),
    "leads:mine": ("teller",),
    **dict.fromkeys(("lab:index", "lab:simulation", "lab:named"), ("supervisor", "analyst")),
    **dict.fromkeys(
        (
            "desk:customer", "desk:rest", "desk:timeline", "customers:holdings", "customers:relations",
            "customers:contacts", "customers:credit", "scores:wealth", "scores:value", "scores:stage", "scores:changes",
            "foresight:panel",
        ),
        ("relationship_manager", "outlet_head"),
    ),
    **dict.fromkeys(("behaviour:intake", "openapi:tokens"), ("administrator",)),
    **dict.fromkeys(("behaviour:panel", "behaviour:log"), ("relationship_manager",)),
    **dict.fromkeys(("messaging:overview", "messaging:templates", "messaging:channels"), ("analyst", "compliance")),
    **dict.fromkeys(("analysis:workbench", "analysis:asked", "analysis:three_sources"), ("analyst",)),
    "messaging:replies": ("relationship_manager", "outlet_head"),
    "messaging:doubtful": ("supervisor",),
    "messaging:template": ("analyst", "compliance"),
    "messaging:message": ("relationship_manager", "outlet_head"),
    **dict.fromkeys(
        ("messaging:notices", "messaging:notice", "messaging:notice_new", "messaging:pieces", "messaging:piece"),
        ("analyst",),
    ),
    "messaging:pieces_for": ("relationship_manager",),
}  # fmt: skip
WHOLE_PAGES = (
    "analysis:workbench",
    "analysis:asked",
    "analysis:three_sources",
    "messaging:notice",
    "messaging:piece",
    "messaging:pieces_for",
    "messaging:template",
    "messaging:message",
    "messaging:overview",
    "messaging:templates",
    "messaging:channels",
    "messaging:doubtful",
    "messaging:replies",
    "messaging:notices",
    "messaging:notice_new",
    "messaging:pieces",
    "behaviour:intake",
    "behaviour:log",
    "openapi:tokens",
    "desk:overview",
    "worklist:page",
    "visits:week",
    "visits:detail",
    "visits:new",
    "visits:team",
    "visits:follow",
    "planning:list",
    "planning:case",
    "care:calendar",
    "care:gifts",
    "care:news",
    "care:voices",
    "care:gift",
    "retention:list",
    "retention:case",
    "retention:autopsy",
    "retention:approvals",
    "counter:arrival",
    "salons:list",
    "salons:detail",
    "salons:door",
    "salons:communities",
    "salons:community",
    "surveys:list",
    "surveys:detail",
    "leads:board",
    "leads:detail",
    "leads:opportunities",
    "leads:giving",
    "leads:lists",
    "leads:work",
    "leads:mine",
    "keeping:pool",
    "keeping:fairness",
    "keeping:shared",
    "keeping:handovers",
    "keeping:handover",
    "keeping:exits",
    "keeping:exit",
    "keeping:overrides",
    "performance:cockpit",
    "performance:morning",
    "performance:weeks",
    "performance:week",
    "performance:coaching",
    "performance:person",
    "performance:approvals",
    "performance:mine",
    "reports:books",
    "reports:worth_keeping",
    "performance:records",
    "interactions:promises",
    "interactions:log",
    "desk:home",
    "desk:customers",
    "desk:customer",
    "desk:products",
    "desk:product",
    "segments:list",
    "segments:new",
    "segments:detail",
    "segments:playbooks",
    "segments:playbook",
    "foresight:warnings",
    "foresight:shortness",
    "foresight:changes",
    "lab:index",
    "lab:simulation",
    "lab:named",
)
WITHOUT_OBJECT = (
    "analysis:workbench",
    "analysis:three_sources",
    "campaigns:list",
    "effects:catalogue",
    "effects:next_actions",
    "effects:first_offers",
    "messaging:overview",
    "messaging:templates",
    "messaging:channels",
    "messaging:doubtful",
    "messaging:replies",
    "messaging:notices",
    "messaging:notice_new",
    "messaging:pieces",
    "behaviour:intake",
    "openapi:tokens",
    "desk:overview",
    "worklist:page",
    "worklist:rest",
    "foresight:shortness",
    "foresight:changes",
    "visits:week",
    "visits:team",
    "visits:sponsors",
    "planning:list",
    "care:calendar",
    "care:gifts",
    "care:news",
    "care:voices",
    "retention:list",
    "retention:autopsy",
    "retention:approvals",
    "counter:arrival",
    "salons:list",
    "salons:communities",
    "surveys:list",
    "leads:board",
    "leads:opportunities",
    "leads:giving",
    "leads:lists",
    "leads:work",
    "leads:mine",
    "keeping:pool",
    "keeping:fairness",
    "keeping:shared",
    "keeping:handovers",
    "keeping:exits",
    "keeping:overrides",
    "performance:cockpit",
    "performance:morning",
    "performance:weeks",
    "performance:coaching",
    "performance:approvals",
    "performance:mine",
    "reports:books",
    "reports:worth_keeping",
    "performance:records",
    "interactions:promises",
    "desk:home",
    "desk:search",
    "desk:customers",
    "desk:products",
    "segments:list",
    "segments:playbooks",
    "segments:new",
    "foresight:warnings",
    "lab:index",
)
OBJECTS = {
    "analysis:asked": {"uuid": "@asked"},
    "desk:product": {"code": "@product_code"},
    "segments:playbook": {"code": "@playbook"},
    "messaging:template": {"code": "@template"},
    "messaging:notice": {"uuid": "@notice"},
    "messaging:piece": {"uuid": "@piece"},
    "messaging:message": {"uuid": "@message_sent"},
    "worklist:task": {"number": "@task"},
    "visits:detail": {"number": "@visit"},
    "visits:follow": {"number": "@visit_unfollowed"},
    "visits:photo_small": {"number": "@visit_done", "photo": "@visit_photo"},
    "planning:case": {"number": "@planning_case"},
    "retention:case": {"number": "@retention_case"},
    "campaigns:detail": {"uuid": "@campaign"},
    "effects:readout": {"uuid": "@campaign"},
    "leads:detail": {"uuid": "@lead"},
    "salons:detail": {"uuid": "@salon"},
    "salons:door": {"uuid": "@salon"},
    "salons:community": {"uuid": "@community"},
    "surveys:detail": {"uuid": "@survey"},
    "keeping:handover": {"number": "@handover"},
    "keeping:exit": {"number": "@exit"},
    "performance:week": {"number": "@pack"},
    "performance:person": {"number": "@worker"},
    "segments:detail": {"uuid": "@segment"},
    "lab:simulation": {"number": "@simulation"},
    "lab:named": {"number": "@simulation"},
}
CASES = [(name, role) for name, roles in PAGES.items() for role in roles]


def counted(world: World, name: str, role: str) -> int:
    """Queries of the second opening: the first fills what the process keeps."""
    told_of = {} if name in WITHOUT_OBJECT else OBJECTS.get(name, {"uuid": "@customer"})
    address = reverse(name, kwargs=world.arguments(role, told_of))
    client = testing.client_of(world.staff[role])
    send = client.post if name == "desk:search" else client.get
    told = {"q": "王"} if name == "desk:search" else {}
    headers = {} if name in WHOLE_PAGES else {"HX-Request": "true"}
    assert send(address, told, headers=headers).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert send(address, told, headers=headers).status_code == 200
    return len(asked)


@pytest.mark.parametrize(("name", "role"), CASES)
def test_a_page_costs_as_many_queries_as_the_ledger_says(world, name, role) -> None:
    found = counted(world, name, role)
    known = json.loads(LEDGER.read_text(encoding="utf8")) if LEDGER.exists() else {}
    if os.environ.get("GUANXI_WRITE_QUERIES"):
        known.setdefault(name, {})[role] = found
        LEDGER.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf8")
    assert found == known[name][role]


def test_more_customers_and_more_accounts_cost_no_more_queries(world) -> None:
    role = "outlet_head"
    pages = ("desk:home", "desk:customers", "customers:holdings", "desk:customer", "desk:rest")
    before = {name: counted(world, name, role) for name in pages}
    head, run = world.staff[role], world.customers[role].partyscore.run
    for number in range(20):
        party = testing.make_party(world.customers[role].unit, name=f"张{number}")
        testing.make_score(party, run, aum_fen=number)
    with testing.everything():
        for number in range(10):
            Holding.objects.create(
                party=world.customers[role], account_no=str(number), family="time", currency="CNY"
            )
    assert head.is_active
    assert {name: counted(world, name, role) for name in pages} == before


def test_the_ledger_names_no_page_that_is_not_measured() -> None:
    known = json.loads(LEDGER.read_text(encoding="utf8"))
    assert {(name, role) for name, roles in known.items() for role in roles} == set(CASES)
