"""Bearer tokens of systems: each acts as a person nobody signs in as, within listed scopes (接口令牌).

A token is shown once when it is made and kept as a hash. What it may do is what its person may do, and of that only
what its scopes name.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Staff, Token
from guanxi.crm.organisation.second_person import check_second_person

TOKEN_BYTES = 32
SHOWN_LETTERS = 6
SEEN_EVERY = timedelta(minutes=1)
"""The row is written again at most this often: when a token was last used is asked in days."""


def hash_of(told: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(told.encode()).hexdigest()


@transaction.atomic
def make_token(
    *, name: str, staff: Staff, scopes: Sequence[str], now: datetime, by: Staff | None = None,
    expires_at: datetime | None = None, per_minute: int | None = None, approved: bool = True,
) -> tuple[Token, str]:  # fmt: skip
    """A token that acts as `staff`, with its text, which is told this once and never again.

    `approved` False: a second person lets it work (`approve_token`). The caller has asked whether `by` may make one.
    """
    told = secrets.token_urlsafe(TOKEN_BYTES)
    made = Token.objects.create(
        name=name, sha256=hash_of(told), begins=told[:SHOWN_LETTERS], staff=staff, scopes=sorted(set(scopes)),
        made_at=now, made_by=by, approved_at=now if approved else None, expires_at=expires_at,
        per_minute=per_minute,
    )  # fmt: skip
    audit.record(
        by=by, verb="tokens.made", on=made, acts_as=staff.staff_no, scopes=made.scopes, expires_at=expires_at,
        works=approved,
    )  # fmt: skip
    return made, told


@transaction.atomic
def approve_token(*, token: Token, by: Staff, today: date, now: datetime) -> Token:
    """Let a token work; PermissionDenied for who made it, ValidationError when there is nothing to decide."""
    locked = Token.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if locked.made_by_id == by.pk:
        raise PermissionDenied("a second person approves")
    check_second_person(by, (locked.made_by_id,), today)
    if locked.approved_at is not None or locked.stopped_at is not None:
        raise ValidationError(_("There is nothing to decide here any more."))
    locked.approved_at, locked.approved_by = now, by
    locked.save(update_fields=["approved_at", "approved_by"])
    audit.record(by=by, verb="tokens.approved", on=locked, scopes=locked.scopes)
    return locked


@transaction.atomic
def stop_token(*, token: Token, now: datetime, by: Staff | None = None) -> None:
    """End a token at once."""
    if Token.objects.filter(pk=token.pk, stopped_at=None).update(stopped_at=now):
        audit.record(by=by, verb="tokens.stopped", on=token)


def token_of(header: str, *, now: datetime) -> Token | None:
    """The working token of an Authorization header; None for any other, one not approved, expired or stopped, or of a
    person who is not active. Notes that it was used."""
    scheme, _space, told = header.partition(" ")
    if scheme.lower() != "bearer" or not told.strip():
        return None
    # Found by the hash: how long the search takes says nothing about the token.
    found = Token.objects.select_related("staff").filter(sha256=hash_of(told.strip())).first()
    if found is None or not found.works_at(now) or not found.staff.is_active:
        return None
    if found.last_used_at is None or now - found.last_used_at > SEEN_EVERY:
        Token.objects.filter(pk=found.pk).update(last_used_at=now)
    return found
