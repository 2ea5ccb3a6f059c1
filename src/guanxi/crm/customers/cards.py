"""What this room's panels of a customer page are told; no request, no markup. One dict a panel."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from guanxi.crm.customers import words
from guanxi.crm.customers.holdings import arranged, not_delivered
from guanxi.crm.customers.identity.pictures import SOURCE_FIELDS
from guanxi.crm.customers.models import Consent, Holding, Party
from guanxi.crm.customers.on_record import on_record
from guanxi.crm.customers.relations import relations_in_words
from guanxi.crm.customers.selectors import latest_consents
from guanxi.crm.organisation.rules import Reach, Right


def profile(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """What is on record about the customer; the day of birth only for those who may see protected numbers."""
    return {
        "party": party,
        "today": today,
        "words": words,
        "shows_birth": not reach.masked,
    }


def holdings(rows: Iterable[Holding], today: date) -> dict[str, Any]:
    """Accounts owned with their maturities, and those acted for."""
    held = arranged(rows, today=today)
    return {
        "held": held,
        "today": today,
        "lacking": words.lacking(not_delivered(held.owned)),
        "roles": words.ACCOUNT_ROLES,
        "states": words.ACCOUNT_STATES,
        "top": max((rung.fen for rung in held.ladder), default=0),
    }


def relations(reach: Reach, party: Party) -> dict[str, Any]:
    """Family, employer, firms: named where they lie within reach."""
    return {"party": party, "related": relations_in_words(reach, party)}


def contacts(reach: Reach, party: Party, given: Iterable[Consent]) -> dict[str, Any]:
    """How to reach the customer, masked; what they agreed to; documents and the numbers it is known under."""
    record = on_record(reach, party)
    return {
        "party": party,
        "points": record.points,
        "identifiers": record.identifiers,
        "sources": record.sources,
        "source_fields": SOURCE_FIELDS,
        "consents": latest_consents(given),
        "may_reveal": reach.may(Right.REVEAL) and not reach.masked,
        "words": words,
    }


def credit(party: Party, today: date) -> dict[str, Any]:
    """Grade, line, use and expiry (评级授信)."""
    return {"party": party, "line": getattr(party, "credit", None), "today": today}
