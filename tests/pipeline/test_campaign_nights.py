"""Day one (定期到期承接): a campaign over two nights, from the list to the call to the renewal the ledger shows."""

import csv
import shutil
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connections
from tests.pipeline.nights import ROOT

from guanxi.crm.campaigns import drawing, services
from guanxi.crm.campaigns.models import Campaign, State
from guanxi.crm.campaigns.outlook import outlook_of
from guanxi.crm.campaigns.plan import Plan, StepPlan
from guanxi.crm.interactions.services import log_contact
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff, Unit, UnitKind
from guanxi.crm.segments.services import make_segment
from guanxi.crm.testing import make_assessments, make_staff
from guanxi.crm.worklist.models import Task
from guanxi.crm.worklist.services import close_task
from guanxi.insight.segments import read_rule
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.campaigning import work_campaigns
from guanxi.pipeline.demo import generate
from guanxi.pipeline.nightly import run_nightly
from guanxi.pipeline.registers import read_registers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
ON, NEXT = date(2026, 10, 31), date(2026, 11, 1)
TODAY, NOW = NEXT, datetime(2026, 11, 1, 2, tzinfo=UTC)
TOLD = {"today": TODAY, "now": NOW}
RULE = {"all": [{"fact": "time_balance", "is": "at_least", "values": ["1000"]}]}


def ask(query: str, *parameters: object) -> list[tuple]:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def plan_of(analyst: Staff) -> Plan:
    with acting_as(analyst, today=TODAY) as reach:
        segment = make_segment(
            by=analyst,
            reach=reach,
            name="有定期",
            purpose="",
            rule=read_rule(RULE),
            shared_with=None,
            now=NOW,
        )
    return Plan(
        name="定期到期承接", metric="deposits", family="time", target=Decimal(1000000), hoped=Decimal("0.1"),
        segment=str(segment.uuid), segment_version=1, offer="到期转存礼遇",
        steps=(StepPlan("task", script="问到期资金安排"),), starts_on=str(TODAY),
        ends_on=str(TODAY + timedelta(days=30)), budget=Decimal(1000),
    )  # fmt: skip


def launched(plan: Plan, analyst: Staff, boss: Staff) -> Campaign:
    make_assessments("campaign.people")
    with acting_as(analyst, today=TODAY) as reach:
        campaign = services.draw_up(by=analyst, plan=plan, **TOLD)
        seen = outlook_of(plan, reach, campaign=campaign.pk, **TOLD)
        assert seen.problem == ""
        assert seen.eligible == seen.audience - sum(seen.dropped.values())
        version = services.submit(by=analyst, campaign=campaign, outlook=seen.payload(), **TOLD)
    with acting_as(boss, today=TODAY):
        services.approve(by=boss, campaign=campaign, content_hash=version.content_hash, **TOLD)
    assert work_campaigns(**TOLD).begun == 1
    return Campaign.objects.get(pk=campaign.pk)


def call(party: int) -> None:
    """The keeper calls, the customer wants to renew, the task is done."""
    task = (
        Task.objects.using("pipeline").select_related("party", "assignee").get(party=party, origin="campaign")
    )
    with acting_as(task.assignee, today=TODAY):
        contact = log_contact(
            by=task.assignee, party=task.party, channel="call", at=NOW, outcome="reached_interested",
            intent_family="time", intent_fen=1_000_000, client_key=uuid.uuid4(), **TOLD,
        )  # fmt: skip
        close_task(task=task, by=task.assignee, now=NOW, contact=contact, today=TODAY)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def next_extract(extracts: Path, renewing: list[str]) -> Path:
    """The extract of the next day: these customers have opened a new time deposit on it."""
    later = extracts.parent / "later"
    folder = later / NEXT.isoformat()
    shutil.copytree(extracts / ON.isoformat(), folder)
    (folder / "manifest.toml").unlink()
    timed = {row["product_code"] for row in rows_of(folder / "products.csv") if row["family"] == "time"}
    accounts, owners = rows_of(folder / "accounts.csv"), rows_of(folder / "account_parties.csv")
    model = next(row for row in accounts if row["product_code"] in timed and row["state"] == "open")
    owned = next(row for row in owners if row["account_no"] == model["account_no"])
    new = {
        "opened_on": NEXT.isoformat(),
        "started_on": NEXT.isoformat(),
        "matures_on": "2029-11-01",
        "card_no": "",
    }
    for number, customer in enumerate(renewing):
        own = {"account_no": f"RENEW{number:04d}"}
        accounts.append(model | own | new)
        owners.append(owned | own | {"customer_no": customer})
    write(folder / "accounts.csv", accounts)
    write(folder / "account_parties.csv", owners)
    return later


