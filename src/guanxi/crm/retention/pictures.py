"""What the pages about single cases are told: list rows, a case, its evidence and offers, the customer page's panel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.foresight import reasons
from guanxi.crm.foresight.pictures import signal_name
from guanxi.crm.organisation.rules import Reach, Right, Sight
from guanxi.crm.retention import evidence, rules, selectors, words
from guanxi.crm.retention.models import Case, CaseOffer, CaseState, OfferKind, OfferState
from guanxi.crm.retention.policy import retention_policy
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.policies.retention import RetentionPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.suitability import suitable
from guanxi.web.formats import money_words
from guanxi.web.lists import Column


@dataclass(frozen=True)
class Line:
    """One case as the list shows it."""

    case: Case
    rank: int | None
    kind: str
    late: bool
    sentence: str
    values: dict[str, Any]


def columns(reach: Reach, *, ended: bool) -> list[Column]:
    """The list's columns: of cases in hand when they are due, of ended ones what came of them."""
    own = [
        Column("name", _("Customer"), "name"),
        Column("tier", _("Tier"), "text"),
        Column("why", _("Why"), "text"),
        Column(
            "amount", _("Amount"), "short", help=_("Asked for at the counter, else flowed out, else at stake")
        ),
    ]
    own += (
        _ended_columns()
        if ended
        else [Column("due", _("To end by"), "day"), Column("opened", _("Opened on"), "day")]
    )
    wide = [Column("keeper", _("Keeper"), "text"), Column("unit", _("Outlet"), "text")]
    return own if reach.sight is Sight.BOOK else [*own, *wide]


def _ended_columns() -> list[Column]:
    return [
        Column("state", _("Ending"), "text"),
        Column("reason", _("Cause"), "text"),
        Column("place", _("Destination"), "text"),
        Column("ledger", _("Ledger"), "text", help=_("Where the outflow went, by the other bank's name")),
        Column("closed", _("Ended on"), "day"),
    ]


def lines(
    rows: Sequence[Case], reach: Reach, names: TierNames, policy: RetentionPolicy | None, today: date
) -> list[Line]:
    """Cases in words; no further query."""
    return [_line(case, reach, names, policy, today) for case in rows]


def _line(case: Case, reach: Reach, names: TierNames, policy: RetentionPolicy | None, today: date) -> Line:
    late = case.state == CaseState.OPEN and case.due_on < today
    return Line(
        case=case,
        rank=case.tier_rank,
        kind=words.STATE_KINDS[case.state],
        late=late,
        sentence=why(case),
        values={
            "name": shown_name(case.party.name, hidden=reach.hides_names),
            "tier": names.label(case.tier_scheme, case.tier_rank),
            "amount": case.amount_fen,
            "due": case.due_on,
            "opened": case.opened_on,
            "state": case.get_state_display(),
            "reason": words.reason_label(policy, case.reason),
            "place": words.place_label(policy, case.place),
            "ledger": ledger_words(case, policy),
            "closed": case.closed_on,
            "keeper": getattr(case.keeper, "name", None),
            "unit": case.unit.name,
        },
    )


def why(case: Case) -> str:
    """The first thing that speaks: the last event at the counter, else the warning's own signal, else what there is."""
    if case.events:
        return event_sentence(case.events[-1])
    first = (case.evidence.get("warning") or {}).get("signal", "")
    signals = case.evidence.get("signals", [])
    frozen = evidence.signal_in(case.evidence, first) or (signals[0] if signals else None)
    if frozen is None:
        return str(case.get_source_display())
    return reasons.signal_sentence(evidence.facts_of(frozen), words.language())


def event_sentence(event: Mapping[str, Any]) -> str:
    """An event at the counter: what was asked for, how much, when, whom it was told."""
    amount = event.get("amount_fen")
    told = {
        "what": words.COUNTER_EVENTS.get(event["kind"], event["kind"]),
        "amount": money_words(amount, words.language()) if amount else _("no amount said"),
        "day": event["day"],
        "author": event["author"],
    }
    return _("%(what)s at the counter on %(day)s, %(amount)s; %(author)s.") % told


def ledger_words(case: Case, policy: RetentionPolicy | None) -> str | None:
    """Where the ledger says the money went; None when it says nothing."""
    if not case.ledger_places:
        return None
    places = " / ".join(words.place_label(policy, code) for code in case.ledger_places)
    return f"{places} ({case.ledger_bank})" if case.ledger_bank else places


def page(
    case: Case, reach: Reach, policy: RetentionPolicy | None, names: TierNames, today: date
) -> dict[str, Any]:
    """The head of a case, its frozen evidence, and how it ended."""
    figures = case.evidence.get("figures", {})
    return {
        "case": case,
        "name": shown_name(case.party.name, hidden=reach.hides_names),
        "tier": names.label(case.tier_scheme, case.tier_rank),
        "late": case.state == CaseState.OPEN and case.due_on < today,
        "state_kind": words.STATE_KINDS[case.state],
        "as_of": date.fromisoformat(figures["as_of"]) if figures.get("as_of") else None,
        "signals": [_said(frozen) for frozen in case.evidence.get("signals", [])],
        "scorer": reasons.scorer_sentences(
            (case.evidence.get("warning") or {}).get("reasons", []), words.language()
        ),
        "events": [event_sentence(event) for event in case.events],
        "ending": _ending(case, policy, reach),
        "said": _said_at_counter(case, policy),
    }


