"""Salons from the plan to the call afterwards: seats, waiting list, guests, the door, who may what."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from guanxi.crm import testing
from guanxi.crm.campaigns import drawing
from guanxi.crm.customers.models import Consent
from guanxi.crm.leads.models import Lead, LeadSecret
from guanxi.crm.leads.tests.flow import give_number
from guanxi.crm.organisation.knocks import may_knock
from guanxi.crm.salons import door, guests, posting, selectors, services
from guanxi.crm.salons.models import Channel, Invitation, Salon, Source
from guanxi.crm.salons.night import end_salons
from guanxi.crm.salons.rules import Answer, State
from guanxi.crm.salons.symposium import symposiums
from guanxi.crm.salons.tests.flow import (
    BEGINS,
    ENDS,
    NUMBER,
    THE_DAY,
    TODAY,
    acts,
    customers,
    draft,
    fresh,
    guest,
    invited,
    says,
)
from guanxi.crm.worklist.models import Task
from guanxi.web.signed import seal

pytestmark = pytest.mark.django_db


def tasks(code: str) -> list[Task]:
    with testing.everything():
        return list(Task.objects.filter(reason__code=code).order_by("pk"))


def came(evening, *codes: str, at=BEGINS, by=None) -> list[door.Entry]:
    with acts(by or evening.lobby, on=THE_DAY, now=at) as acting:
        return door.let_in(acting, evening.salon, [door.Shown(code) for code in codes])


def counts(evening) -> tuple[int, int]:
    salon = Salon.objects.get(pk=evening.salon.pk)
    return salon.taken, salon.waiting


def test_an_invitation_is_a_call_on_the_keepers_list_and_inviting_twice_is_once(evening):
    party = evening.people.customer
    invited(evening, party)
    with acts(evening.people.alice) as acting:
        done = services.invite(acting, evening.salon, [party.pk], source=Source.PICKED, channel=Channel.CALL)
    assert (done.new, done.already) == (0, 1)
    (task,) = tasks("salon_invite")
    assert (task.assignee, task.party_id, task.state) == (evening.people.alice, party.pk, "open")
    assert task.due_on == THE_DAY - timedelta(days=2)


def test_who_refused_calls_is_left_out_and_a_message_needs_a_yes(evening):
    party = evening.people.customer
    with acts(evening.people.alice) as acting:
        none = services.invite(acting, evening.salon, [party.pk], source=Source.PICKED, channel=Channel.SMS)
    assert (none.new, none.refused) == (0, 1)
    with testing.everything():
        Consent.objects.create(
            party=party, purpose="marketing", channel="phone", agreed=False, given_on=TODAY
        )
    with acts(evening.people.alice) as acting:
        done = services.invite(acting, evening.salon, [party.pk], source=Source.PICKED, channel=Channel.CALL)
    assert (done.new, done.refused) == (0, 1)


def test_a_message_leaves_the_global_control_alone_and_whom_somebody_keeps_is_never_in_it(
    evening, monkeypatch
):
    testing.make_policies("effect")
    unkept = testing.make_party(evening.people.outlet, name="无人管户")
    monkeypatch.setattr(posting, "allowed", lambda keys, *_told: frozenset(keys))
    monkeypatch.setattr(posting, "post", lambda *_told: None)
    monkeypatch.setattr(drawing, "in_global_control", lambda *_told: True)
    keys = [unkept.pk, evening.people.customer.pk]
    with acts(evening.people.head) as acting:
        done = services.invite(acting, evening.salon, keys, source=Source.SEGMENT, channel=Channel.SMS)
    assert (done.new, done.refused) == (1, 1)
    with testing.everything():
        assert Invitation.objects.get().party_id == evening.people.customer.pk


def test_customers_out_of_reach_are_not_invited(evening):
    stranger = testing.make_party(evening.people.elsewhere, keeper=evening.people.charlie)
    assert invited(evening, stranger) == []


def test_seats_fill_then_people_wait_and_a_seat_given_back_goes_to_the_first_in_line(evening):
    rows = invited(evening, *customers(evening, 4))
    states = [says(one).state for one in rows]
    assert states == [State.COMING, State.COMING, State.WAITING, State.WAITING]
    assert counts(evening) == (2, 2)
    says(rows[0], Answer.DECLINE)
    assert [fresh(one).state for one in rows] == [
        State.DECLINED, State.COMING, State.COMING, State.WAITING
    ]  # fmt: skip
    assert counts(evening) == (2, 1)
    (told,) = tasks("salon_seat")
    assert told.party_id == rows[2].party_id


def test_more_seats_are_for_those_who_wait_before_anybody_else(evening):
    rows = invited(evening, *customers(evening, 4))
    for one in rows:
        says(one)
    with acts(evening.people.alice) as acting:
        services.change(acting, evening.salon, draft(evening.people, seats=3))
    assert [fresh(one).state for one in rows] == [State.COMING] * 3 + [State.WAITING]
    assert counts(evening) == (3, 1)
    assert [task.party_id for task in tasks("salon_seat")] == [rows[2].party_id]


def test_the_same_answer_twice_changes_nothing_and_closes_the_call(evening):
    (one,) = invited(evening, evening.people.customer)
    says(one)
    says(one)
    assert counts(evening) == (1, 0)
    assert [task.state for task in tasks("salon_invite")] == ["done"]


def test_a_guest_becomes_a_lead_with_an_encrypted_number_and_a_seat_in_line(evening):
    (one,) = invited(evening, evening.people.customer)
    brought = guests.bring(says(one), guest(), today=TODAY, now=evening.salon.made_at)
    with acts(evening.people.head):
        lead = Lead.objects.select_related("unit").get(pk=brought.lead_id)
        assert LeadSecret.objects.filter(lead=lead).exists()
    assert NUMBER not in f"{lead.contact_token}{lead.contact_masked}{lead.note}"
    assert (lead.state, lead.agreed, lead.unit) == ("collect", True, evening.people.outlet)
    assert (brought.state, brought.brought_by_id, brought.consent_version) == (
        State.COMING,
        one.pk,
        "2026-03",
    )
    again = guests.bring(fresh(one), guest(), today=TODAY, now=evening.salon.made_at)
    assert again.pk == brought.pk
    assert counts(evening) == (2, 0)


def test_guests_are_limited_and_nothing_is_kept_without_consent(evening):
    (one,) = invited(evening, evening.people.customer)
    with pytest.raises(ValidationError):
        guests.bring(one, guest(), today=TODAY, now=evening.salon.made_at)  # has not signed up
    one = says(one)
    with pytest.raises(ValidationError):
        guests.bring(one, guest(agreed=False), today=TODAY, now=evening.salon.made_at)
    for place in (1, 2):
        guests.bring(one, guest(f"宾客{place}", f"1391234000{place}"), today=TODAY, now=evening.salon.made_at)
    with pytest.raises(ValidationError):
        guests.bring(one, guest("第三位", "13912340003"), today=TODAY, now=evening.salon.made_at)
    with testing.everything():
        assert Lead.objects.count() == 2


def test_people_come_in_once_whether_scanned_or_typed(evening):
    (one,) = invited(evening, evening.people.customer)
    one = says(one)
    token = f"https://bank.example/salons/g/{guests.gate_token(one)}"
    assert [entry.result for entry in came(evening, token)] == [door.IN]
    at = fresh(one).came_at
    later = came(evening, one.code.lower(), token, at=BEGINS + timedelta(minutes=9))
    assert [(entry.result, entry.at) for entry in later] == [(door.AGAIN, at)] * 2
    assert fresh(one).came_at == at
    assert fresh(one).let_in_by == evening.lobby
    assert later[0].name == "王**"


@pytest.mark.parametrize(
    ("at", "result"),
    [
        (BEGINS - timedelta(minutes=61), door.SHUT),
        (BEGINS - timedelta(minutes=60), door.IN),
        (ENDS + timedelta(minutes=30), door.IN),
        (ENDS + timedelta(minutes=31), door.SHUT),
    ],
)
def test_the_door_opens_an_hour_before_and_shuts_half_an_hour_after(evening, at, result):
    (one,) = invited(evening, evening.people.customer)
    assert [entry.result for entry in came(evening, one.code, at=at)] == [result]


def test_what_was_scanned_without_a_network_counts_at_its_own_moment(evening):
    (one,) = invited(evening, evening.people.customer)
    with acts(evening.lobby, on=THE_DAY, now=ENDS + timedelta(hours=5)) as acting:
        (entry,) = door.let_in(acting, evening.salon, [door.Shown(one.code, BEGINS)])
    assert (entry.result, fresh(one).came_at) == (door.IN, BEGINS)


def test_codes_of_another_salon_and_made_up_ones_open_nothing(evening):
    (one,) = invited(evening, evening.people.customer)
    with acts(evening.people.alice) as acting:
        other = services.plan(acting, draft(evening.people, title="另一场"))
    with acts(evening.lobby, on=THE_DAY, now=BEGINS) as acting:
        told = [door.Shown(guests.gate_token(one)), door.Shown(one.code), door.Shown("22222")]
        results = [entry.result for entry in door.let_in(acting, other, told)]
    forged = guests.gate_token(one)[:-1] + ("A" if guests.gate_token(one)[-1] != "A" else "B")
    personal = guests.personal_token(one)
    assert results == [door.UNKNOWN] * 3
    assert [entry.result for entry in came(evening, forged, personal)] == [door.UNKNOWN] * 2


def test_a_customer_of_another_outlet_is_let_in_without_telling_the_lobby_more_than_a_first_name(evening):
    bank_wide = evening.people.bank
    head = testing.make_staff("supervisor", bank_wide, name="行长")
    with acts(head) as acting:
        salon = services.plan(acting, draft(evening.people, unit=bank_wide, title="全行年会"))
    stranger = testing.make_party(evening.people.elsewhere, keeper=evening.people.charlie, name="陌生人")
    with acts(evening.people.charlie) as acting:
        services.invite(acting, salon, [stranger.pk], source=Source.BOOK, channel=Channel.CALL)
    with testing.everything():
        code = Invitation.objects.get(party=stranger).code
    with acts(evening.lobby, on=THE_DAY, now=BEGINS) as acting:
        (entry,) = door.let_in(acting, salon, [door.Shown(code)])
        assert list(selectors.invitations_of(acting.reach, salon)) == []
    assert (entry.result, entry.name) == (door.IN, "陌**")


def test_after_the_end_keepers_call_who_came_and_who_did_not_is_noted(evening):
    first, second = invited(evening, *customers(evening, 2))
    says(first)
    says(second)
    came(evening, first.code)
    with acts(evening.people.alice, on=THE_DAY, now=ENDS) as acting:
        services.end(acting, evening.salon)
    (task,) = tasks("salon_came")
    assert (task.party_id, task.assignee) == (first.party_id, evening.people.alice)
    told = selectors.counts_of(evening.salon)
    assert (told.coming, told.came, told.absent) == (2, 1, 1)
    with pytest.raises(ValidationError):
        says(second, Answer.DECLINE)


def test_the_night_ends_what_nobody_ended_once(evening):
    (one,) = invited(evening, evening.people.customer)
    came(evening, says(one).code)
    assert end_salons(today=THE_DAY, now=ENDS) == 0
    after = THE_DAY + timedelta(days=1)
    assert [end_salons(today=after, now=ENDS), end_salons(today=after, now=ENDS)] == [1, 0]
    assert len(tasks("salon_came")) == 1


def test_a_salon_called_off_gives_up_its_calls_and_tells_who_signed_up(evening):
    first, second = invited(evening, *customers(evening, 2))
    says(first)
    with acts(evening.people.alice) as acting:
        services.call_off(acting, evening.salon, reason="场地维修")
    assert sorted(task.state for task in tasks("salon_invite")) == ["done", "lapsed"]
    assert [task.party_id for task in tasks("salon_off")] == [first.party_id]
    assert came(evening, second.code)[0].result == door.SHUT


def test_only_owner_and_head_change_a_salon_but_a_colleague_may_invite_the_own_book(evening):
    with acts(evening.people.bob) as acting, pytest.raises(PermissionDenied):
        services.call_off(acting, evening.salon, reason="…")
    with acts(evening.people.head) as acting:
        services.change(acting, evening.salon, draft(evening.people, seats=3))
    mine = testing.make_party(evening.people.outlet, keeper=evening.people.bob)
    (row,) = invited(evening, mine, by=evening.people.bob)
    assert row.keeper_id == evening.people.bob.pk
    with acts(evening.people.charlie) as acting, pytest.raises(PermissionDenied):
        services.invite(acting, evening.salon, [], source=Source.PICKED, channel=Channel.CALL)


def test_there_are_never_fewer_seats_than_taken(evening):
    for one in invited(evening, *customers(evening, 2)):
        says(one)
    with acts(evening.people.alice) as acting, pytest.raises(ValidationError):
        services.change(acting, evening.salon, draft(evening.people, seats=1))


def test_a_forgotten_filter_shows_the_invitations_within_reach_and_no_others(evening):
    invited(evening, evening.people.customer)
    for person, number in ((evening.people.alice, 1), (evening.people.head, 1), (evening.people.charlie, 0)):
        with acts(person):
            assert Invitation.objects.count() == number
    assert Invitation.objects.count() == 0  # nobody acts


def page(name: str, token: str) -> str:
    return reverse(f"salons:{name}", args=[token])


def test_the_personal_page_greets_without_the_whole_name_and_answers_without_signing_in(evening, settings):
    settings.GUANXI_TODAY = TODAY.isoformat()
    (one,) = invited(evening, evening.people.customer)
    phone, token = Client(), guests.personal_token(one)
    shown = phone.get(page("guest", token)).content.decode()
    assert "王**" in shown
    assert "王建国" not in shown
    assert phone.post(page("answer", token), {"said": "come"}).status_code == 302
    assert fresh(one).state == State.COMING
    assert one.code in phone.get(page("guest", token)).content.decode()
    told = {"name": "周小满", "contact": NUMBER, "agreed": "on"}
    assert phone.post(page("bring", token), told | {"agreed": ""}).status_code == 422
    assert phone.post(page("bring", token), told).status_code == 302
    with testing.everything():
        assert Invitation.objects.filter(brought_by=one).count() == 1


def test_forged_foreign_and_expired_links_open_the_same_closed_page(evening, settings):
    settings.GUANXI_TODAY = TODAY.isoformat()
    (one,) = invited(evening, evening.people.customer)
    token = guests.personal_token(one)
    wrong = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        guests.gate_token(one),
        guests.open_token(evening.salon),
        seal(guests.PERSONAL, one.pk + 1, THE_DAY),
        "0.0.AAAAAAAAAAAAAAAA",
    ]
    answers = [Client().get(page("guest", each)) for each in wrong]
    assert [answer.status_code for answer in answers] == [404] * len(wrong)
    assert all("链接无效或已过期" in answer.content.decode() for answer in answers)
    settings.GUANXI_TODAY = (THE_DAY + timedelta(days=1)).isoformat()
    assert Client().get(page("guest", token)).status_code == 404
    assert Client().post(page("answer", token), {"said": "come"}).status_code == 404
    assert fresh(one).state == State.INVITED


def test_the_open_door_takes_a_guest_with_consent_and_says_the_same_of_a_customer(evening, settings):
    settings.GUANXI_TODAY = TODAY.isoformat()
    give_number(evening.people.customer, NUMBER)
    address = page("open", guests.open_token(evening.salon))
    told = {"name": "周小满", "contact": NUMBER, "agreed": "on"}
    known = Client().post(address, told)
    stranger = Client().post(address, told | {"name": "吴小荷", "contact": "13912340009"})
    assert [known.status_code, stranger.status_code] == [302, 302]
    twice = Client().post(address, told)
    assert twice.headers["Location"] == known.headers["Location"]
    with testing.everything():
        assert Invitation.objects.filter(source=Source.OPEN).count() == 2


def test_an_open_door_is_knocked_at_so_often_a_minute_and_no_more():
    knocks = [may_knock("here", "10.0.0.1", limit=3, now=BEGINS) for _ in range(5)]
    assert knocks == [True, True, True, False, False]
    assert may_knock("here", "10.0.0.2", limit=3, now=BEGINS)
    assert may_knock("there", "10.0.0.1", limit=3, now=BEGINS)
    assert may_knock("here", "10.0.0.1", limit=3, now=BEGINS + timedelta(minutes=1))


def test_an_outlet_owes_a_symposium_until_one_is_ended_in_that_year(evening):
    people = evening.people

    def owed(on=TODAY):
        with acts(people.head, on=on) as acting:
            return [(one.unit.pk, one.held, one.colour) for one in symposiums(acting.reach, on)]

    assert owed() == [(people.outlet.pk, 0, "red")]
    with testing.everything():
        Salon.objects.filter(pk=evening.salon.pk).update(kind="symposium")
    assert owed() == [(people.outlet.pk, 0, "amber")]
    with testing.everything():
        Salon.objects.filter(pk=evening.salon.pk).update(state="ended")
    assert owed() == [(people.outlet.pk, 1, "green")]
    assert owed(TODAY.replace(year=TODAY.year + 1)) == [(people.outlet.pk, 0, "red")]
    with acts(people.alice) as acting:
        assert symposiums(acting.reach, TODAY) == []
