"""States, sources and kinds of offers in words, and the colours that mean something."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from guanxi.crm.retention.models import CASE_ENDED, CaseOffer, CaseState, OfferKind, OfferState
from guanxi.insight.policies.interaction import Outcome
from guanxi.insight.policies.retention import LeavingPlace, LeavingReason, RetentionPolicy
from guanxi.web.formats import MISSING, is_chinese, money_words

STATE_KINDS: Mapping[str, str] = {
    CaseState.OPEN: "accent",
    CaseState.SAVED: "green",
    CaseState.LOST: "red",
    CaseState.FALSE_ALARM: "grey",
}
OFFER_STATE_KINDS: Mapping[str, str] = {
    OfferState.ASKED: "amber",
    OfferState.APPROVED: "green",
    OfferState.REFUSED: "red",
}
COUNTER_EVENTS: Mapping[str, Promise] = {
    "closing": _("Account closing"),
    "early_withdrawal": _("Early withdrawal"),
    "large_cash": _("Large cash withdrawal"),
}
SUITABILITY: Mapping[str, Promise] = {
    "suitable": _("suits the customer"),
    "confirm": _("suits with a second person's confirmation"),
}


def language() -> str:
    """The reader's language."""
    return get_language() or "zh"


def label(word: LeavingReason | LeavingPlace | Outcome | None, code: str = "") -> str:
    """A reason, destination or outcome in the reader's language; a code the policy no longer has stands for itself."""
    if word is None:
        return code or MISSING
    return word.label_zh if is_chinese(language()) else word.label_en


def reason_label(policy: RetentionPolicy | None, code: str) -> str:
    """A reason by its code."""
    return label(policy.reason(code) if policy else None, code)


def place_label(policy: RetentionPolicy | None, code: str) -> str:
    """A destination by its code."""
    return label(policy.place(code) if policy else None, code)


def amount_words(kind: str, amount: int) -> str:
    """How much of an offer: basis points, money, or how many."""
    if kind == OfferKind.RATE:
        return f"{amount} BP"
    if kind in {OfferKind.FEE, OfferKind.GIFT}:
        return money_words(amount, language())
    return f"× {amount}"


def why_decided(offer: CaseOffer) -> str:
    """Why an offer was answered so: the words of who answered, or that its case ended before anybody did."""
    if offer.decided_by_id is None and offer.decided_note == CASE_ENDED:
        return gettext("case ended")
    return offer.decided_note
