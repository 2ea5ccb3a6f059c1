"""ops.assignment and ops.campaign as the read-out needs them: the chance each had, and the lift hoped for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.campaigns.models import Assignment, Campaign, State
from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.pipeline.registers import read_registers

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
DAY = testing.TODAY
DRAWN = DAY - timedelta(days=30)


@pytest.fixture(autouse=True)
def _night(db: None) -> Iterator[None]:  # noqa: ARG001  # transactions are open before
    """Everything is written and read as the pipeline, whose login alone sees who is held out."""
    app, night = connections["default"], connections["pipeline"]
    connections["default"], night.alias = night, "default"
    try:
        yield
    finally:
        connections["default"], night.alias = app, "pipeline"


def campaign_of(people: testing.People, *, pilot: tuple[str, ...] = ()) -> Campaign:
    return Campaign.objects.create(
        name="到期承接", owner=people.alice, unit=people.bank, content_hash="h", state=State.RUNNING,
        launched_on=DRAWN, made_at=NOON, changed_at=NOON, measure="product",
        plan={
            "holdout_share": "0.2", "managed_holdout_share": "0.1", "hoped": "0.05", "pilot_units": list(pilot),
        },
    )  # fmt: skip


def assign(campaign: Campaign, *parties: Party, cluster: str = "") -> None:
    for party in parties:
        Assignment.objects.create(
            campaign=campaign, party=party, cluster=cluster or f"customer:{party.pk}", arm="treated", wave=1,
            assigned_on=DRAWN,
        )  # fmt: skip


def read() -> tuple[dict[int, Decimal | None], list[dict]]:
    found = read_registers(connections["pipeline"].connection, DAY)
    chances = {row["party_key"]: row["control_share"] for row in found["ops.assignment"].to_pylist()}
    return chances, found["ops.campaign"].to_pylist()


def test_managed_customers_had_their_own_chance_as_of_the_day_they_were_drawn() -> None:
    people = testing.make_people()
    nobody = testing.make_party(people.outlet, name="无管户")
    lately = testing.make_party(people.outlet, keeper=people.alice, name="近日分配")
    for staff, since, until in ((people.bob, 90, DAY - timedelta(days=80)), (people.alice, 3, None)):
        KeeperTerm.objects.create(
            party=lately, staff=staff, valid_from=DAY - timedelta(days=since), valid_to=until
        )
    assign(campaign_of(people), people.customer, nobody, lately)
    chances, (told,) = read()
    assert chances == {
        people.customer.pk: Decimal("0.1"),
        nobody.pk: Decimal("0.2"),
        lately.pk: Decimal("0.2"),
    }
    assert told["hoped"] == 0.05


def test_a_group_drawn_as_one_had_one_chance_even_if_only_one_of_it_was_kept() -> None:
    people = testing.make_people()
    spouse = testing.make_party(people.outlet, name="配偶")
    assign(campaign_of(people), people.customer, spouse, cluster="household:1")
    assert set(read()[0].values()) == {Decimal("0.1")}


def test_a_pilot_draws_nobody_so_nobody_had_a_chance() -> None:
    people = testing.make_people()
    assign(campaign_of(people, pilot=("8801",)), people.customer)
    assert read()[0] == {people.customer.pk: None}
