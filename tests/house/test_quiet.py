"""What nobody may tell of a customer stands in nothing that people, programs or models read (反洗钱信息保密)."""

import json
from pathlib import Path

import guanxi
from guanxi.insight.segments import FACTS
from guanxi.insight.tables import TABLES
from guanxi.insight.workbench.views import views

QUIET = {"control", "no_offers", "offers_paused"}
SOURCE = Path(guanxi.__file__).parent
# Where the flag is made, carried and asked; each answers only that nothing is offered, never why.
KNOW = {
    "insight/staging/contract.py", "insight/identity/core.party.sql", "insight/needs/score.next_need.sql",
    "insight/tables/core.py", "insight/suitability.py", "pipeline/publish/customers.py",
    "pipeline/demo/customer_files.py", "pipeline/demo/past/planning.py", "crm/customers/models.py",
    "crm/customers/migrations/0011_offers.py", "crm/campaigns/eligible.py", "crm/planning/rules.py",
    "crm/planning/services.py", "crm/compliance/gather.py", "crm/messaging/pieces.py",
}  # fmt: skip


def test_no_step_but_the_customer_and_the_next_need_reads_it() -> None:
    readers = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if path.suffix in {".py", ".sql", ".html", ".js"}
        and "/tests/" not in path.as_posix()
        and any(word in path.read_text(encoding="utf8") for word in ("offers_paused", "no_offers"))
    }
    assert readers == KNOW


def test_only_the_customer_holds_the_flag_and_no_table_its_grounds() -> None:
    own = QUIET - {"control"}  # a word that effects use of those held out
    holding = {name: own & {name for name, _kind in table.columns} for name, table in TABLES.items()}
    assert {name: found for name, found in holding.items() if found} == {
        "staged.customers": {"no_offers"},
        "core.party": {"offers_paused"},
    }


def test_neither_segments_nor_the_workbench_offer_it() -> None:
    assert not QUIET & {fact.code for fact in FACTS}
    assert not QUIET & {column.name for view in views().values() for column in view.columns}


def test_the_open_api_does_not_name_it() -> None:
    from guanxi.crm.openapi.api import document

    said = json.dumps(document("/api/"))
    assert not [word for word in QUIET - {"control"} if word in said]


def test_the_file_of_all_that_is_held_does_not_hold_it() -> None:
    from guanxi.crm.compliance.gather import _columns, _value
    from guanxi.crm.compliance.held import Numbers
    from guanxi.crm.customers.models import Party
    from guanxi.crm.planning.models import PlanningCase

    assert not QUIET & {column.name for column in _columns(Party)}
    shared = PlanningCase(shared={"name": "王", "offers_paused": True})
    column = PlanningCase._meta.get_field("shared")
    assert _value(shared, column, Numbers((), (), ()), {}) == {"name": "王"}
