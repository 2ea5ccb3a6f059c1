"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.counter import CounterPolicy


def counter_policy(on: date) -> CounterPolicy | None:
    """Prompts, courtesies and entitlements as they count on that day; None when the bank has set none."""
    return cast("CounterPolicy | None", known(CounterPolicy.kind, on))


def needed(on: date) -> CounterPolicy:
    """The same; ValidationError when there is none."""
    policy = counter_policy(on)
    if policy is None:
        raise ValidationError(_("The bank has no policy of the counter yet; an administrator proposes one."))
    return policy
