"""The pool: proposed by the program, confirmed by the head, all or none, one keeper a customer whoever comes first."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connections, transaction

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.keeping import selectors
from guanxi.crm.keeping.models import PoolEntry
from guanxi.crm.keeping.services import pool, secondary
from guanxi.crm.keeping.tests.bank import TODAY, Bank, make_bank, make_customer, make_waiting
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> Bank:
    return make_bank()


def confirm(by, chosen) -> list[PoolEntry]:
    with acting_as(by, today=TODAY) as reach:
        return pool.confirm(by=by, reach=reach, chosen=chosen, today=TODAY)


def test_the_program_proposes_and_nothing_counts_until_the_head_confirms(bank) -> None:
    entry = make_waiting(bank, brought_by=bank.ben.pk)
    with acting_as(bank.head, today=TODAY) as reach:
        assert pool.propose(by=bank.head, reach=reach, today=TODAY) == 1
        entry.refresh_from_db()
        assert (entry.proposed, entry.reason) == (bank.ben, {"code": "brought"})
        assert Party.objects.get(pk=entry.party_id).keeper is None
    confirm(bank.head, {entry.pk: bank.ben})
    with testing.everything():
        assert Party.objects.get(pk=entry.party_id).keeper == bank.ben
        term = KeeperTerm.objects.get(party=entry.party_id)
        assert (term.staff, term.valid_from, term.reason) == (bank.ben, TODAY, "brought")
        assert PoolEntry.objects.get(pk=entry.pk).closed_how == "assigned"
    row = ChangeLog.objects.get(verb="keeping.assigned")
    assert (row.staff_no, row.details) == (
        bank.head.staff_no,
        {"keeper": bank.ben.staff_no, "as_proposed": True},
    )


def test_the_fuller_of_two_equals_is_spared(bank) -> None:
    for _ in range(3):
        make_customer(bank, bank.ann)
    entry = make_waiting(bank)
    with acting_as(bank.head, today=TODAY) as reach:
        pool.propose(by=bank.head, reach=reach, today=TODAY)
    with testing.everything():
        assert PoolEntry.objects.get(pk=entry.pk).proposed == bank.ben


def test_all_of_a_bulk_are_assigned_or_none(bank) -> None:
    first, second = make_waiting(bank), make_waiting(bank)
    with pytest.raises(ValidationError):
        confirm(bank.head, {first.pk: bank.ann, second.pk: bank.far})
    with testing.everything():
        assert not Party.objects.filter(
            pk__in=[first.party_id, second.party_id], keeper__isnull=False
        ).exists()
    assert not ChangeLog.objects.filter(verb="keeping.assigned").exists()


def test_a_manager_neither_proposes_nor_assigns_and_sees_no_pool(bank) -> None:
    entry = make_waiting(bank)
    with acting_as(bank.ann, today=TODAY) as reach:
        assert not selectors.pool(reach).exists()
        assert not PoolEntry.objects.exists()
        with pytest.raises(PermissionDenied):
            pool.propose(by=bank.ann, reach=reach, today=TODAY)
        with pytest.raises(PermissionDenied):
            pool.confirm(by=bank.ann, reach=reach, chosen={entry.pk: bank.ann}, today=TODAY)


def test_a_pool_of_another_outlet_is_not_there(bank) -> None:
    far_head = testing.make_staff("outlet_head", bank.elsewhere)
    entry = make_waiting(bank)
    with pytest.raises(ValidationError):
        confirm(far_head, {entry.pk: bank.far})


def test_the_database_knows_one_primary_keeper_and_secondaries_beside_him(bank) -> None:
    party = make_customer(bank, bank.ann)
    with testing.everything():
        KeeperTerm.objects.create(party=party, staff=bank.ben, is_primary=False, valid_from=TODAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            KeeperTerm.objects.create(party=party, staff=bank.far, is_primary=True, valid_from=TODAY)


def test_a_secondary_keeper_is_added_once_shown_with_his_days_and_ended(bank) -> None:
    party = make_customer(bank, bank.ann)
    told = {"by": bank.head, "party": party, "today": TODAY}
    with acting_as(bank.head, today=TODAY) as reach:
        term = secondary.add(reach=reach, staff=bank.ben, reason="理财", **told)
        for staff in (bank.ben, bank.ann, bank.far):
            with pytest.raises(ValidationError):
                secondary.add(reach=reach, staff=staff, reason="", **told)
        shown = [(one.staff, one.is_primary) for one in selectors.keeper_history(reach, party)]
        assert shown == [(bank.ben, False), (bank.ann, True)]
        secondary.end(reach=reach, term=term.pk, **told)
        assert KeeperTerm.objects.filter(party=party).count() == 1
    with acting_as(bank.ann, today=TODAY) as reach, pytest.raises(PermissionDenied):
        secondary.add(reach=reach, staff=bank.ben, reason="", **told | {"by": bank.ann})
    assert ChangeLog.objects.filter(verb__startswith="keeping.secondary").count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_heads_at_once_leave_one_keeper(bank) -> None:
    party, entry = make_customer(bank, bank.far), make_waiting(bank)
    other = testing.make_staff("outlet_head", bank.outlet, name="副行长")
    failed: list[Exception] = []
    gate = threading.Barrier(2)

    def assign(by, keeper) -> None:
        try:
            with acting_as(by, today=TODAY) as reach:
                gate.wait()
                assign_keeper(by=by, reach=reach, party=party, keeper=keeper, today=TODAY, reason="…")
            with acting_as(by, today=TODAY) as reach:
                pool.confirm(by=by, reach=reach, chosen={entry.pk: keeper}, today=TODAY)
        except ValidationError as refused:
            failed.append(refused)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=assign, args=told) for told in ((bank.head, bank.ann), (other, bank.ben))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with testing.everything():
        for key in (party.pk, entry.party_id):
            open_terms = KeeperTerm.objects.filter(party=key, valid_to=None, is_primary=True)
            assert [term.staff_id for term in open_terms] == [Party.objects.get(pk=key).keeper_id]
    assert len(failed) == 1  # the second finds the pool entry already dealt with
