"""Offers in a case: within one's own authority at once, above it by another person; products only if suitable."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation import licences
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import ROLE_RULES, Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.retention import rules
from guanxi.crm.retention.models import Case, CaseOffer, CaseState, OfferKind, OfferState
from guanxi.crm.retention.people import heads_of
from guanxi.crm.retention.policy import needed, suitability_policy
from guanxi.crm.retention.services import URGENT, held
from guanxi.crm.worklist import services as worklist
from guanxi.crm.worklist.models import Origin
from guanxi.insight.policies.retention import RetentionPolicy
from guanxi.insight.suitability import Verdict, suitable

STANDING = (OfferState.ASKED, OfferState.APPROVED)


@transaction.atomic
def make_offer(
    *, by: Staff, case: Case, kind: str, amount: int, text: str, product: Product | None, today: date, now: datetime
) -> CaseOffer:  # fmt: skip
    """Add an offer: approved at once within one's authority, else asked of the nearest head.

    `amount`: basis points, fen, or a number, by kind. Offers of a case count together, so none is split to stay below
    a limit. ValidationError when nobody's authority reaches so far, the product does not suit the customer, or the
    maker holds no valid licence (从业资格) for it.
    """
    locked = held(by, case, today)
    policy = needed(today)
    if kind not in OfferKind.values or amount <= 0:
        raise ValidationError(_("Choose an offer and say how much, above nothing."))
    verdict = _asked_of_product(policy, locked.party, kind, product, today)
    if verdict is not None and product is not None:
        licences.check(by, [product.family], suitability_policy(today).licences, today)
    before = list(locked.offers.filter(kind=kind, state__in=STANDING).values_list("amount", flat=True))
    own = rules.within_authority(policy, reach_of(by, today).roles, kind, before, amount)
    if not own and not rules.within_authority(policy, _approving_roles(), kind, before, amount):
        raise ValidationError(_("Nobody here may offer so much; the policy sets the limits."))
    at_once = own and (verdict is None or verdict.answer != "confirm")
    offer = CaseOffer.objects.create(
        case=locked, kind=kind, amount=amount, product=product, text=text.strip()[:200], made_by=by, made_at=now,
        suitability=verdict.answer if verdict else "", suitability_reason=verdict.reason if verdict else "",
        state=OfferState.APPROVED if at_once else OfferState.ASKED,
    )  # fmt: skip
    audit.record(
        by=by, verb="retention.offer_made" if at_once else "retention.offer_asked", on=offer, case=locked.pk, kind=kind,
        amount=amount, product=product.product_code if product else None,
    )  # fmt: skip
    if not at_once:
        _ask(by, offer, locked, today)
    return offer


@transaction.atomic
def decide_offer(
    *, by: Staff, offer: CaseOffer, approve: bool, note: str, today: date, now: datetime
) -> CaseOffer:
    """Another person's word on an offer; whose own authority must hold all offers of the kind in this case.

    PermissionDenied for its maker, without the right, out of reach or above one's own limit; ValidationError when it
    was decided already, without a reason for a no, or when the product has stopped suiting the customer.
    """
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("party").filter(pk=offer.case_id).first()
    )
    reach = reach_of(by, today)
    if case is None or not reach.may(Right.APPROVE_OFFERS) or not reach.covers(case.unit_id, case.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not decide on this offer")
    locked = CaseOffer.objects.select_for_update(of=("self",)).select_related("product").get(pk=offer.pk)
    if locked.state != OfferState.ASKED or case.state != CaseState.OPEN:
        raise ValidationError(_("Nobody waits for an answer about this offer."))
    if not approve and not note.strip():
        raise ValidationError(_("Say why."))
    if approve or locked.made_by_id == by.pk:
        _check_may_approve(by, frozenset(reach.roles), locked, case, today)
    locked.state = OfferState.APPROVED if approve else OfferState.REFUSED
    locked.decided_by, locked.decided_at, locked.decided_note = by, now, note.strip()[:200]
    locked.save()
    audit.record(
        by=by, verb=f"retention.offer_{locked.state}", on=locked, case=case.pk, note=locked.decided_note
    )
    worklist.close_for(
        origin=Origin.RETENTION, subject=f"offer:{locked.pk}", party=case.party, by=by, now=now, today=today,
        outcome=locked.state,
    )  # fmt: skip
    return locked


def _check_may_approve(by: Staff, roles: frozenset[str], offer: CaseOffer, case: Case, today: date) -> None:
    policy = needed(today)
    amounts = case.offers.filter(kind=offer.kind, state__in=STANDING).values_list("amount", flat=True)
    total = rules.taken(offer.kind, amounts)
    if not rules.may_decide(policy, roles, offer.kind, total, maker=offer.made_by_id, decider=by.pk):
        raise PermissionDenied(f"{by.staff_no} may not approve this offer")
    check_second_person(by, (offer.made_by_id,), today)
    _asked_of_product(policy, case.party, offer.kind, offer.product, today)


def _asked_of_product(
    policy: RetentionPolicy, party: Party, kind: str, product: Product | None, today: date
) -> Verdict | None:
    """The verdict for offers that name a product, None for the others; ValidationError when it is unsuitable."""
    if kind not in policy.products_asked:
        return None
    if product is None:
        raise ValidationError(_("Choose the product."))
    verdict = suitable(party.investor(), product.offer, today, suitability_policy(today))
    if not verdict.may_be_offered:
        raise ValidationError(_("This product does not suit the customer today and may not be offered."))
    return verdict


def _approving_roles() -> frozenset[str]:
    return frozenset(role for role, rule in ROLE_RULES.items() if Right.APPROVE_OFFERS in rule.rights)


def _ask(by: Staff, offer: CaseOffer, case: Case, today: date) -> None:
    """Put the question on the list of the nearest head whose own authority reaches; heads above see it too."""
    policy = needed(today)
    amounts = case.offers.filter(kind=offer.kind, state__in=STANDING).values_list("amount", flat=True)
    total = rules.taken(offer.kind, amounts)
    for head in heads_of(case.party.unit, today, without=by.pk):
        if total <= rules.limit(policy, reach_of(head, today).roles, offer.kind):
            worklist.open_task(
                by=by, origin=Origin.RETENTION, assignee=head, party=case.party, unit=case.party.unit,
                subject=f"offer:{offer.pk}", due_on=today, value_fen=case.amount_fen, urgency=URGENT,
                reason={"code": "retention_offer", "by": by.name}, link=f"retention:case {case.pk}", today=today,
            )  # fmt: skip
            return