def _said(frozen: Mapping[str, Any]) -> tuple[str, str]:
    told = reasons.signal_sentence(evidence.facts_of(frozen), words.language())
    return signal_name(frozen["signal"]), told


def _said_at_counter(case: Case, policy: RetentionPolicy | None) -> list[tuple[str, str]]:
    pairs = [
        (_("Cause"), words.reason_label(policy, case.said_reason) if case.said_reason else ""),
        (_("Destination"), words.place_label(policy, case.said_place) if case.said_place else ""),
    ]
    return [pair for pair in pairs if pair[1]]


def _ending(case: Case, policy: RetentionPolicy | None, reach: Reach) -> dict[str, Any] | None:
    if case.state == CaseState.OPEN:
        return None
    return {
        "reason": words.reason_label(policy, case.reason),
        "place": words.place_label(policy, case.place),
        "ledger": ledger_words(case, policy),
        # Free words may name people: whoever sees customers without their names does not read them.
        "note": "" if reach.hides_names else case.note,
    }


def two_taps(policy: RetentionPolicy, now: tuple[list[str], str]) -> dict[str, Any]:
    """The first tap: ending with reason; the second: destination. Beside them the ledger's word as it stands now."""
    groups = [
        (str(CaseState(ending).label), ending,
         [(one.code, words.label(one)) for one in policy.leaving_reasons if ending in one.said_of])
        for ending in rules.ENDINGS
    ]  # fmt: skip
    places, bank = now
    told = " / ".join(words.place_label(policy, code) for code in places)
    return {
        "groups": groups,
        "places": [(one.code, words.label(one), one.code in places) for one in policy.leaving_places],
        "ledger_now": f"{told} ({bank})" if told and bank else told,
    }


@dataclass(frozen=True)
class OfferLine:
    """An offer with what this person may do about it."""

    offer: CaseOffer
    kind: str
    amount: str
    state_kind: str
    suits: str
    may_decide: bool
    note: str  # why it was decided so


def offer_lines(offers: Iterable[CaseOffer], reach: Reach, policy: RetentionPolicy | None) -> list[OfferLine]:
    """Offers in words; whether this person may answer is asked of the policy with all of the kind together."""
    listed = list(offers)
    return [_offer(one, listed, reach, policy) for one in listed]


def _offer(
    one: CaseOffer, listed: Sequence[CaseOffer], reach: Reach, policy: RetentionPolicy | None
) -> OfferLine:
    amounts = [
        other.amount
        for other in listed
        if (other.case_id, other.kind) == (one.case_id, one.kind) and other.state != OfferState.REFUSED
    ]
    may = (
        policy is not None
        and one.state == OfferState.ASKED
        and reach.may(Right.APPROVE_OFFERS)
        and rules.may_decide(
            policy,
            reach.roles,
            one.kind,
            rules.taken(one.kind, amounts),
            maker=one.made_by_id,
            decider=reach.staff_id,
        )
    )
    return OfferLine(
        one, str(one.get_kind_display()), words.amount_words(one.kind, one.amount),
        words.OFFER_STATE_KINDS[one.state], str(words.SUITABILITY.get(one.suitability, "")), may,
        words.why_decided(one),
    )  # fmt: skip


def authority(policy: RetentionPolicy, reach: Reach) -> str:
    """One's own limits in a line, for the offer form."""
    told = [
        f"{kind.label} {words.amount_words(kind, most)}"
        for kind in OfferKind
        if (most := rules.limit(policy, reach.roles, kind)) > 0
    ]
    return " · ".join(told) or _("none")


def offerable(
    party: Party, products: Iterable[Product], today: date, policy: SuitabilityPolicy
) -> list[Product]:
    """Products on sale that may be named to this customer today."""
    investor = party.investor()
    return [one for one in products if suitable(investor, one.offer, today, policy).may_be_offered]


def panel(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """The customer page's panel: the latest cases, and whether one may be opened; one query while none has ended."""
    found = selectors.cases_of(reach, party)
    in_hand = any(case.state == CaseState.OPEN for case in found)
    policy = retention_policy(today) if any(case.reason for case in found) else None
    return {
        "retention_cases": [
            (
                case,
                words.STATE_KINDS[case.state],
                words.reason_label(policy, case.reason),
                words.place_label(policy, case.place),
            )
            for case in found
        ],
        "may_open_case": reach.may(Right.KEEP_CASES) and not in_hand,
        "may_see_case": reach.may(Right.KEEP_CASES) or reach.may(Right.SEE_STRUCTURE),
    }
