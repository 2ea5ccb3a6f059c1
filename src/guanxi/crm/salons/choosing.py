"""Whom one may invite at once: one's own book, a segment one may use, a campaign's treated customers, numbers typed."""

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.crm.campaigns import selectors as campaigns
from guanxi.crm.customers.models import PartyState
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.salons.communities import members
from guanxi.crm.salons.models import Salon, Source
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments.counting import facts_for
from guanxi.crm.segments.listing import SORTS, USUAL_SORT
from guanxi.crm.segments.models import Segment
from guanxi.crm.segments.selectors import segment_or_404, segments_for
from guanxi.crm.segments.standing import meaning_of

_NUMBERS = re.compile(r"[\s,;，；、]+")


def segments(reach: Reach) -> list[tuple[str, str]]:
    """Segments to choose from, by name."""
    return [(str(one.uuid), one.name) for one in segments_for(reach)]


def book(reach: Reach, *, rank: int, most: int) -> list[int]:
    """Customers one keeps oneself from a tier on, the wealthiest first."""
    rows = PartyScore.objects.filter(keeper=reach.staff_id, tier_rank__gte=rank)
    return list(rows.order_by("-aum_fen", "party").values_list("party_id", flat=True)[:most])


def numbers(reach: Reach, typed: str) -> list[int]:
    """Customers within reach with these customer numbers; ValidationError names those that are not there."""
    told = list(dict.fromkeys(part for part in _NUMBERS.split(typed.strip()) if part))
    found = dict(
        visible_to(reach)
        .filter(customer_no__in=told, state=PartyState.ACTIVE)
        .values_list("customer_no", "pk")
    )
    missing = [number for number in told if number not in found]
    if missing:
        raise ValidationError(
            _("Not among your customers: %(numbers)s") % {"numbers": ", ".join(missing[:5])}
        )
    return [found[number] for number in told]


def of_segment(reach: Reach, segment: Segment, today: date, *, most: int) -> list[int]:
    """A segment's customers within reach, the wealthiest first."""
    facts = facts_for(reach)
    if facts is None:
        raise ValidationError(_("No run has left figures to count the segment in."))
    subject = meaning_of(segment, facts, tier_names(today)).subject(facts)
    if subject is None:
        raise ValidationError(_("This segment cannot be read any more."))
    found = facts.keys(subject, SORTS[USUAL_SORT], after=None, backwards=False, size=most)
    return [party for _value, party in found]


def of_campaign(reach: Reach, salon: Salon) -> list[int]:
    """The treated customers of the salon's campaign: who is held out is not there to be chosen."""
    if salon.campaign is None:
        raise ValidationError(_("This salon belongs to no campaign."))
    campaign = campaigns.campaign_or_404(reach, salon.campaign)
    return list(campaigns.recipients(reach, campaign).values_list("party_id", flat=True))


def of_community(reach: Reach, salon: Salon, *, most: int) -> list[int]:
    """The customers of the salon's community within reach, the wealthiest first."""
    if salon.community is None:
        raise ValidationError(_("This salon is for no community."))
    rows = members(reach, salon.community).order_by(F("partyscore__aum_fen").desc(nulls_last=True), "pk")
    return list(rows.values_list("pk", flat=True)[:most])


def chosen(reach: Reach, salon: Salon, told: dict[str, object], today: date, *, most: int) -> Sequence[int]:
    """The customers a form asked for."""
    source = Source(str(told["source"]))
    if source is Source.CAMPAIGN:
        return of_campaign(reach, salon)
    if source is Source.COMMUNITY:
        return of_community(reach, salon, most=most)
    if source is Source.SEGMENT:
        return of_segment(reach, segment_or_404(reach, UUID(str(told["segment"]))), today, most=most)
    if source is Source.BOOK:
        return book(reach, rank=int(str(told["rank"] or 0)), most=most)
    return numbers(reach, str(told["numbers"]))
