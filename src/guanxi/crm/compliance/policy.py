"""The policy of this room in force on a day."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.compliance import CompliancePolicy


def compliance_policy(on: date) -> CompliancePolicy | None:
    """Days, alerts and grades as they count on that day; None for a bank without such a policy."""
    found = known(CompliancePolicy.kind, on)
    return found if isinstance(found, CompliancePolicy) else None


def needed(on: date) -> CompliancePolicy:
    """The same, where nothing can be done without it; ValidationError says so."""
    found = compliance_policy(on)
    if found is None:
        raise ValidationError(_("The bank has no policy of compliance in force."))
    return found
