"""Every field of every table in the store has its row in the data map, and no row names one that is not there."""

from django.apps import apps

from guanxi.insight.data_map.catalogue import data_map


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
