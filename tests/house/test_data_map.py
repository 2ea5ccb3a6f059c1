"""Every field of every table in the store has its row in the data map, and no row names one that is not there."""

import re
from pathlib import Path

from django.apps import apps

from guanxi.crm.audit.words import FILES
from guanxi.insight.data_map.catalogue import data_map
from guanxi.insight.data_map.exports import exports

ROOT = Path(__file__).parents[2]
SAID = re.compile(r'''(?:hand_out\(\s*request, |exported\(\s*by=[\w.]+, what=|taken\(request, )"([\w.]+)"''')
"""How a file that leaves is told to the trail."""


def test_every_field_of_the_store_has_one_row() -> None:
    known = data_map()
    ours = [model for model in apps.get_models() if model.__module__.startswith("guanxi.")]
    for model in ours:
        table = model._meta.label_lower
        assert table in known.tables, f"{table} has no rows in insight/data_map/store.toml"
        assert known.gaps(table, [field.name for field in model._meta.concrete_fields]) == []
    told = {table for table in known.tables if known.entry_of(table).where == "store"}
    assert told == {model._meta.label_lower for model in ours}


def test_a_table_told_as_one_kind_leads_to_no_customer() -> None:
    for model in apps.get_models():
        if model._meta.label_lower in data_map().whole:
            related = {
                field.related_model._meta.label_lower for field in model._meta.fields if field.is_relation
            }
            assert "customers.party" not in related, model._meta.label_lower


def test_every_file_that_leaves_is_declared() -> None:
    said = set()
    for path in sorted((ROOT / "src" / "guanxi" / "crm").rglob("*.py")):
        if "tests" not in path.parts:
            said |= set(SAID.findall(path.read_text(encoding="utf8")))
    assert len(said) > 15
    assert said <= set(exports())
    assert set(exports()) <= set(FILES)
