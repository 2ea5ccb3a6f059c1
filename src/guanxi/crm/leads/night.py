"""The night of the leads: customers leave the pool, deals are verified, the idle go back, the old are erased.

Each is asked of the state the lead is in, so the same night again changes nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Holding, Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import numbers_of
from guanxi.crm.leads import tasks
from guanxi.crm.leads.arriving import tell_keeper
from guanxi.crm.leads.models import Kind, Lead, LeadEvent, LeadFeedback, LeadSecret
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.program import Customer, company_named, customers_of, within_the_bank
from guanxi.crm.leads.rules import OPEN, WORKED, Deed, State, after
from guanxi.crm.leads.services import to_pool
from guanxi.insight.policies.lead import LeadPolicy


@dataclass(frozen=True)
class Done:
    """How many leads the night verified, recognised, put back and erased."""

    verified: int
    recognised: int
    returned: int
    erased: int


@transaction.atomic
def work_leads(*, today: date, now: datetime) -> Done:
    """All four, in one transaction; `today` the bank's day, `now` the instant. Nothing without the policy."""
    try:
        policy = lead_policy(today)
    except KeyError:
        return Done(0, 0, 0, 0)
    with within_the_bank():
        verified, recognised = _recognise(policy, today, now)
        return Done(verified, recognised, _give_back(today, now), _erase(policy, today))


def _recognise(policy: LeadPolicy, today: date, now: datetime) -> tuple[int, int]:
    """Leads whose person is a customer by now: worked ones become deals when the holdings say so, others are known."""
    rows = list(
        Lead.objects.select_for_update(of=("self",)).select_related("unit", "owner").filter(state__in=OPEN)
    )
    known = customers_of(lead.contact_token for lead in rows)
    verified = recognised = 0
    for lead in rows:
        found = known.get(lead.contact_token)
        if found is None and lead.kind == Kind.COMPANY:
            found = company_named(lead.name)
        if found is None:
            continue
        if lead.state in WORKED and lead.owner_id:
            verified += _verify(lead, found, policy, today, now)
        elif lead.state in (State.COLLECT, State.PUBLISH):
            _end(lead, Deed.RECOGNISE, found, today, now)
            tell_keeper(lead, found, by=None, today=today)
            recognised += 1
    return verified, recognised


def _verify(lead: Lead, found: Customer, policy: LeadPolicy, today: date, now: datetime) -> bool:
    """Whether the customer's holdings make a deal (系统核实成交); money in transit counts."""
    own = Holding.objects.filter(party__in=numbers_of(Party(pk=found.party_id)))
    held = own.filter(role="holder", in_aum=True, state="open").aggregate(
        fen=Sum(F("balance_base_fen") + F("in_transit_base_fen"))
    )["fen"]
    enough = held is not None and held >= int(policy.verify_amount * 100)
    if not enough or lead.made_on + timedelta(days=policy.verify_days) < today:
        return False
    lead.sold_fen = held
    tasks.end(lead, by=None, now=now, today=today)
    _end(lead, Deed.VERIFY, found, today, now)
    return True


def _end(lead: Lead, deed: Deed, found: Customer, today: date, now: datetime) -> None:
    lead.state = after(lead.state, deed, owned=lead.owner_id is not None)
    lead.party = Party.objects.get(pk=found.party_id)
    lead.closed_on, lead.protected_until = today, None
    lead.save()
    LeadEvent.objects.create(lead=lead, deed=deed, staff=lead.owner, on=today, at=now)
    audit.record(by=None, verb=f"leads.{deed}", on=lead, sold_fen=lead.sold_fen)


def _give_back(today: date, now: datetime) -> int:
    rows = Lead.objects.select_for_update(of=("self",)).select_related("unit", "owner")
    idle = list(rows.filter(state__in=WORKED, owner__isnull=False, protected_until__lt=today).order_by("pk"))
    for lead in idle:
        to_pool(lead, Deed.LAPSE, by=None, today=today, now=now)
    return len(idle)


def _erase(policy: LeadPolicy, today: date) -> int:
    """Names, numbers and what was written of people who became no customers, when their time is over."""
    before = today - timedelta(days=policy.erase_days)
    ended = Lead.objects.select_for_update(of=("self",)).filter(closed_on__lt=before, erased_on=None)
    rows = list(ended.exclude(state__in=OPEN | {State.WON}).order_by("pk"))
    for lead in rows:
        lead.name = shown_name(lead.name, hidden=True)
        lead.contact_token, lead.contact_masked, lead.note = f"erased-{lead.pk}", "", ""
        lead.erased_on = today
        lead.save()
        audit.record(by=None, verb="leads.erased", on=lead)
    keys = [lead.pk for lead in rows]
    for table in (LeadSecret, LeadFeedback):
        table.objects.filter(lead__in=keys).delete()
    LeadEvent.objects.filter(lead__in=keys).update(note="")
    return len(rows)
