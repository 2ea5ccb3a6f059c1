"""Read-outs in the operational store: the demo bank's looks so far, told once, and a night's look published twice."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import duckdb
import pyarrow as pa
import pytest
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.campaigns.models import Assignment, Campaign, State
from guanxi.crm.customers.models import Holding
from guanxi.crm.effects.models import EffectReadout
from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema
from guanxi.pipeline.demo.past import campaigns, effects
from guanxi.pipeline.publish.effects import publish_effects
from guanxi.pipeline.publish.source import Source

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
TODAY = testing.TODAY
LOOK = {
    "measure": "aum", "arm": "treated", "dimension": "", "subgroup": "", "is_main": True, "treated": 90, "control": 10,
    "mean_treated": 2.0, "mean_control": 1.0, "plain": 1.0, "lift": 1.0, "error": 0.5, "fixed_low": 0.0,
    "fixed_high": 2.0, "variance_kept": 0.8, "seen": 50.0, "planned": 100.0, "verdict": "unclear",
    "reason": "running", "ratio_p": 0.5, "differ_p": 1.0, "exposed": 80, "contaminated": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _night(db: None) -> Iterator[None]:  # noqa: ARG001  # transactions are open before
    """One connection for people and night: the pipeline's."""
    app, night = connections["default"], connections["pipeline"]
    connections["default"], night.alias = night, "default"
    try:
        yield
    finally:
        connections["default"], night.alias = app, "pipeline"


@pytest.fixture
def _bank(_night: None) -> None:
    """Sixty customers whose time deposits mature; every third opened another one since."""
    testing.make_policies("campaign", "effect", "suitability", "interaction", "worklist")
    people, run = testing.make_people(), testing.make_run()
    testing.make_staff("analyst", people.bank)
    testing.make_staff("supervisor", people.bank)
    for number in range(60):
        party = testing.make_party(people.outlet, keeper=people.alice, name=f"储户{number}")
        testing.make_score(party, run, aum_fen=20_000_000)
        for account, opened, matures in (
            ("old", TODAY - timedelta(days=400), TODAY + timedelta(days=10)),
            ("new", TODAY - timedelta(days=110 if number % 3 == 0 else 300), None),
        ):
            Holding.objects.create(
                party=party, account_no=f"{account}{number}", family="time", currency="CNY", opened_on=opened,
                matures_on=matures, balance_base_fen=1_000_000,
            )  # fmt: skip


@pytest.mark.usefixtures("_bank")
def test_launched_campaigns_are_looked_at_once_and_never_beyond_yesterday() -> None:
    campaigns.tell(today=TODAY)
    assert effects.tell(today=TODAY) == EffectReadout.objects.count() > 0
    assert effects.tell(today=TODAY) == 0
    ended = Campaign.objects.get(state=State.ENDED)
    assert ended.launched_on is not None
    looks = EffectReadout.objects.filter(campaign=ended.uuid).order_by("day")
    assert looks.exists()
    assert {look.day for look in looks if not ended.launched_on < look.day < TODAY} == set()
    drawn = Assignment.objects.filter(campaign=ended)
    held = drawn.filter(arm="control").count()
    last = looks.last()
    assert last is not None
    assert (last.n_control, last.n_treated) == (held, drawn.count() - held)
    # Sixty customers drawn as the plan says: too few to say anything, and no reason to doubt the draw.
    assert {(look.verdict, look.reason) for look in looks} == {("unclear", "too_few")}


@pytest.mark.usefixtures("_bank")
def test_a_look_knows_nothing_of_what_was_opened_after_it() -> None:
    campaigns.tell(today=TODAY)
    effects.tell(today=TODAY)
    ended = Campaign.objects.get(state=State.ENDED)
    shares = list(
        EffectReadout.objects.filter(campaign=ended.uuid)
        .order_by("day")
        .values_list("mean_treated", flat=True)
    )
    assert shares == sorted(shares)
    assert shares[-1] > 0


@pytest.mark.usefixtures("_bank")
def test_what_the_nights_said_of_all_campaigns_together_keeps_nobody_from_telling_of_each() -> None:
    night = night_of(TODAY - timedelta(days=2), {"campaign": str(uuid4()), "lift": 1.0, "cost": None})
    publish_effects(connections["pipeline"].connection, night)
    campaigns.tell(today=TODAY)
    assert effects.tell(today=TODAY) > 0


def night_of(day: date, *rows: dict[str, object]) -> Source:
    lake = duckdb.connect()
    told = [{**LOOK, "month": day.replace(day=1), "day": day, **row} for row in rows]
    looks = pa.Table.from_pylist(told, schema=arrow_schema(TABLES["effect.readout"]))
    lake.register("looks", looks)
    lake.execute("CREATE SCHEMA effect")
    lake.execute("CREATE TABLE effect.readout AS SELECT * FROM looks")
    lake.execute("CREATE MACRO fen(money) AS CAST(CAST(money AS DECIMAL(36,2)) * 100 AS BIGINT)")
    return cast(
        "Source",
        SimpleNamespace(engine=SimpleNamespace(connection=lake), manifest=SimpleNamespace(business_date=day)),
    )


def test_a_night_again_replaces_its_own_look_and_leaves_those_before() -> None:
    campaign = str(uuid4())
    connection = connections["pipeline"].connection
    for day, lift in ((TODAY - timedelta(days=1), 1.0), (TODAY, 2.0), (TODAY, 3.0)):
        publish_effects(connection, night_of(day, {"campaign": campaign, "lift": lift, "cost": None}))
    rows = EffectReadout.objects.order_by("day")
    assert [(row.day, row.lift) for row in rows] == [(TODAY - timedelta(days=1), 1.0), (TODAY, 3.0)]
    last = rows[1]
    assert (str(last.campaign), last.dimension, last.subgroup) == (campaign, "", "")
    assert (last.low, last.high, last.cost_fen, last.srm_p) == (None, None, 0, 0.5)
