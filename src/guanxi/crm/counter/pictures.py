"""What the page of a reception is told: who, how to receive them, what is left, one prompt, one missing entry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from guanxi.crm.counter import consents, words
from guanxi.crm.counter.entitlements import standings
from guanxi.crm.counter.forms import ConsentForm, EventForm, FactForm, ReferralForm
from guanxi.crm.counter.models import CounterEvent, EntitlementUse, Reception
from guanxi.crm.counter.prompts import Asked, missing_fact, open_complaint
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.retention.policy import retention_policy
from guanxi.crm.scores.selectors import score_of, tiers_held_by
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.policies.counter import CounterPolicy


@dataclass(frozen=True)
class Found:
    """A customer that a number found: enough to ask which of several it is."""

    party: Party
    name: str
    tier: str
    rank: int | None


def found(reach: Reach, parties: Iterable[Party], today: Any) -> list[Found]:
    """Customers with their tiers; two queries for all."""
    listed = list(parties)
    held, names = tiers_held_by(reach, listed), tier_names(today)
    return [
        Found(party, shown_name(party.name, hidden=reach.hides_names), names.label(*tier), tier[1])
        for party in listed
        for tier in [held.get(party.pk, (None, None))]
    ]


def page(reception: Reception, reach: Reach, policy: CounterPolicy, now: datetime) -> dict[str, Any]:
    """All a reception's page shows. No balance: the screen stands where others read it."""
    party, today = reception.party, reception.day
    asked = Asked(reach, party, today, policy)
    missing = missing_fact(asked)
    return {
        "reception": reception,
        "party": party,
        "name": shown_name(party.name, hidden=reach.hides_names),
        "address": address_as(party),
        **_tier(reach, party, today, policy),
        "entitlements": standings(reach, party, today, policy),
        "used_just_now": _undoable(reception),
        "use_key": uuid4(),
        "prompt_kind": words.KINDS.get(reception.kind, ""),
        "prompt": words.prompt_sentence(reception),
        "complaint": open_complaint(party),
        "events": _events(reception, policy),
        "event_form": EventForm(policy=retention_policy(today), initial={"number": uuid4()}),
        "referral_form": ReferralForm(),
        "missing": missing,
        "missing_label": words.FACTS.get(missing or "", ""),
        "fact_form": FactForm() if missing else None,
        "consents": consents.asked(party, policy, today=today, at=now),
        "consent_states": words.CONSENT_STATES,
        "consent_form": ConsentForm(policy=policy) if policy.consent_words else None,
        "said": words.said,
    }


def address_as(party: Party) -> str:
    """How to speak to the customer: 王先生, and a firm by its name."""
    if party.kind != "person" or not party.sex or not party.name:
        return party.name
    told = {"name": party.name[:1]}
    return _("Mr %(name)s") % told if party.sex == "male" else _("Ms %(name)s") % told


def _tier(reach: Reach, party: Party, today: Any, policy: CounterPolicy) -> dict[str, Any]:
    score, names = score_of(reach, party), tier_names(today)
    scheme, rank = (score.tier_scheme, score.tier_rank) if score else (None, None)
    band = names.band(scheme, rank)
    return {
        "tier": names.label(scheme, rank),
        "rank": rank,
        "courtesy": words.said(policy.courtesy(scheme, band.code if band else None)),
    }


def _undoable(reception: Reception) -> EntitlementUse | None:
    """The last use of this person for this customer today, while it stands: a tap by mistake is taken back."""
    rows = EntitlementUse.objects.filter(
        book__party=reception.party, staff_id=reception.staff_id, at__gte=reception.at, taken_back_at=None
    )
    return rows.select_related("book").order_by("-pk").first()


def _events(reception: Reception, policy: CounterPolicy) -> list[tuple[str, str]]:
    """What the customer asked for today, with what to say."""
    rows = CounterEvent.objects.filter(party=reception.party, day=reception.day).order_by("-pk")
    return [(row.get_kind_display(), words.said(policy.event_rule(row.kind))) for row in rows]
