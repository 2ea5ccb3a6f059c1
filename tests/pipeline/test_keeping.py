"""The night and keeping: who enters the pool, who is proposed to leave, what persons decided, whose keeper left.

These commit, for two logins to see each other's rows: each looks only at the customers it has made.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.keeping.models import ExitProposal, HandOver, PoolEntry, SharedKeeping, TierOverride
from guanxi.crm.keeping.policy import keeping_policy, scope_policy
from guanxi.crm.keeping.services import exits
from guanxi.crm.keeping.tests.bank import TODAY, Bank, make_bank, make_customer
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Post
from guanxi.insight.workdays import UnknownYear, add_workdays
from guanxi.pipeline.publish import keeping
from guanxi.pipeline.registers import read_registers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
DAY = date(2026, 10, 31)


@pytest.fixture
def bank() -> Bank:
    return make_bank()


def night(rows: list[dict[str, Any]], day: date = DAY) -> int:
    """One night over these rows of the scope; what a test does not name is a customer well above the line."""
    base = {
        "measure_fen": 30_000_000, "in_scope": True, "months_below": 0, "due": False, "reached": True,
        "brought_by": None, "main_outlet": None, "payroll_outlet": None,
    }  # fmt: skip
    wrapper = connections["pipeline"]
    with transaction.atomic(using="pipeline"):
        wrapper.connection.execute(keeping._STAGE)
        with wrapper.cursor() as cursor:
            marks = ", ".join(["%s"] * len(keeping.COLUMNS))
            for row in rows:
                values = [(base | row)[column] for column in keeping.COLUMNS]
                cursor.execute(f"INSERT INTO stage_scope VALUES ({marks})", values)
        return keeping.carry_out(wrapper.connection, keeping_policy(day), scope_policy(day), day)


def below(party: Party, fen: int = 12_000_000) -> dict[str, Any]:
    return {"party_id": party.pk, "measure_fen": fen, "months_below": 6, "due": True, "reached": False}


def test_who_is_newly_in_scope_without_a_keeper_waits_from_that_night_with_the_hints(bank) -> None:
    alone, kept, out = make_customer(bank, None), make_customer(bank, bank.ann), make_customer(bank, None)
    rows = [
        {"party_id": alone.pk, "brought_by": bank.ben.pk},
        {"party_id": kept.pk},
        {"party_id": out.pk, "in_scope": False},
    ]
    night(rows)
    with testing.everything():
        entry = PoolEntry.objects.get(party__in=[alone, kept, out])
        assert (entry.party_id, entry.since, entry.why) == (alone.pk, DAY, "entered")
        assert entry.due_on == add_workdays(DAY, 5)
        assert entry.hints == {"brought_by": bank.ben.pk}
    night(rows)
    with testing.everything():
        assert PoolEntry.objects.filter(party=alone).count() == 1


def test_who_got_a_keeper_or_left_the_scope_leaves_the_pool(bank) -> None:
    first, second = make_customer(bank, None), make_customer(bank, None)
    night([{"party_id": first.pk}, {"party_id": second.pk}])
    with testing.everything():
        Party.objects.filter(pk=first.pk).update(keeper=bank.ann)
    night([{"party_id": first.pk}], DAY + timedelta(days=1))
    with testing.everything():
        mine = PoolEntry.objects.filter(party__in=[first, second])
        closed = dict(mine.values_list("party_id", "closed_how"))
    assert closed == {first.pk: "assigned", second.pk: "out_of_scope"}


def test_the_rule_proposes_the_smallest_and_no_more_of_a_book_than_its_share_in_a_quarter(bank) -> None:
    parties = [make_customer(bank, bank.ann) for _ in range(40)]
    rows = [below(party, 12_000_000 - n) for n, party in enumerate(parties)]
    night(rows)
    with testing.everything():
        mine = ExitProposal.objects.filter(party__in=parties)
        proposed = set(mine.values_list("party_id", flat=True))
        assert proposed == {parties[-1].pk, parties[-2].pk}  # a twentieth of forty
        assert not Party.objects.filter(pk__in=proposed, keeper=None).exists()
    night(rows)
    night(rows, date(2026, 11, 30))
    with testing.everything():
        assert mine.count() == 2
    night(rows, date(2027, 1, 1))
    with testing.everything():
        assert mine.count() == 4


def test_no_night_lets_anybody_go_whom_no_person_decided_about(bank) -> None:
    parties = [make_customer(bank, bank.ann) for _ in range(20)]
    rows = [below(party) for party in parties]
    for days in range(0, 400, 50):
        night(rows, DAY + timedelta(days=days))
    with testing.everything():
        assert not Party.objects.filter(pk__in=[party.pk for party in parties], keeper=None).exists()
        states = ExitProposal.objects.filter(party__in=parties).values_list("state", flat=True)
        assert set(states) == {"proposed"}
        assert not SharedKeeping.objects.filter(party__in=parties).exists()


def decided(bank: Bank, party: Party) -> ExitProposal:
    night([below(party), *({"party_id": make_customer(bank, bank.ann).pk} for _ in range(19))])
    with acting_as(bank.head, today=TODAY) as reach:
        row = ExitProposal.objects.get(party=party)
        exits.decide(
            by=bank.head, reach=reach, proposals=[row.pk], leave=True, note="…", today=TODAY,
            now=datetime(2026, 11, 1, 9, tzinfo=UTC),
        )  # fmt: skip
    return row


def test_a_decision_is_carried_out_when_the_notice_has_run_and_the_outlet_keeps_together(bank) -> None:
    party = make_customer(bank, bank.ann)
    decided(bank, party)
    night([below(party)], TODAY + timedelta(days=29))
    with testing.everything():
        assert Party.objects.get(pk=party.pk).keeper == bank.ann
    day = TODAY + timedelta(days=30)
    night([below(party)], day)
    with testing.everything():
        assert Party.objects.get(pk=party.pk).keeper is None
        assert KeeperTerm.objects.get(party=party).valid_to == day
        shared = SharedKeeping.objects.get(party=party)
        assert (shared.since, shared.contact_days, shared.later_contact_days) == (day, 60, 180)
        assert not PoolEntry.objects.filter(party=party).exists()
    night([below(party)], day)
    assert ChangeLog.objects.filter(verb="keeping.exit_left", details__party=party.pk).count() == 1


def test_an_appeal_holds_the_exit_and_a_customer_back_above_the_line_stays(bank) -> None:
    appealed, recovered = make_customer(bank, bank.ann), make_customer(bank, bank.ann)
    first = decided(bank, appealed)
    with acting_as(bank.ann, today=TODAY) as reach:
        exits.appeal(by=bank.ann, reach=reach, proposal=first.pk, note="…", today=TODAY)
    with testing.everything():
        second = ExitProposal.objects.create(
            party=recovered, unit=bank.outlet, keeper=bank.ann, book=bank.ann, proposed_on=DAY, months_below=6,
            state="noticed", leaves_on=TODAY, decided_by=bank.head, decided_on=DAY, decision_note="…",
            decided_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
        )  # fmt: skip
    night([below(appealed), {"party_id": recovered.pk}], TODAY + timedelta(days=60))
    with testing.everything():
        states = dict(ExitProposal.objects.values_list("pk", "state"))
        assert (states[first.pk], states[second.pk]) == ("appealed", "kept")
        assert not Party.objects.filter(pk__in=[appealed.pk, recovered.pk], keeper=None).exists()


def test_who_is_back_above_the_line_returns_from_shared_keeping_to_the_pool(bank) -> None:
    party = make_customer(bank, None)
    with testing.everything():
        SharedKeeping.objects.create(
            party=party,
            unit=party.unit,
            since=DAY,
            contact_days=60,
            later_contact_days=180,
            steps_down_on=DAY,
        )
    night([{"party_id": party.pk, "reached": False}], DAY + timedelta(days=1))
    with testing.everything():
        assert not PoolEntry.objects.filter(party=party).exists()
    night([{"party_id": party.pk}], DAY + timedelta(days=2))
    with testing.everything():
        assert SharedKeeping.objects.get(party=party).ended_how == "re_entry"
        assert PoolEntry.objects.get(party=party).why == "re_entry"


def test_a_book_without_its_keeper_stands_in_a_case_and_never_with_nobody(bank) -> None:
    party = make_customer(bank, bank.ann)
    bank.ann.is_active = False
    bank.ann.save(update_fields=["is_active"])
    night([{"party_id": party.pk}])
    night([{"party_id": party.pk}])
    with testing.everything():
        assert HandOver.objects.get(giver=bank.ann).state == "open"
        assert Party.objects.get(pk=party.pk).keeper == bank.ann


def test_the_bank_s_file_that_ends_a_post_opens_the_case_too(bank) -> None:
    make_customer(bank, bank.ann)
    with transaction.atomic(using="pipeline"):
        Post.objects.using("pipeline").filter(staff=bank.ann).update(valid_to=TODAY)
    with testing.everything():
        assert HandOver.objects.get(giver=bank.ann).state == "open"


def test_the_register_has_the_approved_days_and_no_others(bank) -> None:
    told = {
        "scheme": "person", "tier_rank": 5, "reason": "…", "valid_from": TODAY, "valid_to": TODAY,
        "proposed_by": bank.ann, "proposed_at": datetime(2026, 11, 1, 9, tzinfo=UTC), "decided_by": bank.head,
    }  # fmt: skip
    with testing.everything():
        for state, last in (("approved", TODAY), ("refused", TODAY), ("ended", TODAY - timedelta(days=1))):
            party = make_customer(bank, bank.ann)
            TierOverride.objects.create(
                **told | {"valid_to": last}, party=party, unit=party.unit, keeper=bank.ann, state=state
            )
    connections["pipeline"].ensure_connection()
    rows = read_registers(connections["pipeline"].connection, DAY)["ops.tier_override"].to_pylist()
    mine = [row for row in rows if row["proposed_by"] == bank.ann.staff_no]
    assert [(row["tier_rank"], row["decided_by"]) for row in mine] == [(5, bank.head.staff_no)]


def test_a_year_without_holidays_gives_more_days_and_no_failed_night(monkeypatch) -> None:
    def unknown(*_told: object) -> date:
        raise UnknownYear("2030")

    monkeypatch.setattr(keeping, "add_workdays", unknown)
    assert keeping.pool_due(DAY, 5) == DAY + timedelta(days=10)
