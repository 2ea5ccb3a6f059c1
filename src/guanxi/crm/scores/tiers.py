"""The names of tiers, their order and what they entitle to, from the tier policy in force and from nowhere else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.tier import Band, Scheme, TierPolicy

_known: dict[str, "TierNames"] = {}  # by content hash: a policy's payload never changes


@dataclass(frozen=True)
class TierChoice:
    """A tier as a filter offers it: `key` is scheme and rank, `label` in the reader's language."""

    key: str
    scheme: str
    rank: int
    label: str


class TierLabel(str):
    """A tier's name that knows the colour its policy gave it, so that a badge needs to be told no more."""

    __slots__ = ("colour",)
    colour: str

    def __new__(cls, text: str, colour: str) -> "TierLabel":
        """The text, with the colour beside it."""
        made = super().__new__(cls, text)
        made.colour = colour
        return made


class TierNames:
    """What the tiers of a bank are called; without a policy every tier is known by its number only."""

    def __init__(self, policy: TierPolicy | None) -> None:
        """Keep the policy's bands by scheme and rank."""
        self._schemes = {scheme.code: scheme for scheme in policy.schemes} if policy else {}
        self._bands = {
            (scheme.code, band.rank): band for scheme in self._schemes.values() for band in scheme.bands
        }

    def scheme(self, code: str | None) -> Scheme | None:
        """The scheme of this code, with its basis; None when the policy knows none."""
        return self._schemes.get(code or "")

    def band(self, scheme: str | None, rank: int | None) -> Band | None:
        """The band of this rank in its scheme; None when the policy knows none."""
        return None if scheme is None or rank is None else self._bands.get((scheme, rank))

    def label(self, scheme: str | None, rank: int | None) -> str:
        """The tier's name; 未评级 for a party without one."""
        if rank is None:
            return _("Not rated")
        band = self.band(scheme, rank)
        if band is None:
            return _("Tier %(rank)s") % {"rank": rank}
        english = (get_language() or "zh").startswith("en")
        return TierLabel(band.label_en if english else band.label_zh, band.colour)

    def entitlements(self, scheme: str | None, rank: int | None) -> tuple[str, ...]:
        """What a customer of this tier may ask for (权益), in the bank's own words."""
        band = self.band(scheme, rank)
        return band.entitlements if band else ()

    def choices(self) -> Iterator[TierChoice]:
        """All tiers: scheme by scheme as the policy lists them, the highest first."""
        for scheme in self._schemes.values():
            for band in reversed(scheme.bands):
                key = f"{scheme.code}.{band.rank}"
                yield TierChoice(key, scheme.code, band.rank, self.label(scheme.code, band.rank))


def tier_names(on: date) -> TierNames:
    """The names in force on a day; one query, the payload is read once in the life of the process."""
    content = hash_in_force("tier", on)
    if content is None:
        return TierNames(None)
    if content not in _known:
        policy = active("tier", on)
        assert isinstance(policy, TierPolicy)
        _known[content] = TierNames(policy)
    return _known[content]
