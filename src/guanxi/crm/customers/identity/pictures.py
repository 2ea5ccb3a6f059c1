"""A pair as its page shows it: both sides field by field, masked, with the level of agreement and its weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.identity.models import IdentityPair
from guanxi.crm.customers.models import ContactPoint, Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.words import ID_TYPES, SEXES
from guanxi.crm.organisation.rules import Reach

FIELDS: Mapping[str, Promise] = {
    "name": _("Name"),
    "birth": _("Birth date"),
    "id": _("Identity number"),
    "phone": _("Phone"),
    "address": _("Address"),
    "employer": _("Employer"),
    "email": _("E-mail"),
    "sex": _("Sex"),
}
LEVELS: Mapping[str, tuple[Promise, str]] = {
    "exact": (_("the same"), "green"),
    "sound": (_("sounds the same"), "green"),
    "order": (_("in another order"), "green"),
    "near": (_("one slip apart"), "amber"),
    "most": (_("mostly the same"), "green"),
    "some": (_("partly the same"), "amber"),
    "part": (_("one part the same"), "amber"),
    "differs": (_("different"), "red"),
    "unknown": (_("not known on both sides"), "grey"),
}
REASONS: Mapping[str, tuple[Promise, Promise]] = {
    "conflict": (
        _("identity numbers differ"),
        _("Correct the wrong number in its system; then they may merge."),
    ),
    "apart": (_("told apart by a person"), _("Somebody said that two of these are two people.")),
    "many": (
        _("too many numbers"),
        _("More numbers than one person may have by policy: perhaps an agent's phone."),
    ),
    "loose": (_("linked only in a chain"), _("Each resembles the next, but not all each other.")),
}
SOURCE_FIELDS: Mapping[str, Promise] = {
    "name": _("Name"), "sex": _("Sex"), "birth_date": _("Birth date"), "area": _("Town or country"),
    "village": _("Village or community"), "occupation": _("Occupation"), "employer_name": _("Employer"),
    "resident_type": _("Kind of resident"), "size_class": _("Size"), "industry": _("Industry"),
    "risk": _("Risk grade"), "renown": _("Renown"), "identity": _("Identity number"), "unit": _("Outlet"),
    "keeper": _("Keeper"), "professional": _("Professional investor"),
}  # fmt: skip
_STRONG = 12.0  # bits beyond which a bar is full


@dataclass(frozen=True)
class Line:
    """One field of both sides."""

    label: str
    left: str
    right: str
    level: str = ""
    kind: str = "grey"
    weight: float | None = None

    @property
    def strength(self) -> int:
        """How far the evidence reaches, 0 to 100, whichever way it points."""
        return round(min(abs(self.weight or 0.0), _STRONG) / _STRONG * 100)


def lines(reach: Reach, pair: IdentityPair, points: Mapping[int, Sequence[ContactPoint]]) -> list[Line]:
    """The compared fields in order, then what was not compared but helps a person to judge."""
    sides = [_values(reach, party, points.get(party.pk, ())) for party in (pair.left, pair.right)]
    compared = [
        _line(str(label), sides[0].get(field, ""), sides[1].get(field, ""), pair.evidence.get(field))
        for field, label in FIELDS.items()
    ]
    beside = [Line(str(label), sides[0][key], sides[1][key]) for key, label in _BESIDE.items()]
    return [*compared, *beside]


def certainty(pair: IdentityPair) -> str:
    """The posterior in per cent, never more certain than it can be told."""
    return "> 99.999%" if pair.posterior > 0.99999 else f"{pair.posterior * 100:.3f}%"


def name_of(reach: Reach, party: Party) -> str:
    """The name as this person may see it."""
    return shown_name(party.name, hidden=reach.hides_names)


_BESIDE: Mapping[str, Promise] = {
    "no": _("Customer number"),
    "unit": _("Outlet"),
    "keeper": _("Keeper"),
    "since": _("Customer since"),
    "village": _("Village or community"),
}


def _line(label: str, left: str, right: str, said: Sequence[Any] | None) -> Line:
    level, weight = (str(said[0]), said[1]) if said else ("unknown", None)
    words, kind = LEVELS.get(level, (level, "grey"))
    return Line(label, left, right, str(words), kind, None if level == "unknown" else weight)


def _values(reach: Reach, party: Party, points: Sequence[ContactPoint]) -> dict[str, str]:
    by_kind: dict[str, list[str]] = {}
    for point in points:
        by_kind.setdefault("phone" if point.kind == "mobile" else point.kind, []).append(point.masked)
    document = str(ID_TYPES.get(party.id_type or "", ""))
    return {
        "name": name_of(reach, party),
        "birth": party.birth_date.isoformat() if party.birth_date else "",
        "id": f"{document} {party.id_masked}".strip() if party.id_masked else "",
        "phone": " / ".join(by_kind.get("phone", [])),
        "address": " / ".join(by_kind.get("address", [])),
        "employer": party.employer_name or "",
        "email": " / ".join(by_kind.get("email", [])),
        "sex": str(SEXES.get(party.sex or "", "")),
        "no": party.customer_no,
        "unit": party.unit.name,
        "keeper": party.keeper.name if party.keeper else "",
        "since": party.since.isoformat() if party.since else "",
        "village": party.village or "",
    }
