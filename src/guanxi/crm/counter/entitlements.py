"""The ledger of entitlements (权益台账): used and left by period, one tap a use, never overdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.counter.models import EntitlementBook, EntitlementUse
from guanxi.crm.counter.policy import needed
from guanxi.crm.counter.services import may_serve
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.selectors import score_of
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.policies.counter import CounterPolicy, period_start
from guanxi.web.formats import is_chinese

# One statement: the row is locked by the upsert itself, so two taps at the last place cannot both have it.
_TAKE = """
INSERT INTO counter_entitlementbook (party_id, unit_id, keeper_id, code, starts_on, used)
VALUES (%(party)s, %(unit)s, %(keeper)s, %(code)s, %(starts_on)s, 1)
ON CONFLICT (party_id, code, starts_on)
DO UPDATE SET used = counter_entitlementbook.used + 1 WHERE counter_entitlementbook.used < %(quota)s
RETURNING id
"""


@dataclass(frozen=True)
class Standing:
    """One entitlement of a customer in the period of a day."""

    code: str
    label: str
    quota: int
    used: int

    @property
    def left(self) -> int:
        """What is left; none when the tier has fallen below what was used."""
        return max(0, self.quota - self.used)


def standings(reach: Reach, party: Party, today: date, policy: CounterPolicy) -> list[Standing]:
    """What this customer's tier may use, how much of it is used; nothing for a tier without any. Two queries."""
    quotas = _quotas(reach, party, today, policy)
    starts = {code: _start(policy, code, today) for code in quotas}
    rows = EntitlementBook.objects.filter(party=party, code__in=quotas, starts_on__in=set(starts.values()))
    used = {(row.code, row.starts_on): row.used for row in rows}
    return [
        Standing(code, _label(policy, code), quota, used.get((code, starts[code]), 0))
        for code, quota in quotas.items()
    ]


@transaction.atomic
def use(
    *, by: Staff, party: Party, code: str, client_key: UUID, today: date, now: datetime
) -> EntitlementUse:
    """Use an entitlement once; the same key again gives the same use. ValidationError when none is left."""
    reach = may_serve(by, party, today)
    if (known := _known(client_key, by)) is not None:
        return known
    policy = needed(today)
    quota = _quotas(reach, party, today, policy).get(code, 0)
    book = _take(party, code, _start(policy, code, today), quota) if quota else None
    if book is None:
        raise ValidationError(_("Nothing is left of this entitlement in the period."))
    try:
        with transaction.atomic():
            made = EntitlementUse.objects.create(
                book_id=book, quota=quota, staff=by, at=now, client_key=client_key
            )
    except IntegrityError as clash:  # the same key at the same moment: this tap's place is given back
        raise ValidationError(_("This was tapped twice; it counts once.")) from clash
    audit.record(by=by, verb="counter.entitlement_used", on=made, party=party.pk, code=code, quota=quota)
    return made


@transaction.atomic
def take_back(*, by: Staff, made: EntitlementUse, now: datetime, today: date) -> EntitlementUse:
    """Undo a tap of one's own on the same day; the place is free again."""
    locked = EntitlementUse.objects.select_for_update(of=("self",)).select_related("book").get(pk=made.pk)
    book = EntitlementBook.objects.select_for_update().select_related("party").get(pk=locked.book_id)
    may_serve(by, book.party, today)
    if locked.staff_id != by.pk:
        raise PermissionDenied("only who tapped takes it back")
    if locked.taken_back_at is None:
        locked.taken_back_at, locked.taken_back_by = now, by
        locked.save(update_fields=["taken_back_at", "taken_back_by"])
        book.used -= 1
        book.save(update_fields=["used"])
        audit.record(
            by=by, verb="counter.entitlement_taken_back", on=locked, party=book.party_id, code=book.code
        )
    return locked


def _take(party: Party, code: str, starts_on: date, quota: int) -> int | None:
    told = {
        "party": party.pk, "unit": party.unit_id, "keeper": party.keeper_id, "code": code, "starts_on": starts_on,
        "quota": quota,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, told)
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _known(client_key: UUID, by: Staff) -> EntitlementUse | None:
    known = EntitlementUse.objects.filter(client_key=client_key).first()
    if known is not None and known.staff_id != by.pk:
        raise PermissionDenied("this key was used by somebody else")
    return known


def _quotas(reach: Reach, party: Party, today: date, policy: CounterPolicy) -> Mapping[str, int]:
    score = score_of(reach, party)
    band = tier_names(today).band(score.tier_scheme, score.tier_rank) if score else None
    scheme, tier = (score.tier_scheme, band.code) if score and band else (None, None)
    told = {one.code: policy.quota(one.code, scheme, tier) for one in policy.entitlements}
    return {code: quota for code, quota in told.items() if quota}


def _start(policy: CounterPolicy, code: str, today: date) -> date:
    entitlement = policy.entitlement(code)
    assert entitlement is not None
    return period_start(entitlement.period, today)


def _label(policy: CounterPolicy, code: str) -> str:
    entitlement = policy.entitlement(code)
    assert entitlement is not None
    return entitlement.label_zh if is_chinese(get_language() or "zh") else entitlement.label_en
