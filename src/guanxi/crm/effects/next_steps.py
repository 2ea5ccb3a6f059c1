"""What to do next with a customer (下一步建议): at most three offers, what is allowed first, then what is worth most.

What the night found suitable is asked again today; permission, budget and holds are the contact gate's word. A family
that a running campaign is about is left to the campaign, whoever is in it: so nobody learns who is held out of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from guanxi.crm.effects.models import FirstOffer
from guanxi.crm.interactions.selectors import contacts_of
from guanxi.crm.messaging.pictures import budget
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import PartyNeed, PeerNeed
from guanxi.crm.scores.selectors import need_of, peers_of
from guanxi.insight.effects.next_action import Action, Chosen, allowed, of_customer
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.suitability import Offer, suitable
from guanxi.web import formats

LEAST_SHOWN = Decimal("0.001")  # the smallest chance that a line with one decimal of a percent can say
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
    """One line of the panel: what to offer, why, its chance, its net value in fen, minutes, tried by chance or not.

    `family`, `amount_fen` (the customer's own money that lies ready; 0: none) and `told` (the reason of a task) are for
    whoever makes work of it.
    """

    offer: str
    product: str
    reasons: tuple[str, ...]
    chance: str
    worth_fen: int
    minutes: int
    explored: bool
    family: str
    amount_fen: int
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Ground:
    """What all choices of a day stand on: rules, costs, families that running campaigns are about, the month's draw."""

    effect: EffectPolicy
    costs: CampaignPolicy
    suitability: SuitabilityPolicy
    running: frozenset[str]
    exploration: Decimal
    today: date

    @classmethod
    def on(cls, reach: Reach, today: date) -> Ground:
        """As of this day; only before somebody who talks to customers is anything tried."""
        effect = effect_policy(today)
        families = Campaign.objects.filter(state=State.RUNNING).values_list("family", flat=True)
        rule = active(SuitabilityPolicy.kind, today)
        assert isinstance(rule, SuitabilityPolicy)
        tried = effect.exploration if reach.may(Right.LOG_CONTACTS) else Decimal(0)
        return cls(effect, campaign_policy(today), rule, frozenset(families), tried, today)

    def actions(self, need: PartyNeed, peers: Mapping[str, PeerNeed]) -> list[Action]:
        """What could be offered to this customer, each with the filters it does not pass."""
        return [_action(need.party, said, peers, self) for said in need.needs]

    def chosen(self, actions: Sequence[Action], contacts: int, *, shown: int | None = None) -> list[Chosen]:
        """The best of one customer's; `contacts` of the last days tire."""
        return of_customer(
            actions, contacts=contacts, fatigue_cost=self.effect.fatigue_cost, shown=shown or self.effect.shown,
            key=draw_key(), salt=f"{self.today:%Y-%m}", exploration=self.exploration,
        )  # fmt: skip


def panel(reach: Reach, party: Party, *, now: datetime, today: date) -> dict[str, Any]:
    """What the panel is told: `steps`, or why there are none (`why`). What stands first is kept."""
    need = need_of(reach, party)
    if need is None or not need.needs:
        return {"steps": [], "why": _("Nothing suitable was found last night.")}
    ground = Ground.on(reach, today)
    gate = budget(reach, party, now=now, today=today)
    stopped = stopped_by(gate["contact_verdict"])
    if stopped:
        why = gate["contact_why"] or _("No contact rules in force")
        return {"steps": [], "why": _("No offers now: %(why)s") % {"why": why}}
    need.party = party
    actions = ground.actions(need, peers_of(need))
    contacts = contacts_of(reach, party).filter(day__gt=today - timedelta(days=LATELY)).count()
    chosen = ground.chosen(actions, contacts)
    keep_first([(party, one) for one in chosen[:1]], today)
    why = "" if chosen else _nothing(actions)
    return {"steps": [step_of(need, one) for one in chosen], "why": why}


def stopped_by(verdict: Any) -> str:
    """The filter the contact gate's word stands for; empty when an offer may be made. Without rules nobody is asked."""
    if verdict is None:
        return "restricted"
    return "" if verdict.allowed or verdict.code in PASSING else GATE.get(verdict.code, "cooled")


def _action(party: Party, said: Mapping[str, Any], peers: Mapping[str, PeerNeed], ground: Ground) -> Action:
    stopped = set()
    if not _suits(said, party, ground):
        stopped.add("unsuitable")
    if said["family"] in ground.running:
        stopped.add("held_out")
    own = said.get("own_amount_fen")
    amount = Decimal(own) / 100 if own else ground.effect.offer_amount
    minutes = ground.costs.task_minutes
    return Action(
        party.pk, said["family"], _chance(said, peers), amount * ground.effect.offer_margin,
        ground.costs.hour_cost * minutes / 60, minutes, frozenset(stopped),
    )  # fmt: skip


def _suits(said: Mapping[str, Any], party: Party, ground: Ground) -> bool:
    """The night's answer asked again today: a questionnaire may have run out, the policy may have changed."""
    grade = said["product_grade"]
    investor = party.investor(professional=said["professional"])
    offer = Offer(said["family"], grade if grade.startswith("R") else None)
    return suitable(investor, offer, ground.today, ground.suitability).may_be_offered


def _chance(said: Mapping[str, Any], peers: Mapping[str, PeerNeed]) -> Decimal:
    """The model's chance while one serves, else how many of the peers without it took it."""
    if said.get("chance") is not None:
        return Decimal(str(said["chance"]))
    cell = peers.get(said["family"])
    return Decimal(cell.takers) / cell.exposed if cell and cell.exposed else Decimal(0)


def _said(chance: Decimal) -> str:
    """A chance as the line shows it; one that rounds to nothing is small and not none."""
    return f"<{formats.percent(LEAST_SHOWN)}" if 0 < chance < LEAST_SHOWN else formats.percent(chance)


def step_of(need: PartyNeed, one: Chosen) -> Step:
    """A choice as a line of the panel or the list."""
    said = next(said for said in need.needs if said["family"] == one.action.code)
    return Step(
        offer=str(Family(said["family"]).label),
        product=said["product_name"],
        reasons=tuple(_reasons(said)),
        chance=_said(one.action.chance),
        worth_fen=int(one.points * 100),
        minutes=one.action.minutes,
        explored=one.explored,
        family=said["family"],
        amount_fen=said.get("own_amount_fen") or 0,
        told=_told(said),
    )


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    """The reason of a task, said when it is read (crm.worklist.words)."""
    told: dict[str, Any] = {
        "code": f"offer_{said.get('own_reason') or 'alike'}",
        "product": said["product_name"],
    }
    if said.get("own_reason"):
        told["amount_fen"] = said.get("own_amount_fen")
    if said.get("own_reason") == "maturing":
        told["day_on"] = said["own_day"]
    return told


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
def keep_first(shown: Sequence[tuple[Party, Chosen]], today: date) -> None:
    """What a person sees first for a customer is kept, once a month, so that what comes of it can be learnt."""
    FirstOffer.objects.bulk_create(
        [
            FirstOffer(
                party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, month=today.replace(day=1),
                day=today, family=one.action.code, chance=one.action.chance, points=one.points,
                by_chance=one.explored,
            )
            for party, one in shown
        ],
        ignore_conflicts=True,
    )  # fmt: skip
