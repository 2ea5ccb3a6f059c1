"""The demo bank's messages: told once, sound texts by two people, marketing only to who had agreed; complaints hold."""

from datetime import date, timedelta

import pytest
from django.db import connections
from tests.pipeline.test_past import TODAY, people

from guanxi.crm import testing
from guanxi.crm.customers.models import Consent, ContactPoint
from guanxi.crm.foresight.models import Signal
from guanxi.crm.messaging import filling, wording
from guanxi.crm.messaging.models import ChannelAccount, Hold, Message, Notice, TemplateVersion
from guanxi.crm.messaging.notices import content_hash
from guanxi.pipeline.demo.past import information, messaging
from guanxi.pipeline.holding import hold_complaints

__all__ = ["people"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])


def hold(today):
    connections["pipeline"].ensure_connection()
    connection = connections["pipeline"].connection
    assert connection is not None
    done = hold_complaints(connection, today)
    return done.begun, done.ended


def test_messages_are_told_once_and_obey_the_rules(people) -> None:
    testing.make_policies("contact", "tier")
    testing.make_staff("analyst", people.bank)
    testing.make_staff("compliance", people.bank)
    testing.make_staff("supervisor", people.bank)
    with testing.everything():
        agreed = testing.make_party(people.outlet, keeper=people.alice)
        for party, says in ((people.customer, False), (agreed, True)):
            ContactPoint.objects.create(
                party=party, kind="mobile", token=f"t{party.pk}", masked="138****0000"
            )
            Consent.objects.create(
                party=party, purpose="marketing", channel="sms", agreed=says, given_on=date(2025, 1, 1)
            )
    assert messaging.tell(today=TODAY) > 0
    assert messaging.tell(today=TODAY) == 0
    told = list(Message.objects.using("pipeline").select_related("account"))
    sent = [one for one in told if one.purpose == "marketing" and one.submitted_at]
    assert told
    assert all(one.party_id == agreed.pk and one.consent for one in sent)
    assert not ChannelAccount.objects.using("pipeline").filter(is_on=True).exists()
    assert information.tell(today=TODAY) > 0
    assert information.tell(today=TODAY) == 0
    assert {row.content_hash == content_hash(row) for row in Notice.objects.using("pipeline")} == {True}
    versions = list(TemplateVersion.objects.using("pipeline").select_related("template"))
    assert [fault.words for version in versions for fault in wording.faults_of(version, TODAY)] == []
    assert all(version.written_by_id != version.decided_by_id for version in versions)
    with testing.everything():
        assert len(filling.texts_of(sent, today=TODAY)) == len(sent)


def test_an_open_complaint_holds_until_it_is_settled_and_some_days_more(people) -> None:
    testing.make_policies("contact")
    with testing.everything():
        said = Signal.objects.create(
            party=people.customer, signal="complaint", day=TODAY - timedelta(days=3), times=1, usual_times=1
        )
    assert (hold(TODAY), hold(TODAY)) == ((1, 0), (0, 0))
    with testing.everything():
        assert Hold.objects.get().until is None
        said.usual_times = 0
        said.save()
    assert (hold(TODAY), hold(TODAY)) == ((0, 1), (0, 0))
    with testing.everything():
        assert (Hold.objects.get().until.date() - TODAY).days in (29, 30)
