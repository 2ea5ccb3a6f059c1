"""Member gets member (老带新): a treated customer brings somebody, who arrives as a lead with the referrer recorded.

A manager hands the newcomer in, or the newcomer follows the customer's own signed link. Who is a customer already, or
was brought before, does not count; by the link nobody is told which. The reward is the night's, by the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.campaigns.models import Campaign, Recipient, Referral, State
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.leads import services as leads
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.arriving import Arrival, Draft, arrive
from guanxi.crm.leads.models import Kind, Lead, Origin
from guanxi.crm.leads.program import within_the_bank, within_units
from guanxi.crm.leads.rules import State as LeadState
from guanxi.crm.organisation.rules import Reach
from guanxi.web.signed import seal, unseal

LINK = "campaigns.refer"
KIND = "referral"


@dataclass(frozen=True)
class Newcomer:
    """A name and a number in clear, for as long as this object lives, and whether the words were agreed to."""

    name: str
    contact: str
    agreed: bool

    def __repr__(self) -> str:
        """Without what is protected: a failure writes this into a log."""
        return "Newcomer()"


@dataclass(frozen=True)
class Brought:
    """How far those who were brought are: handed in, customers by now, rewarded; their money in fen."""

    brought: int
    customers: int
    rewarded: int
    fen: int


def link_of(recipient: Recipient) -> str:
    """The signed part of a customer's own link; it counts until the campaign's last day."""
    assert recipient.campaign.ends_on is not None
    return seal(LINK, recipient.pk, recipient.campaign.ends_on)


def referrer_by(token: str, today: date) -> Recipient | None:
    """Whose link this is; None for one not made here, past its day, or of a campaign that does not run."""
    told = unseal(LINK, token)
    if told is None or told.expired_on(today):
        return None
    with within_the_bank():
        rows = Recipient.objects.select_related("campaign", "party", "unit")
        return rows.filter(pk=told.number, campaign__kind=KIND, campaign__state=State.RUNNING).first()


def referrer_within(reach: Reach, campaign: Campaign, number: int) -> Recipient | None:
    """A treated customer within reach, who may bring somebody."""
    rows = within(Recipient.objects.filter(campaign=campaign, campaign__kind=KIND), reach)
    return rows.select_related("campaign", "party", "unit").filter(pk=number).first()


@transaction.atomic
def hand_in(acting: Acting, recipient: Recipient, newcomer: Newcomer) -> Referral | None:
    """By a manager: the lead is theirs to hand in. None when the newcomer does not count, see the lead's state."""
    campaign = _may_bring(recipient, newcomer, acting.today)
    lead = leads.hand_in(acting, _draft(campaign, newcomer), unit=recipient.unit)
    return _noted(recipient, lead, acting, acting.today)


@transaction.atomic
def follow(recipient: Recipient, newcomer: Newcomer, *, today: date, now: datetime) -> Referral | None:
    """By the customer's own link, where nobody is signed in: the program acts. None when it does not count."""
    campaign = _may_bring(recipient, newcomer, today)
    with within_units([recipient.unit_id]):
        how = Arrival(Origin.WEB, recipient.unit, None, today, now)
        (lead,) = arrive([_draft(campaign, newcomer)], how)
        return _noted(recipient, lead, None, today)


def brought_by(recipient: Recipient) -> list[Referral]:
    """Whom this customer has brought in the campaign, the latest first; leads that came by the link among them.

    Their leads may be out of the asker's sight: a page shows the first letter and the masked number, no more.
    """
    with within_units([recipient.unit_id]):
        rows = Referral.objects.filter(campaign=recipient.campaign_id, party=recipient.party_id)
        return list(rows.select_related("lead").order_by("-noted_on", "-pk"))


def brought_in(reach: Reach, campaign: Campaign) -> Brought:
    """The funnel of a referral campaign, by referrers within reach; one query."""
    seen = within(Recipient.objects.filter(campaign=campaign), reach).values("party")
    told = Referral.objects.filter(campaign=campaign, party__in=seen).aggregate(
        all=Count("pk"),
        customers=Count("brought"),
        rewarded=Count("rewarded_on"),
        fen=Sum("qualified_fen"),
    )
    return Brought(told["all"], told["customers"], told["rewarded"], told["fen"] or 0)


def _may_bring(recipient: Recipient, newcomer: Newcomer, today: date) -> Campaign:
    """The running campaign, the referrer held so that the limit is kept; ValidationError otherwise."""
    if not newcomer.agreed:
        raise ValidationError(_("Without the newcomer's consent we may not keep the name and number."))
    with within_units([recipient.unit_id]):
        Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
        had = Referral.objects.filter(campaign=recipient.campaign_id, party=recipient.party_id).count()
    campaign = Campaign.objects.get(pk=recipient.campaign_id)
    if campaign.kind != KIND or campaign.state != State.RUNNING:
        raise ValidationError(_("This campaign does not run at present."))
    if had >= (most := campaign_policy(today).referral_most):
        raise ValidationError(_("A customer may bring %(n)s people in a campaign.") % {"n": most})
    return campaign


def _draft(campaign: Campaign, newcomer: Newcomer) -> Draft:
    words = _("Brought by a customer: campaign “%(name)s”") % {"name": campaign.name}
    return Draft(Kind.PERSON, newcomer.name, newcomer.contact, note=words, agreed=True)


def _noted(recipient: Recipient, lead: Lead, acting: Acting | None, today: date) -> Referral | None:
    """The referral of a lead that is new; whoever is a customer (the referrer too) or stands already is none."""
    if lead.state != LeadState.COLLECT:
        return None
    made = Referral.objects.create(
        campaign_id=recipient.campaign_id, party_id=recipient.party_id, lead=lead, noted_on=today,
        noted_by=acting.by if acting else None, consent_version=campaign_policy(today).referral_consent_version,
    )  # fmt: skip
    audit.record(
        by=acting.by if acting else None, verb="campaigns.referred", on=made, party=recipient.party_id,
        consent=made.consent_version,
    )  # fmt: skip
    return made


def reward_of(campaign: Campaign) -> str:
    """What a referrer is promised."""
    return Plan.read(campaign.plan).reward


def named(party: Party) -> str:
    """A customer on a page that anybody may open: the first letter."""
    return f"{party.name[:1]}**"
