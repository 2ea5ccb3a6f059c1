"""The prep sheet (拜访准备): what to know before a visit, on one page, from what is published about the customer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.holdings import arranged
from guanxi.crm.customers.models import Holding
from guanxi.crm.customers.relations import relations_in_words
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.foresight import pictures as warnings
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.interactions.policy import known_policy, language, outcome_name
from guanxi.crm.interactions.selectors import UNDONE, contacts_of, promises_of
from guanxi.crm.scores import panels
from guanxi.crm.scores.models import NearLine, PartyHistory
from guanxi.crm.scores.needs import needs
from guanxi.crm.scores.picture import Picture
from guanxi.crm.visits import rules
from guanxi.crm.visits.models import Visit
from guanxi.crm.visits.people.pictures import told_before
from guanxi.crm.visits.policy import aim_name
from guanxi.insight.policies.visit import VisitPolicy
from guanxi.web import formats

MATURING_DAYS = (30, 60, 90)  # the ladder of the requirement, not a threshold
MOST_CONTACTS = 3


@dataclass(frozen=True)
class Held:
    """All open holdings of one family: their sum in fen of the base currency, and how many."""

    family: str
    fen: int
    count: int


@dataclass(frozen=True)
class Maturing:
    """A contract that ends soon."""

    product: str
    fen: int | None
    on: date
    rolls_over: bool | None


def sheet(picture: Picture, policy: VisitPolicy, aims: Iterable[str]) -> dict[str, Any]:
    """Everything the prep sheet says, for the page and for the PDF alike."""
    reach, party, score = picture.reach, picture.party, picture.score
    contacts = list(contacts_of(reach, party)[:MOST_CONTACTS])
    owned = arranged(picture.holdings, today=picture.today).owned
    chosen = tuple(aims)
    return {
        "party": party,
        "name": shown_name(party.name, hidden=reach.hides_names),
        "score": score,
        "tier_name": picture.names.label(score.tier_scheme, score.tier_rank) if score else "",
        "as_of": picture.run.business_date if picture.run else None,
        "last": contacts[0] if contacts else None,
        "contacts": [_contact_line(one, picture.today) for one in contacts],
        "changes": _changes(picture, contacts[0].day if contacts else None),
        "held": _held(owned),
        "maturing": _maturing(owned, picture.today),
        "promises": open_promises(picture),
        "relations": relations_in_words(reach, party),
        "key_people": told_before(reach, party),
        "warning": warnings.panel(reach, party, picture.names, score.tier_scheme if score else None),
        **needs(picture),
        "talk": [(aim.label(language()), aim.say(language())) for aim in policy.aims if aim.code in chosen],
        "checks": policy.checks_for(chosen),
        "tongue": language(),
    }


def open_promises(picture: Picture) -> list[Promise]:
    """Promises to the customer not kept yet, the earliest due first."""
    rows = promises_of(picture.reach, picture.party).filter(state__in=UNDONE)
    return list(rows.order_by("due_on", "pk"))


def suggested_aims(picture: Picture, policy: VisitPolicy) -> list[str]:
    """The aims that the record speaks for."""
    score, today = picture.score, picture.today
    owned = arranged(picture.holdings, today=today).owned
    ground = rules.Ground(
        warned=bool(warnings.panel(picture.reach, picture.party, picture.names, None)["signals"]),
        matures=any((one.on - today).days <= MATURING_DAYS[0] for one in _maturing(owned, today)),
        near_line=NearLine.objects.filter(party=picture.party, side="below").exists(),
        promised=bool(open_promises(picture)),
        needs=bool(needs(picture)["needs"]),
        is_new=bool(score and score.stage == "trial"),
    )
    return rules.suggested(ground, [(aim.code, aim.suggested_by) for aim in policy.aims])


def title_of(visit: Visit, policy: VisitPolicy) -> str:
    """What a visit is for, in a few words."""
    joint = "、" if language() == "zh" else ", "
    return joint.join(aim_name(policy, code) for code in visit.aims)


def _contact_line(contact: Contact, today: date) -> dict[str, Any]:
    return {
        "day": contact.day,
        "channel": contact.get_channel_display(),
        "outcome": outcome_name(known_policy(today), contact.outcome),
        "note": contact.note,
        "by": contact.author_name,
    }


def _held(owned: Iterable[Holding]) -> list[Held]:
    """By family, the largest first; loans stand apart at the end."""
    sums: dict[str, list[int]] = {}
    for row in owned:
        sums.setdefault(row.family, []).append(row.balance_base_fen or 0)
    made = [Held(str(Family(family).label), sum(fen), len(fen)) for family, fen in sums.items()]
    loan = str(Family.LOAN.label)
    return sorted(made, key=lambda one: (one.family == loan, -one.fen))


def _maturing(owned: Iterable[Holding], today: date) -> list[Maturing]:
    last = today + timedelta(days=MATURING_DAYS[-1])
    soon = [
        row
        for row in owned
        if row.matures_on and today <= row.matures_on <= last and row.family != Family.LOAN
    ]
    soon.sort(key=lambda row: (row.matures_on or today, row.account_no))
    return [
        Maturing(
            row.product_name or str(Family(row.family).label),
            row.balance_base_fen,
            row.matures_on,
            row.rolls_over,
        )
        for row in soon
        if row.matures_on
    ]


def _changes(picture: Picture, since: date | None) -> list[str]:
    """What is different since the last contact (the months known, when there was none), in sentences."""
    said = []
    if picture.history and (moved := _aum_since(picture.history, since)) is not None:
        month, fen = moved
        told = {"month": formats.month(month), "money": formats.money_words(abs(fen), language())}
        said.append(
            (
                _("AUM rose by %(money)s since %(month)s.")
                if fen > 0
                else _("AUM fell by %(money)s since %(month)s.")
            )
            % told
        )
    said += [_turn(picture, row.tier_rank, row.valid_from, row.scheme) for row in picture.tiers
             if since is not None and row.valid_from > since]  # fmt: skip
    said += [
        _("%(what)s: %(before)s → %(now)s") % {"what": row.what, "before": row.before, "now": row.now}
        for row in (panels.changes(picture.score, picture.names) if picture.score else [])
        if row.now
    ]
    return said


def _turn(picture: Picture, rank: int | None, day: date, scheme: str) -> str:
    told = {"tier": picture.names.label(scheme, rank), "day": formats.day(day)}
    return _("%(tier)s since %(day)s.") % told


def _aum_since(history: PartyHistory, since: date | None) -> tuple[date, int] | None:
    """The month compared with and how much AUM moved; None without two months or without movement."""
    known = [
        (month, fen) for month, fen in zip(history.months, history.aum_fen, strict=True) if fen is not None
    ]
    if len(known) < 2:
        return None
    before = [pair for pair in known[:-1] if since is None or pair[0] <= since.replace(day=1)]
    month, fen = before[-1] if since is not None and before else known[max(0, len(known) - 4)]
    moved = known[-1][1] - fen
    return (month, moved) if moved and month != known[-1][0] else None
