"""Opportunities (商机): made, moved along the stages, won or lost with a reason; each with its row in the trail."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import Party
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.organisation.rules import Right

OUTCOMES = ("won", "lost")


@dataclass(frozen=True)
class Deal:
    """What an opportunity is about; `amount_fen` above zero, in the base currency."""

    title: str
    family: str
    amount_fen: int
    expected_on: date


@transaction.atomic
def open_opportunity(
    acting: Acting, deal: Deal, *, party: Party | None = None, lead: Lead | None = None
) -> Opportunity:
    """A new one at the first stage, of a customer within reach or of a lead one holds."""
    acting.need(Right.WORK_LEADS)
    if party is None and (lead is None or lead.owner_id not in {acting.by.pk, *acting.reach.staff_ids}):
        raise PermissionDenied("neither a customer nor a lead of one's own")
    if party is not None and not acting.reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied("no such customer within reach")
    _check(deal, acting.today)
    about = party or lead
    assert about is not None
    made = Opportunity.objects.create(
        party=party, lead=None if party else lead, unit_id=about.unit_id,
        keeper_id=party.keeper_id if party else None, owner=acting.by, **vars(deal),
        stage=lead_policy(acting.today).stages[0].code, stage_on=acting.today, made_on=acting.today,
    )  # fmt: skip
    audit.record(
        by=acting.by, verb="leads.opportunity_made", on=made, amount_fen=deal.amount_fen, family=deal.family
    )
    return made


@transaction.atomic
def move(acting: Acting, opportunity: Opportunity, *, stage: str) -> Opportunity:
    """To another stage of the policy, forwards or back."""
    locked = _open(acting, opportunity)
    if stage not in {one.code for one in lead_policy(acting.today).stages}:
        raise ValidationError(_("There is no such stage."))
    if locked.stage != stage:
        before, locked.stage, locked.stage_on = locked.stage, stage, acting.today
        locked.save(update_fields=["stage", "stage_on"])
        audit.record(by=acting.by, verb="leads.opportunity_moved", on=locked, before=before, stage=stage)
    return locked


@transaction.atomic
def close(acting: Acting, opportunity: Opportunity, *, outcome: str, reason: str) -> Opportunity:
    """Won or lost, with a reason of the policy's list for it."""
    locked = _open(acting, opportunity)
    policy = lead_policy(acting.today)
    reasons = {"won": policy.win_reasons, "lost": policy.loss_reasons}.get(outcome, ())
    if reason not in {one.code for one in reasons}:
        raise ValidationError(_("Choose a reason."))
    locked.outcome, locked.reason, locked.closed_on = outcome, reason, acting.today
    locked.save(update_fields=["outcome", "reason", "closed_on"])
    audit.record(by=acting.by, verb=f"leads.opportunity_{outcome}", on=locked, reason=reason)
    return locked


def _open(acting: Acting, opportunity: Opportunity) -> Opportunity:
    """The opportunity, locked: one's own or of somebody covered for; it must not have ended."""
    locked = Opportunity.objects.select_for_update(of=("self",)).get(pk=opportunity.pk)
    if locked.owner_id not in {acting.by.pk, *acting.reach.staff_ids}:
        raise PermissionDenied(f"{acting.by.staff_no} does not own {locked}")
    if locked.outcome:
        raise ValidationError(_("This opportunity has ended."))
    return locked


def _check(deal: Deal, today: date) -> None:
    if deal.family not in Family.values:
        raise ValidationError(_("Choose a product family."))
    if deal.amount_fen <= 0:
        raise ValidationError(_("Enter an amount above zero."))
    if deal.expected_on < today:
        raise ValidationError(_("The expected day cannot be before today."))
