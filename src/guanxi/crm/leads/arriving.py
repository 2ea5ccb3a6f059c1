"""How a lead arrives: its number protected at once, compared with customers and with open leads, then written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers import protected
from guanxi.crm.customers.models import Party
from guanxi.crm.leads.models import Kind, Lead, LeadEvent, LeadList, LeadSecret, LeadSource
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.program import Customer, company_named, customers_of, within_units
from guanxi.crm.leads.rules import Deed, State
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.worklist import services as worklist
from guanxi.insight.staging.identifiers import Protected, is_valid, normalise
from guanxi.lake.door import Shown, VaultRow

SHORTEST = 7
"""Shorter numbers are hotlines, nobody's own."""


@dataclass(frozen=True)
class Draft:
    """A lead as somebody tells it; `contact` in clear, for as long as this object lives."""

    kind: str
    name: str
    contact: str
    industry: str = ""
    note: str = ""
    worth_fen: int | None = None
    agreed: bool = False

    def __repr__(self) -> str:
        """Without what is protected: a failure writes this into a log."""
        return f"Draft({self.kind})"


@dataclass(frozen=True)
class Arrival:
    """Where leads come from and when."""

    origin: str
    unit: Unit
    by: Staff | None
    today: date
    now: datetime
    source: LeadSource | None = None
    batch: LeadList | None = None


def contact_kind(contact: str) -> Protected | None:
    """Whether this is a mobile or a fixed phone number; None for neither."""
    for kind in (Protected.MOBILE, Protected.PHONE):
        normal = normalise(kind, contact)
        if len(normal) >= SHORTEST and is_valid(kind, normal):
            return kind
    return None


def arrive(drafts: Sequence[Draft], how: Arrival) -> list[Lead]:
    """Write these leads, in the order given; each says by its state whether it is new, known or handed in twice.

    Raises ValidationError where a number is none. Nothing is read back of customers but that there is one.
    """
    shown = [_protect(draft) for draft in drafts]
    # a number may have stood under another kind, or under a key since replaced
    every = [protected.tokens_of(draft.contact) for draft in drafts]
    known = customers_of({token for tokens in every for token in tokens})
    leads = []
    for draft, tokens, (kind, seen, row) in zip(drafts, every, shown, strict=True):
        found = next((known[token] for token in tokens if token in known), None)
        if found is None and draft.kind == Kind.COMPANY:
            found = company_named(draft.name.strip())
        leads.append(_write(draft, how, kind, seen, row, found))
    return leads


def _protect(draft: Draft) -> tuple[Protected, Shown, VaultRow]:
    kind = contact_kind(draft.contact)
    if kind is None:
        raise ValidationError(_("Enter a mobile or fixed phone number."))
    (seen,), (row,) = protected.door().protect(kind, [draft.contact.strip()])
    return kind, seen, row


def _write(
    draft: Draft, how: Arrival, kind: Protected, seen: Shown, row: VaultRow, found: Customer | None
) -> Lead:
    lead = Lead(
        kind=draft.kind, name=draft.name.strip(), contact_kind=kind.value, contact_token=seen.token,
        contact_masked=seen.masked, agreed=draft.agreed, origin=how.origin, source=how.source, batch=how.batch,
        unit=how.unit, industry=draft.industry, note=draft.note, worth_fen=draft.worth_fen,
        handed_by=None if how.batch else how.by,  # a list is nobody's own find
        made_at=how.now, made_on=how.today, state=State.KNOWN if found else State.COLLECT,
        party_id=found.party_id if found else None, closed_on=how.today if found else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            lead.save(force_insert=True)
    except IntegrityError:
        # an open lead has this number; who may not see it learns no more than that
        lead.state, lead.closed_on, lead.pk = State.TWICE, how.today, None
        lead.save(force_insert=True)
    if lead.state == State.COLLECT:
        LeadSecret.objects.create(lead=lead, kind=row.kind, ciphertext=row.ciphertext, key_id=row.key_id)
    LeadEvent.objects.create(lead=lead, deed=Deed.HAND_IN, by=how.by, staff=how.by, on=how.today, at=how.now)
    audit.record(by=how.by, verb="leads.handed_in", on=lead, origin=how.origin, state=lead.state)
    if found:
        tell_keeper(lead, found, by=how.by, today=how.today)
    return lead


def tell_keeper(lead: Lead, customer: Customer, *, by: Staff | None, today: date) -> None:
    """Open a task for the keeper of a customer somebody took for a lead; a customer of nobody waits with the outlet."""
    if customer.keeper_id is None:
        return
    days = lead_policy(today).claim_days
    with within_units([customer.unit_id]):
        party = Party.objects.select_related("unit").get(pk=customer.party_id)
        worklist.open_task(
            by=by, origin="lead", assignee=Staff.objects.get(pk=customer.keeper_id), party=party, unit=party.unit,
            subject=f"known-{lead.pk}", due_on=today + timedelta(days=days), value_fen=lead.worth_fen or 0,
            reason={"code": "lead_known", "lead": str(lead)}, today=today,
        )  # fmt: skip
