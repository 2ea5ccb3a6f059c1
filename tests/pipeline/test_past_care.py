"""The demo bank's care: told once, no gift past a limit, suggestions answered by head office alone."""

from collections import Counter
from datetime import date

import pytest

from guanxi.crm import testing
from guanxi.crm.care import rules
from guanxi.crm.care.models import Gift, LifeEvent, Voice
from guanxi.crm.care.policy import needed
from guanxi.pipeline.demo.past import care, dates

TODAY = date(2026, 11, 1)


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
def test_the_year_of_care_is_told_once_and_keeps_every_limit() -> None:
    testing.make_policies("tier", "access", "lists", "care")
    people = testing.make_people()
    head_office = testing.make_staff("supervisor", people.bank)
    run = testing.make_run()
    for number in range(60):
        party = testing.make_party(
            people.outlet, keeper=people.alice, name=f"张{number}", customer_no=f"P{number}"
        )
        testing.make_score(party, run, tier_scheme="person", tier_rank=5, aum_fen=200_000_000)
    written = care.tell(today=TODAY)
    gifts = list(Gift.objects.using("pipeline"))
    events, voices = LifeEvent.objects.using("pipeline"), list(Voice.objects.using("pipeline"))
    assert (written, care.tell(today=TODAY)) == (len(gifts) + events.count() + len(voices), 0)
    assert (dates.tell(today=TODAY) > 0, dates.tell(today=TODAY)) == (True, 0)
    policy = needed(TODAY)
    line = policy.tier("person", "platinum")
    assert line is not None
    assert Counter(gift.state for gift in gifts)["waiting"] == 2
    given = Counter()
    for gift in gifts:
        assert policy.gift_kind(gift.kind)
        assert (gift.state == "waiting") == rules.needs_second(policy, gift.value_fen)
        given[gift.party_id] += gift.value_fen
    assert max(given.values()) <= rules.fen(line.customer_year)
    assert sum(given.values()) <= rules.fen(policy.giver_year)
    assert {voice.answered_by_id for voice in voices if voice.answered_on} == {head_office.pk}
