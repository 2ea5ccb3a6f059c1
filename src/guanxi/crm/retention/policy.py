"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.retention import RetentionPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy


def retention_policy(on: date) -> RetentionPolicy | None:
    """Deadlines, authority and taxonomies as they count on that day; None when the bank has set none."""
    return cast("RetentionPolicy | None", known(RetentionPolicy.kind, on))


def needed(on: date) -> RetentionPolicy:
    """The same; ValidationError when there is none, since nothing of this room can be done without it."""
    policy = retention_policy(on)
    if policy is None:
        raise ValidationError(_("The bank has no policy of retention yet; an administrator proposes one."))
    return policy


def suitability_policy(on: date) -> SuitabilityPolicy:
    """What may be offered to whom on that day; ValidationError when the bank has set nothing."""
    policy = known(SuitabilityPolicy.kind, on)
    if policy is None:
        raise ValidationError(_("The bank has no policy of suitability yet; no product can be offered."))
    return cast("SuitabilityPolicy", policy)
