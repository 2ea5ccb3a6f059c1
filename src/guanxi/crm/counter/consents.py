"""A customer's consent at the counter (客户授权): agreed to with proof, taken back with a word, in the register that
every message is asked of.

Agreeing needs the words of the policy read out, in their present version, and a proof; taking back needs nothing and
stops what waits to be sent (PIPL 15: as easily withdrawn as given).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.counter import words
from guanxi.crm.counter.models import Reception
from guanxi.crm.counter.policy import needed
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging import facts, permission
from guanxi.crm.messaging.models import ConsentEntry, SaidBy
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.organisation.models import Staff
from guanxi.insight.contact import consent
from guanxi.insight.policies.contact import MARKETING
from guanxi.insight.policies.counter import ConsentProof, ConsentWords, CounterPolicy

OURS = {"phone": "call"}  # a consent's channel → the channel of messages, where they differ


@dataclass(frozen=True)
class Asked:
    """One channel: what counts now, since when, and what would be read out to agree."""

    channel: str
    label: str
    state: str  # agreed, refused or no_consent
    since: date | None
    read_out: ConsentWords

    @property
    def is_agreed(self) -> bool:
        """Whether marketing is agreed to on this channel."""
        return self.state == consent.AGREED


@dataclass(frozen=True)
class Proof:
    """How the customer agreed: a code of the policy, and its number where it has one."""

    code: str
    number: str = ""


def asked(party: Party, policy: CounterPolicy, *, today: date, at: datetime) -> list[Asked]:
    """The channels asked about at the counter with what counts for this customer; one query. [] without a policy."""
    rules = contact_policy(today)
    known = (
        facts.read([party.pk], at=at, policy=rules).get(party.pk) if rules and policy.consent_words else None
    )
    if known is None:
        return []
    found = []
    for one in policy.consent_words:
        state, word = consent.standing(known.said, MARKETING, one.consent_channel, at)
        since = timezone.localdate(word.since) if word else None
        found.append(
            Asked(one.consent_channel, words.consent_channel(one.consent_channel), state, since, one)
        )
    return found


@transaction.atomic
def agree(
    *, by: Staff, reception: Reception, channels: Sequence[str], proof: Proof, read_out: bool, today: date,
    now: datetime,
) -> list[ConsentEntry]:  # fmt: skip
    """Keep that the customer agrees to marketing on these channels, one row of the register each.

    ValidationError without a channel, without the words read out, without a proof or its number.
    """
    held, policy = _own(by, reception), needed(today)
    told = [one for one in policy.consent_words if one.consent_channel in channels]
    if not told or len(told) != len(set(channels)):
        raise ValidationError(_("Choose what the customer agrees to."))
    if not read_out:
        raise ValidationError(_("Read the words to the customer first."))
    kind = _proven(policy, proof)
    made = [
        permission.agree(
            party=held.party, channel=OURS.get(one.consent_channel, one.consent_channel), source=SaidBy.STAFF,
            at=now, by=by, text=one.say_zh,
            evidence=permission.Evidence(one.legal_basis, one.version, kind.code, proof.number.strip()),
        )
        for one in told
    ]  # fmt: skip
    audit.record(by=by, verb="counter.consent_taken", on=held, channels=sorted(channels), proof=kind.code)
    return made


@transaction.atomic
def take_back(*, by: Staff, reception: Reception, channel: str, today: date, now: datetime) -> int:
    """Keep that the customer wants no marketing on a channel ("": at all); how many waiting messages were stopped."""
    held = _own(by, reception)
    if channel and needed(today).consent_to(channel) is None:
        raise ValidationError(_("Choose what the customer takes back."))
    _entry, stopped = permission.refuse_all(
        party=held.party, channel=OURS.get(channel, channel) or None, source=SaidBy.STAFF, at=now, by=by,
        text=_("Taken back at the counter"),
    )  # fmt: skip
    audit.record(by=by, verb="counter.consent_withdrawn", on=held, channel=channel or "any", stopped=stopped)
    return stopped


def _proven(policy: CounterPolicy, proof: Proof) -> ConsentProof:
    kind = policy.consent_proof(proof.code)
    if kind is None or (kind.numbered and not proof.number.strip()):
        raise ValidationError(_("Name the proof and its number."))
    return kind


def _own(by: Staff, reception: Reception) -> Reception:
    found = Reception.objects.select_related("party").filter(pk=reception.pk, staff=by).first()
    if found is None:
        raise PermissionDenied("consent is taken by who received the customer")
    return found
