"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import active, hash_in_force, policy_of, version_in_force
from guanxi.insight.policies.retention import RetentionPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy

_known: dict[str, RetentionPolicy] = {}  # by content hash: a policy's payload never changes


def retention_policy(on: date) -> RetentionPolicy | None:
    """Deadlines, authority and taxonomies as they count on that day; None when the bank has set none."""
    content = hash_in_force(RetentionPolicy.kind, on)
    if content is None:
        return None
    if content not in _known:
        _known[content] = cast("RetentionPolicy", active(RetentionPolicy.kind, on))
    return _known[content]


def needed(on: date) -> RetentionPolicy:
    """The same; ValidationError when there is none, since nothing of this room can be done without it."""
    policy = retention_policy(on)
    if policy is None:
        raise ValidationError(_("The bank has no policy of retention yet; an administrator proposes one."))
    return policy


def suitability_policy(on: date) -> SuitabilityPolicy:
    """What may be offered to whom on that day; ValidationError when the bank has set nothing."""
    version = version_in_force(SuitabilityPolicy.kind, on)
    if version is None:
        raise ValidationError(_("The bank has no policy of suitability yet; no product can be offered."))
    return cast("SuitabilityPolicy", policy_of(version))
