"""What a token may be given (权限范围): each scope with the rights of a person that it narrows down to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.rules import Reach, Right


@dataclass(frozen=True)
class Scope:
    """A scope: its words, the rights of which the person needs one, and whether many customers can leave by it."""

    words: Promise
    rights: tuple[Right, ...]
    exports: bool = False


SCOPES: Mapping[str, Scope] = {
    "customers:read": Scope(_("Look a customer up"), (Right.SEE_CUSTOMERS,)),
    "customers:list": Scope(_("List customers"), (Right.EXPORT_CUSTOMERS,), exports=True),
    "scores:read": Scope(_("Scores of a customer"), (Right.SEE_CUSTOMERS,)),
    "segments:read": Scope(_("Segments and their counts"), (Right.USE_SEGMENTS,)),
    "segments:members": Scope(_("Customers of a segment"), (Right.EXPORT_CUSTOMERS,), exports=True),
    "leads:read": Scope(_("Leads"), (Right.HAND_IN_LEADS,)),
    "leads:write": Scope(_("Hand in leads"), (Right.HAND_IN_LEADS,)),
    "interactions:read": Scope(_("Contacts with a customer"), (Right.SEE_CUSTOMERS,)),
    "interactions:write": Scope(_("Write down contacts"), (Right.LOG_CONTACTS,)),
    "campaigns:read": Scope(_("Campaigns and their progress"), (Right.SEE_CAMPAIGNS, Right.MAKE_CAMPAIGNS)),
    "behaviour:events": Scope(_("Send events of customers"), (Right.SEE_CUSTOMERS,)),
    "counter:events": Scope(_("Tell of events at the counter"), (Right.SERVE_COUNTER,)),
}


def needs_approval(scopes: Iterable[str]) -> bool:
    """Whether a second person must let a token with these scopes work: the lists of many customers could leave."""
    return any(SCOPES[scope].exports for scope in scopes)


def missing_rights(reach: Reach, scopes: Iterable[str]) -> list[str]:
    """The scopes a person could not use for want of the right."""
    return [scope for scope in scopes if not any(reach.may(right) for right in SCOPES[scope].rights)]
