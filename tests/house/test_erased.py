"""Erasing leaves no row of a customer in any table of any room, and no key that points at a row that is gone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Q
from tests.house.world import make_world

from guanxi.crm import testing
from guanxi.crm.compliance.held import how_found, numbers_named
from guanxi.crm.compliance.restrictions import erasing
from guanxi.crm.compliance.restrictions.gone import EMPTIED, STAYS, lookups
from guanxi.crm.compliance.restrictions.models import Erasure, Restricted, Restriction
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.customers.models import Party
from guanxi.crm.scores.tests.test_row_security import fill_details

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"]),
    pytest.mark.pages,
]
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
ON = date(2026, 10, 31)
USING = "pipeline"


def approved(party: Party) -> Erasure:
    two = [testing.make_staff("compliance", testing.make_unit("总行合规")) for _ in range(2)]
    with whole_store(two[0]):
        made = Restriction.objects.create(
            party_id=party.pk, customer_no=party.customer_no, reason="x", state="in_force", asked_by=two[0],
            asked_at=NOON, decided_by=two[1], decided_at=NOON, since=ON, kept_until=ON - timedelta(days=1),
        )  # fmt: skip
        Restricted.objects.create(party_id=party.pk, restriction=made)
        return Erasure.objects.create(
            restriction=made,
            state="approved",
            asked_by=two[0],
            asked_at=NOON,
            decided_by=two[1],
            decided_at=NOON,
        )


def counted(party: Party) -> dict[str, int]:
    """Rows about a customer by table that erasing empties."""
    found = {}
    for label, told in lookups().items():
        rows = apps.get_model(label).objects.using(USING)
        wanted = Q()
        for lookup in told:
            wanted |= Q(**{f"{lookup}__in": [party.pk]})
        found[label] = rows.filter(wanted).count()
    return {label: count for label, count in found.items() if count}


def staying(party: Party) -> dict[str, int]:
    """Rows about a customer in tables that say why they stay."""
    named = numbers_named(party, using=USING)
    found = {label: how_found(label, named) for label in STAYS}
    return {
        label: apps.get_model(label).objects.using(USING).filter(told).count()
        for label, told in found.items()
        if told is not None
    }


def test_nothing_of_a_customer_of_any_room_is_left_and_others_lose_nothing() -> None:
    world = make_world()
    mine, other = world.customers["relationship_manager"], world.customers["outlet_head"]
    detailed = testing.make_party(mine.unit, keeper=mine.keeper)
    fill_details(detailed, mine.keeper)
    before = [counted(party) for party in (mine, detailed)]
    assert len(before[0] | before[1]) > 40, sorted(before[0] | before[1])
    others = counted(other)
    assert others
    for party in (mine, detailed):
        approved(party)
    stays = [staying(party) for party in (mine, detailed)]
    waiting = erasing.approved()
    for (one, named), party, held in zip(waiting, (mine, detailed), before, strict=True):
        gone = erasing.erase(one, named, (), ON)
        assert {label: count for label, count in gone.items() if label != "customers.VaultEntry"} == held
        assert counted(party) == {}
        left = Party.objects.using(USING).get(pk=party.pk)
        assert {name: getattr(left, name) for name in EMPTIED} == EMPTIED
    assert counted(other) == others
    assert [staying(party) for party in (mine, detailed)] == stays
    assert erasing.approved() == []


def test_no_table_that_stays_points_at_one_that_goes() -> None:
    going = {apps.get_model(label) for label in lookups()}
    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model not in going
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model in going
    }
    assert pointing == set()