def test_from_the_list_to_the_call_to_a_renewal_in_the_ledger_beside_the_held_out(
    tmp_path, settings, monkeypatch
) -> None:
    # Every tenth is held out: a draw of so few may leave one alone, beside whom nothing is read out.
    monkeypatch.setattr(drawing, "bucket", lambda _key, _salt, unit: int(unit.partition(":")[2]) % 10 * 1_000)
    extracts = tmp_path / "extracts"
    generate(extracts, customers=400, months=2, seed=31, until=ON)
    bank = open_bank(ROOT / "banks" / "demo", tmp_path / "home")
    settings.GUANXI_BANK_HOME = bank.home
    run_nightly(bank, extracts, ON, now=lambda: NOW)
    top = Unit.objects.get(kind=UnitKind.LEGAL_ENTITY)
    analyst, boss = make_staff("analyst", top), make_staff("supervisor", top)
    campaign = launched(plan_of(analyst), analyst, boss)
    treated = [row[0] for row in ask("SELECT party_id FROM campaigns_recipient ORDER BY 1")]
    held = [
        row[0] for row in ask("SELECT party_id FROM campaigns_assignment WHERE arm = 'control' ORDER BY 1")
    ]
    assert treated
    assert held
    assert [
        row[0] for row in ask("SELECT party_id FROM worklist_task WHERE origin = 'campaign' ORDER BY 1")
    ] == treated

    called = treated[: len(treated) // 2]
    for party in called:
        call(party)
    renewing = [
        ask("SELECT customer_no FROM customers_party WHERE id = %s", key)[0][0] for key in (*called, held[0])
    ]
    run_nightly(bank, next_extract(extracts, renewing), NEXT, now=lambda: NOW + timedelta(days=1))

    bought = ask(
        "SELECT party_id, reached_on, bought_on FROM campaigns_recipient WHERE bought_on IS NOT NULL ORDER BY 1"
    )
    assert bought == [(party, NEXT, NEXT) for party in called]
    # against the control group: the same question asked of the ledger about both
    share = ask(
        "SELECT a.arm <> 'control', COUNT(*), COUNT(h.id) FROM campaigns_assignment AS a "
        "LEFT JOIN customers_holding AS h ON h.party_id = a.party_id AND h.family = 'time' "
        "AND h.opened_on >= a.assigned_on GROUP BY 1 ORDER BY 1"
    )
    assert share == [(False, len(held), 1), (True, len(treated), len(called))]
    # and the night of the next date reads it all
    with connections["pipeline"].cursor() as cursor:
        registers = read_registers(cursor.connection, NEXT)
    assert registers["ops.campaign"].to_pylist()[0]["campaign"] == str(campaign.uuid)
    assert registers["ops.assignment"].num_rows == len(held) + len(treated)
    # and its own look at it stands beside: everybody where the draw put them, nothing to say on the first day
    looks = ask(
        "SELECT day, n_treated, n_control, verdict FROM effects_effectreadout "
        "WHERE campaign = %s AND is_main AND dimension = ''",
        campaign.uuid,
    )
    assert looks == [(NEXT, len(treated), len(held), "unclear")]
    campaign.refresh_from_db()
    assert campaign.state == State.RUNNING
