"""Entries that policies of several of the other files share, by their name in the policy."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHARED: Mapping[str, Promise] = {
    "rest_days": _("Not again for"),
    "again_days": _("Begins anew after"),
    "day": _("Day"),
    "urgency_level": _("Urgency (0-3)"),
    "role": _("Role"),
    "say_zh": _("Chinese words"),
    "say_en": _("English words"),
    "times": _("Times in a period"),
    "code": _("Code"),
    "complaint_days": _("Nothing offered after a complaint for"),
    "entitlements": _("Entitlements"),
    "family": _("Product family"),
    "label_en": _("English name"),
    "label_zh": _("Chinese name"),
    "maturity_days": _("Maturing: days ahead"),
    "maturity_families": _("Maturing: product families"),
    "notice_days": _("Told before"),
    "quiet_days": _("Once listed, quiet for"),
    "scheme": _("Scheme"),
    "tier": _("Tier code"),
    "weight": _("Weight"),
    "window_days": _("Days looked back"),
    "late_days": _("Written down at most so many days later"),
    "plan": _("Plan"),
    "stage": _("Stage"),
}
