"""What the lab calls standings, schemes, ways and states."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.crm.lab.models import State
from guanxi.crm.policies.words import KINDS as POLICY_KINDS
from guanxi.crm.policies.words import code_name, joined
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.tier import TierPolicy

NONE = -1
STATES: Mapping[str, tuple[Promise, str]] = {
    State.WAITING: (gettext_lazy("waiting"), "grey"),
    State.RUNNING: (gettext_lazy("running"), "accent"),
    State.DONE: (pgettext_lazy("simulation", "done"), "green"),
    State.FAILED: (gettext_lazy("failed"), "red"),
    State.STOPPED: (gettext_lazy("stopped"), "grey"),
}
AREAS: Mapping[str, Promise] = {
    "urban": gettext_lazy("Town"),
    "rural": gettext_lazy("Country"),
    "county": gettext_lazy("County town"),
    "township": gettext_lazy("Township"),
}
SEGMENT_PARTS: Mapping[str, Promise] = {
    "person": gettext_lazy("Persons"),
    "sole_trader": gettext_lazy("Sole traders"),
    "company": gettext_lazy("Companies"),
    "government": gettext_lazy("Government"),
    "interbank": gettext_lazy("Interbank"),
    "large": gettext_lazy("large"),
    "medium": gettext_lazy("medium"),
    "small": gettext_lazy("small"),
    "micro": gettext_lazy("micro"),
    "urban": gettext_lazy("town"),
    "rural": gettext_lazy("country"),
    "scope": gettext_lazy("Managed scope"),
}


def kind_name(kind: str) -> str:
    """A kind of policy in words."""
    return str(POLICY_KINDS[kind][0]) if kind in POLICY_KINDS else kind


def piece_name(piece: str) -> str:
    """What the worker has just finished, in words: "<step or stage> <month>"."""
    stage, _space, month = piece.rpartition(" ")
    if stage.startswith("draft"):
        return _("compared with what counts")
    said = _("%(month)s counted") if stage == "months" else _("%(month)s computed again")
    return said % {"month": month} if stage else ""


def area_name(area: str) -> str:
    """Where somebody lives, in words."""
    return str(AREAS.get(area, area)) if area else _("not known")


def scheme_name(kind: str, scheme: str, payload: Mapping[str, Any]) -> str:
    """Whom a scheme or segment is for, in words."""
    if kind != "tier":
        return " · ".join(str(SEGMENT_PARTS.get(part, part)) for part in scheme.split("/"))
    policy = load_policy("tier", payload)
    assert isinstance(policy, TierPolicy)
    try:
        known = policy.scheme(scheme)
    except KeyError:
        return scheme
    kinds = joined(code_name("kinds", code) for code in known.customer_kinds)
    return f"{kinds} · {code_name('', known.size_class)}" if known.size_class else kinds


class Standings:
    """What standings are called under one content: tiers by its own names."""

    def __init__(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Read the content's names."""
        self.kind = kind
        policy = load_policy("tier", payload) if kind == "tier" else None
        self._tiers = TierNames(policy if isinstance(policy, TierPolicy) else None)

    def label(self, scheme: str, standing: int) -> str:
        """A standing in words."""
        if self.kind == "tier":
            return self._tiers.label(scheme, None if standing == NONE else standing)
        if self.kind == "scope":
            return _("in managed scope") if standing == 1 else _("outside")
        return _("no score") if standing == NONE else _("tenth %(n)s") % {"n": standing}

    def ranks(self, scheme: str) -> list[int]:
        """The standings there are, lowest first."""
        if self.kind == "tier":
            known = self._tiers.scheme(scheme)
            return [band.rank for band in known.bands] if known else []
        return [0, 1] if self.kind == "scope" else list(range(1, 11))

    def managed(self, scheme: str, standing: int) -> bool:
        """Whether the bank gives such a customer a keeper."""
        if self.kind == "scope":
            return standing == 1
        band = self._tiers.band(scheme, standing)
        return band is not None and band.managed
