"""Communities: whose customers they hold, counts within reach, an event's list from one, sign-up on the phone."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client
from django.urls import reverse

from guanxi.crm import testing
from guanxi.crm.leads.models import Lead
from guanxi.crm.salons import choosing, communities, guests, services
from guanxi.crm.salons.communities import CommunityDraft
from guanxi.crm.salons.models import Community, Invitation, Source
from guanxi.crm.salons.rules import Answer, State
from guanxi.crm.salons.tests.flow import NOW, TODAY, acts, customers, draft, guest, invited
from guanxi.crm.scores.tiers import tier_names

pytestmark = pytest.mark.django_db


def kept(evening, *villages, name="观前网格", by=None):
    """A community of the outlet of these villages."""
    with acts(by or evening.people.head) as acting:
        return communities.keep(acting, CommunityDraft(evening.people.outlet, name, villages))


def live_in(village, *parties):
    with testing.everything():
        for party in parties:
            type(party).objects.filter(pk=party.pk).update(village=village)


def told(staff, community):
    with acts(staff) as acting:
        made = communities.figures(acting.reach, [community], tier_names(TODAY))[community.pk]
        return made.customers, made.leads, made.events, made.ahead


def test_a_community_holds_the_customers_of_its_outlet_who_declare_its_villages_within_reach(evening):
    people = evening.people
    mine, also = customers(evening, 2)
    bobs, elsewhere, beyond = (
        testing.make_party(people.outlet, keeper=people.bob, name="鲍的客户"),
        testing.make_party(people.elsewhere, name="别处"),
        testing.make_party(people.outlet, keeper=people.alice, name="别村"),
    )
    live_in("观前社区", mine, bobs, elsewhere)
    live_in("平江社区", also)
    live_in("柳溪村", beyond)
    community = kept(evening, "观前社区", "平江社区")
    with acts(people.head) as acting:
        assert set(communities.members(acting.reach, community)) == {mine, also, bobs}
    with acts(people.alice) as acting:
        assert set(communities.members(acting.reach, community)) == {mine, also}
    assert told(people.head, community) == (3, 0, 0, 0)
    assert told(people.alice, community) == (2, 0, 0, 0)


def test_a_village_belongs_to_one_community_of_an_outlet_and_no_stranger_keeps_one(evening):
    first = kept(evening, "观前社区")
    with pytest.raises(ValidationError, match="观前网格"):
        kept(evening, "观前社区", "柳溪村", name="另一网格")
    with pytest.raises(ValidationError):
        kept(evening, "柳溪村")  # the name is taken
    with acts(evening.people.head) as acting:
        communities.keep(acting, CommunityDraft(evening.people.outlet, "观前", ("观前社区", "柳溪村")), first)
    stranger = testing.make_staff("relationship_manager", evening.people.elsewhere, name="外人")
    with pytest.raises(PermissionDenied):
        kept(evening, "平江社区", name="别家网格", by=stranger)
    with acts(stranger) as acting, pytest.raises(Http404):
        communities.community_or_404(acting.reach, first.uuid)
    with testing.everything():
        assert Community.objects.get().villages == ["柳溪村", "观前社区"]


def test_an_event_invites_its_community_and_who_signs_up_on_the_phone_is_a_lead_of_it(evening):
    people = evening.people
    mine, _other = customers(evening, 2)
    live_in("观前社区", mine)
    community = kept(evening, "观前社区")
    with acts(people.alice) as acting:
        event = services.plan(acting, draft(people, community=community, is_open=False))
        told_keys = choosing.of_community(acting.reach, event, most=10)
        assert told_keys == [mine.pk]
        with pytest.raises(ValidationError):
            choosing.of_community(acting.reach, evening.salon, most=10)
    made = guests.enrol(event, guest(), by=evening.lobby, today=TODAY, now=NOW)
    again = guests.enrol(event, guest(), by=evening.lobby, today=TODAY, now=NOW)
    assert (made.pk, made.state, made.source) == (again.pk, State.COMING, Source.PHONE)
    with pytest.raises(ValidationError):
        guests.enrol(
            event, guest("没同意", "13912340002", agreed=False), by=evening.lobby, today=TODAY, now=NOW
        )
    with testing.everything():
        assert Invitation.objects.get(pk=made.pk).invited_by == evening.lobby
        assert Lead.objects.count() == 1
    assert told(people.head, community) == (1, 1, 1, 1)


def test_what_the_invited_say_on_the_phone_is_kept_by_who_heard_it(evening, client: Client):
    (one,) = invited(evening, *customers(evening, 1))
    client.force_login(evening.people.alice)
    answer = client.post(reverse("salons:answered", args=[one.pk]), {"said": Answer.COME.value})
    assert answer.status_code == 302
    with testing.everything():
        assert Invitation.objects.get(pk=one.pk).state == State.COMING
    client.force_login(testing.make_staff("relationship_manager", evening.people.elsewhere, name="外人"))
    assert client.post(reverse("salons:answered", args=[one.pk]), {"said": "decline"}).status_code == 404


def test_the_pages_show_a_community_and_a_teller_signs_people_up_at_the_door(evening, client: Client):
    (mine,) = customers(evening, 1)
    live_in("观前社区", mine)
    community = kept(evening, "观前社区")
    client.force_login(evening.people.head)
    assert "观前网格" in client.get(reverse("salons:communities")).content.decode()
    page = client.get(reverse("salons:community", args=[community.uuid])).content.decode()
    assert mine.name in page
    form = client.post(reverse("salons:community_new"), {"unit": community.unit_id, "name": "新"})
    assert form.status_code == 422
    made = {"unit": community.unit_id, "name": "改名", "villages": ["观前社区"]}
    assert client.post(reverse("salons:community_change", args=[community.uuid]), made).status_code == 302
    client.force_login(evening.lobby)
    asked = {"name": "周小满", "contact": "13912340001", "agreed": "on"}
    answer = client.post(reverse("salons:enrol", args=[evening.salon.uuid]), asked, follow=True)
    assert answer.redirect_chain[-1][0].endswith("/door")
    with testing.everything():
        assert Invitation.objects.get().source == Source.PHONE
