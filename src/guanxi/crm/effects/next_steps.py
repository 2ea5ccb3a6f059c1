"""What to do next with a customer (下一步建议): at most three offers, what is allowed first, then what is worth most.

What the night found suitable is asked again today; permission, budget and holds are the contact gate's word. A family
that a running campaign is about is left to the campaign, whoever is in it: so nobody learns who is held out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.campaigns.drawing import draw_key
from guanxi.crm.campaigns.models import Campaign, State
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import Party
from guanxi.crm.effects.models import Explored
from guanxi.crm.interactions.selectors import contacts_of
from guanxi.crm.messaging.pictures import budget
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.selectors import need_of, peers_of
from guanxi.insight.effects.next_action import Action, Chosen, allowed, of_customer
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.suitability import Investor, Offer, suitable
from guanxi.web import formats

LATELY = 30  # days back that contacts tire, as the policy's fatigue_cost is meant
# What the contact gate says, as a filter of next-best-action; what is not named is a matter of having been asked often.
GATE: Mapping[str, str] = {
    "deceased": "restricted", "stopped": "restricted", "closed": "restricted", "minor": "restricted",
    "unknown": "restricted", "suppressed": "refused", "refused": "refused", "no_consent": "refused", "topic": "refused",
    "no_profiling": "refused", "hold": "complaint",
}  # fmt: skip
PASSING = frozenset({"quiet"})  # not now, though later today


@dataclass(frozen=True)
class Step:
    """One line of the panel: what to offer, why, its chance, its net value in fen, minutes, tried by chance or not."""

    offer: str
    product: str
    reasons: tuple[str, ...]
    chance: str
    worth_fen: int
    minutes: int
    explored: bool


def panel(reach: Reach, party: Party, *, now: datetime, today: date) -> dict[str, Any]:
    """What the panel is told: `steps`, or why there are none (`why`). A choice by chance is kept."""
    kept = need_of(reach, party)
    if kept is None or not kept.needs:
        return {"steps": [], "why": _("Nothing suitable was found last night.")}
    effect, costs = effect_policy(today), campaign_policy(today)
    gate = budget(reach, party, now=now, today=today)
    verdict = gate["contact_verdict"]
    stopped = _stopped(verdict)
    if stopped:
        why = gate["contact_why"] or _("No contact rules in force")
        return {"steps": [], "why": _("No offers now: %(why)s") % {"why": why}}
    running = set(Campaign.objects.filter(state=State.RUNNING).values_list("family", flat=True))
    peers = peers_of(kept)
    actions = {
        said["family"]: (said, _action(party, said, peers, running, effect, costs, today))
        for said in kept.needs
    }
    contacts = contacts_of(reach, party).filter(day__gt=today - timedelta(days=LATELY)).count()
    salt = f"{today:%Y-%m}"
    chosen = of_customer(
        [action for _said, action in actions.values()], contacts=contacts, fatigue_cost=effect.fatigue_cost,
        shown=effect.shown, key=draw_key(), salt=salt,
        # Only before somebody who talks to customers is anything tried.
        exploration=effect.exploration if reach.may(Right.LOG_CONTACTS) else Decimal(0),
    )  # fmt: skip
    _keep(party, chosen, today)
    why = "" if chosen else _nothing([action for _said, action in actions.values()])
    return {"steps": [_step(actions[one.action.code][0], one) for one in chosen], "why": why}


def _stopped(verdict: Any) -> str:
    """The filter the contact gate's word stands for; empty when an offer may be made. Without rules nobody is asked."""
    if verdict is None:
        return "restricted"
    return "" if verdict.allowed or verdict.code in PASSING else GATE.get(verdict.code, "cooled")


def _action(
    party: Party, said: Mapping[str, Any], peers: Mapping[str, Any], running: set[str], effect: EffectPolicy,
    costs: CampaignPolicy, today: date,
) -> Action:  # fmt: skip
    stopped = set()
    if not _suits(said, party, today):
        stopped.add("unsuitable")
    if said["family"] in running:
        stopped.add("held_out")
    own = said.get("own_amount_fen")
    amount = Decimal(own) / 100 if own else effect.offer_amount
    minutes = costs.task_minutes
    return Action(
        party.pk, said["family"], _chance(said, peers), amount * effect.offer_margin,
        costs.hour_cost * minutes / 60, minutes, frozenset(stopped),
    )  # fmt: skip


def _suits(said: Mapping[str, Any], party: Party, today: date) -> bool:
    """The night's answer asked again today: a questionnaire may have run out, the policy may have changed."""
    rule = active(SuitabilityPolicy.kind, today)
    assert isinstance(rule, SuitabilityPolicy)
    grade = said["product_grade"]
    investor = Investor(party.risk_grade, party.risk_expires_on, party.birth_date, said["professional"])
    offer = Offer(said["family"], grade if grade.startswith("R") else None)
    return suitable(investor, offer, today, rule).may_be_offered


def _chance(said: Mapping[str, Any], peers: Mapping[str, Any]) -> Decimal:
    """The model's chance while one serves, else how many of the peers without it took it."""
    if said.get("chance") is not None:
        return Decimal(str(said["chance"]))
    cell = peers.get(said["family"])
    return Decimal(cell.takers) / cell.exposed if cell and cell.exposed else Decimal(0)


def _step(said: Mapping[str, Any], one: Chosen) -> Step:
    return Step(
        offer=str(Family(said["family"]).label),
        product=said["product_name"],
        reasons=tuple(_reasons(said)),
        chance=formats.percent(float(one.action.chance)),
        worth_fen=int(one.points * 100),
        minutes=one.action.minutes,
        explored=one.explored,
    )


def _reasons(said: Mapping[str, Any]) -> list[str]:
    amount = formats.money_words(said.get("own_amount_fen"), get_language() or "zh")
    if said.get("own_reason") == "maturing":
        day = formats.day(date.fromisoformat(said["own_day"]))
        return [_("%(amount)s matures from %(day)s on, not rolled over.") % {"amount": amount, "day": day}]
    if said.get("own_reason") == "idle":
        return [_("%(amount)s lie idle on demand.") % {"amount": amount}]
    return [_("Customers alike took one.")]


def _nothing(actions: list[Action]) -> str:
    """Why nothing is proposed although something was looked at."""
    kept, counted = allowed(actions)
    if kept:
        return _("No offer is worth the call today: little chance, or contacted often lately.")
    if counted["held_out"]:
        return _("What would fit is the matter of a campaign under way.")
    return _("Nothing suitable today.")


@transaction.atomic
def _keep(party: Party, chosen: list[Chosen], today: date) -> None:
    """A choice by chance is kept once a month, so that what comes of it can be learnt."""
    tried = [one for one in chosen if one.explored]
    if tried:
        Explored.objects.bulk_create(
            [
                Explored(
                    party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, month=today.replace(day=1),
                    day=today, family=one.action.code, chance=one.action.chance, points=one.points,
                )
                for one in tried
            ],
            ignore_conflicts=True,
        )  # fmt: skip
