"""Tokens made, let work and stopped by administrators (接口令牌)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.assessments.activities import API
from guanxi.crm.assessments.services import need_assessment
from guanxi.crm.openapi.door import KEPT
from guanxi.crm.openapi.models import Answer, Minute
from guanxi.crm.openapi.scopes import SCOPES, missing_rights, needs_approval
from guanxi.crm.organisation import tokens
from guanxi.crm.organisation.models import Staff, Token
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of

MINUTES_KEPT = timedelta(days=1)


@transaction.atomic
def make(
    *,
    by: Staff,
    reach: Reach,
    name: str,
    staff: Staff,
    scopes: Sequence[str],
    days: int,
    per_minute: int,
    now: datetime,
    today: date,
) -> tuple[Token, str]:
    """A token with its text, told once. One that can list many customers works when a second person has agreed.

    PermissionDenied without the right. ValidationError for a scope nobody knows or the person could not use, a name
    taken, a person who may make tokens: such a token could make others. NotAssessed while no impact assessment covers
    the API.
    """
    _need(reach)
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise ValidationError(_("Choose at least one scope."))
    acts_as = reach_of(staff, today)
    if acts_as.may(Right.KEEP_TOKENS) or staff.pk == by.pk:
        raise ValidationError(_("A token may not act as somebody who makes tokens."))
    if missing := missing_rights(acts_as, scopes):
        raise ValidationError(
            _("This person could not use: %(scopes)s.")
            % {"scopes": ", ".join(str(SCOPES[one].words) for one in missing)}
        )
    if Token.objects.filter(name=name).exists():
        raise ValidationError(_("There is a token of this name."))
    need_assessment([API], today=today)
    return tokens.make_token(
        name=name, staff=staff, scopes=scopes, now=now, by=by, expires_at=now + timedelta(days=days),
        per_minute=per_minute, approved=not needs_approval(scopes),
    )  # fmt: skip


def approve(*, by: Staff, reach: Reach, token: Token, today: date, now: datetime) -> Token:
    """Let a token work that somebody else made; NotAssessed while no impact assessment covers the API."""
    _need(reach)
    need_assessment([API], today=today)
    return tokens.approve_token(token=token, by=by, today=today, now=now)


def stop(*, by: Staff, reach: Reach, token: Token, now: datetime) -> None:
    """End a token at once."""
    _need(reach)
    tokens.stop_token(token=token, by=by, now=now)


def forget(*, now: datetime) -> int:
    """Drop counts of minutes gone by and answers kept for their keys long enough; how many rows went."""
    gone, _each = Minute.objects.filter(minute__lt=now - MINUTES_KEPT).delete()
    also, _each = Answer.objects.filter(at__lt=now - KEPT).delete()
    return gone + also


def _need(reach: Reach) -> None:
    if not reach.may(Right.KEEP_TOKENS):
        raise PermissionDenied("needs openapi.tokens")
