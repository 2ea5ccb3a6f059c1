"""What would help a customer next, as the page says it: suitable today, in sentences, with the range of peers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import Party
from guanxi.crm.policies.selectors import known
from guanxi.crm.scores.models import PartyNeed, PeerNeed
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.selectors import need_of, peers_of
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.need import NeedPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.suitability import Offer, suitable
from guanxi.web import formats

Kind = TypeVar("Kind", bound=Policy)


@dataclass(frozen=True)
class Need:
    """One need: the family, the product to name and how it fits, why, and whether a second person must confirm."""

    family: str
    product: str
    code: str
    fit: str
    reasons: tuple[str, ...]
    confirm: bool


def needs(picture: Picture) -> dict[str, Any]:
    """What the panel is told; `needs` is empty with a hint when nothing is suitable or no run looked at it."""
    kept = need_of(picture.reach, picture.party)
    if kept is None:
        return {"needs": [], "peers": None, "expired_on": _expired_on(picture)}
    rule, looked = _policy(SuitabilityPolicy, picture.today), _policy(NeedPolicy, picture.today)
    if rule is None or looked is None:
        return {"needs": [], "peers": None, "expired_on": _expired_on(picture)}
    peers = peers_of(kept)
    shown = [
        _need(said, peers, looked.window_days)
        for said in kept.needs
        if _still_suitable(said, picture.party, picture.today, rule)
    ]
    return {"needs": shown, "peers": _peers(kept, picture), "expired_on": _expired_on(picture)}


def _expired_on(picture: Picture) -> date | None:
    """The last day of a questionnaire that has run out; None when it counts or there is none."""
    party = picture.party
    ended = party.risk_expires_on if party.risk_grade else None
    return ended if ended is not None and ended < picture.today else None


def _policy(kind: type[Kind], today: date) -> Kind | None:
    policy = known(kind.kind, today)
    return policy if isinstance(policy, kind) else None


def _still_suitable(said: Mapping[str, Any], party: Party, today: date, rule: SuitabilityPolicy) -> bool:
    """The night's answer asked again today: a questionnaire may have run out, a policy may have changed."""
    investor = party.investor(professional=said["professional"])
    grade = said["product_grade"]
    offer = Offer(said["family"], grade if grade.startswith("R") else None)
    return suitable(investor, offer, today, rule).may_be_offered


def _need(said: Mapping[str, Any], peers: Mapping[str, PeerNeed], window: int) -> Need:
    cell = peers.get(said["family"])
    return Need(
        family=str(Family(said["family"]).label),
        product=said["product_name"],
        code=said["product_code"],
        fit=_fit(said),
        reasons=(*_own_reasons(said), *_of_model(said, window), *([_of_peers(cell, window)] if cell else [])),
        confirm=said["answer"] == "confirm",
    )


def _of_peers(cell: PeerNeed, window: int) -> str:
    alike = _(
        "Of %(exposed)s customers of the same age, area and tier, %(takers)s took one in %(days)s days."
    )
    everyone = _("Of %(exposed)s customers of the bank without one, %(takers)s took one in %(days)s days.")
    told = {"exposed": formats.count(cell.exposed), "takers": formats.count(cell.takers), "days": window}
    return (everyone if cell.whole_bank else alike) % told


def _of_model(said: Mapping[str, Any], window: int) -> list[str]:
    """The model's chance, while a model of needs serves."""
    chance = said.get("chance")
    if chance is None:
        return []
    told = {"chance": formats.percent(chance), "days": window}
    return [_("The model gives %(chance)s that one is taken within %(days)s days.") % told]


def _own_reasons(said: Mapping[str, Any]) -> list[str]:
    amount = formats.money_words(said.get("own_amount_fen"), get_language() or "zh")
    if said.get("own_reason") == "maturing":
        day = formats.day(date.fromisoformat(said["own_day"]))
        return [_("%(amount)s matures from %(day)s on, not rolled over.") % {"amount": amount, "day": day}]
    if said.get("own_reason") == "idle":
        return [_("%(amount)s lie idle on demand.") % {"amount": amount}]
    return []


def _fit(said: Mapping[str, Any]) -> str:
    """适配产品(R2 ≤ 客户 C3,匹配), as bankers write it."""
    grade, customer = said["product_grade"], said["customer_grade"]
    if grade == "free":
        return _("no grade needed")
    if said.get("professional") or not customer.startswith("C"):
        return _("%(grade)s, professional investor") % {"grade": grade}
    return _("%(grade)s ≤ customer %(customer)s, fits") % {"grade": grade, "customer": customer}


def _peers(kept: PartyNeed, picture: Picture) -> dict[str, Any] | None:
    """The range of peers, and how far below its middle the customer is now; None with too few peers."""
    if kept.peer_middle_fen is None:
        return None
    aum = picture.score.aum_fen if picture.score else None
    below = None if aum is None else max(0, kept.peer_middle_fen - aum)
    return {
        "count": kept.peers,
        "low": kept.peer_low_fen,
        "middle": kept.peer_middle_fen,
        "high": kept.peer_high_fen,
        "below": below,
        "sent": kept.sent_elsewhere_fen,
    }
