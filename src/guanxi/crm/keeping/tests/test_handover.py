"""Hand-over: three signatures in order, frozen files, the customers and what is open about them moved at the end."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.keeping import rules
from guanxi.crm.keeping.models import HandOver, HandOverLine, HandOverState, Signature
from guanxi.crm.keeping.services import handover
from guanxi.crm.keeping.tests.bank import TODAY, Bank, make_bank, make_customer
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Post
from guanxi.crm.organisation.services import close_post
from guanxi.crm.worklist.models import Task
from guanxi.crm.worklist.services import open_task

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def bank() -> Bank:
    return make_bank()


def draw(bank: Bank, parties=None, **more) -> HandOver:
    told = {"giver": bank.ann, "taker": bank.ben, "unit": bank.outlet, "why": "balance", "note": ""} | more
    with acting_as(bank.head, today=TODAY) as reach:
        return handover.draw(by=bank.head, reach=reach, parties=parties, today=TODAY, **told)


def sign(case: HandOver, by, file_hash=None) -> HandOver:
    with acting_as(by, today=TODAY) as reach:
        return handover.sign(
            by=by, reach=reach, handover=case, file_hash=file_hash or case.file_hash, today=TODAY, now=NOON
        )


def keeper_of(party: Party) -> int | None:
    with testing.everything():
        return Party.objects.get(pk=party.pk).keeper_id


def test_customers_move_with_the_third_signature_and_not_before(bank) -> None:
    small, large = make_customer(bank, bank.ann), make_customer(bank, bank.ann, rank=4, fen=60_000_000)
    case = draw(bank)
    for by in (bank.ann, bank.ben):
        sign(case, by)
        assert keeper_of(small) == bank.ann.pk
    done = sign(case, bank.head)
    assert (done.state, done.done_on, done.watch_until) == ("done", TODAY, TODAY + timedelta(days=90))
    assert {keeper_of(small), keeper_of(large)} == {bank.ben.pk}
    with testing.everything():
        assert KeeperTerm.objects.filter(party=small, valid_to=None).get().staff == bank.ben
        tasks = Task.objects.filter(origin="handover").values_list("party_id", "assignee_id", "reason__code")
        assert set(tasks) == {
            (small.pk, bank.ben.pk, "handover_tell"),
            (large.pk, bank.ben.pk, "handover_visit"),
            (large.pk, bank.ann.pk, "handover_bring"),
        }
    assert ChangeLog.objects.filter(verb="keeping.handover_signed").count() == 3


def test_open_tasks_about_the_customer_go_to_the_taker(bank) -> None:
    party = make_customer(bank, bank.ann)
    with acting_as(bank.head, today=TODAY):
        task = open_task(
            by=bank.head, origin="manual", assignee=bank.ann, unit=bank.outlet, subject="call", due_on=TODAY,
            reason={"code": "manual", "text": "…"}, today=TODAY, party=party,
        )  # fmt: skip
    case = draw(bank)
    for by in (bank.ann, bank.ben, bank.head):
        sign(case, by)
    with testing.everything():
        assert Task.objects.get(pk=task.pk).assignee == bank.ben


def test_the_files_are_frozen_and_a_changed_one_shows(bank) -> None:
    party = make_customer(bank, bank.ann)
    case = draw(bank)
    with testing.everything():
        line = HandOverLine.objects.get(handover=case)
        assert rules.is_untouched(line.file, line.file_hash)
        assert line.file["name"] == party.name
        assert not rules.is_untouched(line.file | {"name": "…"}, line.file_hash)
    with pytest.raises(ValidationError):
        sign(case, bank.ann, file_hash="another")


def test_nobody_signs_out_of_turn_or_for_another(bank) -> None:
    make_customer(bank, bank.ann)
    case = draw(bank)
    for by in (bank.ben, bank.head, bank.supervisor):
        with pytest.raises(PermissionDenied):
            sign(case, by)
    with pytest.raises(PermissionDenied):
        sign(case, bank.far)
    sign(case, bank.ann)
    with pytest.raises(PermissionDenied):
        sign(case, bank.head)
    sign(case, bank.ben)
    with pytest.raises(PermissionDenied):
        sign(case, bank.ben)


def test_the_head_signs_for_a_giver_who_left_and_another_person_as_supervisor(bank) -> None:
    party = make_customer(bank, bank.ann)
    Post.objects.filter(staff=bank.ann).update(valid_to=TODAY)
    case = draw(bank)
    sign(case, bank.head)
    sign(case, bank.ben)
    with pytest.raises(PermissionDenied):
        sign(case, bank.head)
    sign(case, bank.supervisor)
    assert keeper_of(party) == bank.ben.pk
    with testing.everything():
        assert Signature.objects.get(handover=case, side="giver").for_giver
        assert not Task.objects.filter(assignee=bank.ann).exists()


def test_a_post_that_ends_puts_the_book_into_a_case_in_the_same_transaction(bank) -> None:
    party = make_customer(bank, bank.ann)
    admin = testing.make_staff("administrator", bank.root)
    post = Post.objects.get(staff=bank.ann)
    with acting_as(admin, today=TODAY):
        close_post(by=admin, today=TODAY, post=post, valid_to=TODAY)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with testing.everything():
        case = HandOver.objects.get(giver=bank.ann)
        assert (case.state, case.unit, case.why, case.opened_on) == ("open", bank.outlet, "post_ended", TODAY)
        assert keeper_of(party) == bank.ann.pk
    drawn = draw(bank, why="post_ended")
    assert drawn.pk == case.pk


def test_somebody_who_only_changes_posts_at_the_outlet_keeps_the_book(bank) -> None:
    make_customer(bank, bank.ann)
    Post.objects.create(staff=bank.ann, unit=bank.outlet, role="teller", valid_from=TODAY)
    Post.objects.filter(staff=bank.ann, role="relationship_manager").update(valid_to=TODAY)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with testing.everything():
        assert not HandOver.objects.exists()


def test_one_customer_is_in_one_hand_over_at_a_time_and_the_rest_of_the_book_may_go_elsewhere(bank) -> None:
    first, second = make_customer(bank, bank.ann), make_customer(bank, bank.ann)
    third = testing.make_staff("relationship_manager", bank.outlet, name="丙")
    draw(bank, parties=[first.pk])
    with pytest.raises(ValidationError):
        draw(bank, parties=[first.pk, second.pk])
    other = draw(bank, parties=[second.pk], taker=third)
    assert other.taker == third


def test_the_whole_book_is_everybody_who_is_not_on_his_way_to_somebody_already(bank) -> None:
    gone, rest = make_customer(bank, bank.ann), make_customer(bank, bank.ann)
    draw(bank, parties=[gone.pk])
    whole = draw(bank)
    with testing.everything():
        assert list(whole.lines.values_list("party_id", flat=True)) == [rest.pk]
    with pytest.raises(ValidationError):
        draw(bank)


def test_a_refused_choice_keeps_what_was_given_and_marks_who_cannot_go(client, bank) -> None:
    gone, rest = make_customer(bank, bank.ann), make_customer(bank, bank.ann)
    draw(bank, parties=[gone.pk])
    client.force_login(bank.head)
    book = {
        "giver": bank.ann.pk,
        "unit": bank.outlet.pk,
        "taker": bank.ben.pk,
        "why": "balance",
        "note": "记得",
    }
    answer = client.post(reverse("keeping:draw"), book | {"chosen": [gone.pk, rest.pk]})
    page = answer.content.decode()
    assert "其中有客户已在移交中" in page
    assert "记得" in page
    boxes = {
        int(found[1]): found[0]
        for found in re.findall(r'(<input[^>]*name="chosen" value="(\d+)"[^>]*>)', page)
    }
    assert " disabled" in boxes[gone.pk]
    assert " checked" not in boxes[gone.pk]
    assert " checked" in boxes[rest.pk]


def test_a_taker_needs_a_post_at_the_outlet_and_a_manager_draws_nothing(bank) -> None:
    make_customer(bank, bank.ann)
    with pytest.raises(ValidationError):
        draw(bank, taker=bank.far)
    with acting_as(bank.ben, today=TODAY) as reach, pytest.raises(PermissionDenied):
        handover.draw(
            by=bank.ben, reach=reach, giver=bank.ann, taker=bank.ben, unit=bank.outlet, parties=None, why="other",
            note="", today=TODAY,
        )  # fmt: skip


def test_what_one_neither_gives_nor_takes_nor_heads_is_not_there(bank) -> None:
    make_customer(bank, bank.ann)
    case = draw(bank)
    third = testing.make_staff("relationship_manager", bank.outlet, name="丙")
    for staff, sees in ((bank.ann, 1), (bank.ben, 1), (bank.head, 1), (third, 0), (bank.far, 0)):
        with acting_as(staff, today=TODAY):
            assert HandOver.objects.filter(pk=case.pk).count() == sees
            assert HandOverLine.objects.filter(handover=case).count() == sees


class States(TestCase):
    """Whatever people try in whatever order, a hand-over goes its way and its customers move once, at its end."""

    @settings(max_examples=12, deadline=None)
    @given(st.lists(st.sampled_from(["ann", "ben", "head", "supervisor", "cancel"]), max_size=8))
    def test_any_order_of_tries_keeps_the_order_of_signing(self, tries) -> None:
        bank = make_bank()
        party = make_customer(bank, bank.ann)
        case = draw(bank)
        seen = [HandOverState.DRAWN.value]
        for who in tries:
            try:
                if who == "cancel":
                    with acting_as(bank.head, today=TODAY) as reach:
                        handover.cancel(by=bank.head, reach=reach, handover=case, note="…", today=TODAY)
                else:
                    sign(case, getattr(bank, who))
            except (PermissionDenied, ValidationError):
                pass
            with testing.everything():
                state = HandOver.objects.get(pk=case.pk).state
            if state != seen[-1]:
                assert rules.may_move(rules.HANDOVER_MOVES, seen[-1], state)
                seen.append(state)
        moved = keeper_of(party) == bank.ben.pk
        assert moved == (seen[-1] == HandOverState.DONE)
        if moved:
            assert seen == ["drawn", "given", "taken", "done"]
