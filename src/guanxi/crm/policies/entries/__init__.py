"""What the entries of policies are called on the screen, by their name in the policy; a file for each field of work."""

from collections.abc import Mapping

from django.utils.functional import Promise

from guanxi.crm.policies.entries.care import CARE
from guanxi.crm.policies.entries.night import NIGHT
from guanxi.crm.policies.entries.reaching import REACHING
from guanxi.crm.policies.entries.record import RECORD
from guanxi.crm.policies.entries.shared import SHARED
from guanxi.crm.policies.entries.standing import STANDING
from guanxi.crm.policies.entries.work import WORK

ENTRIES: Mapping[str, Promise] = {**CARE, **NIGHT, **REACHING, **RECORD, **SHARED, **STANDING, **WORK}
