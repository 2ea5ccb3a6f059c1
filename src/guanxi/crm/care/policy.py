"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.care import CarePolicy

_known: dict[str, CarePolicy] = {}  # by content hash: a policy's payload never changes


def care_policy(on: date) -> CarePolicy | None:
    """Limits, kinds and days as they count on that day; None for a bank without such a policy."""
    content = hash_in_force(CarePolicy.kind, on)
    if content is None:
        return None
    if content not in _known:
        _known[content] = cast("CarePolicy", active(CarePolicy.kind, on))
    return _known[content]


def needed(on: date) -> CarePolicy:
    """The same, where nothing can be done without it; ValidationError says so."""
    found = care_policy(on)
    if found is None:
        raise ValidationError(_("The bank has no policy of care in force."))
    return found
