"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.counter import CounterPolicy

_known: dict[str, CounterPolicy] = {}  # by content hash: a policy's payload never changes


def counter_policy(on: date) -> CounterPolicy | None:
    """Prompts, courtesies and entitlements as they count on that day; None when the bank has set none."""
    content = hash_in_force(CounterPolicy.kind, on)
    if content is None:
        return None
    if content not in _known:
        _known[content] = cast("CounterPolicy", active(CounterPolicy.kind, on))
    return _known[content]


def needed(on: date) -> CounterPolicy:
    """The same; ValidationError when there is none."""
    policy = counter_policy(on)
    if policy is None:
        raise ValidationError(_("The bank has no policy of the counter yet; an administrator proposes one."))
    return policy
