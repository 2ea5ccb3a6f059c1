"""What the reports call tiers, people and gaps; names of tiers come from the policy in force."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.crm.scores.tiers import TierNames

UNRATED = -1  # how the tables of sums write 未评级


@dataclass(frozen=True)
class Retail:
    """The scheme of private customers: its code, the kinds of customers it counts, its ranks, the lowest first."""

    scheme: str
    kinds: tuple[str, ...]
    ranks: tuple[int, ...]


def retail_scheme(names: TierNames) -> Retail:
    """The first scheme that rates by assets (persons); without a policy, persons by bare rank."""
    for choice in names.choices():
        scheme = names.scheme(choice.scheme)
        if scheme is not None and scheme.basis != "standing":
            ranks = tuple(sorted(band.rank for band in scheme.bands))
            return Retail(scheme.code, tuple(scheme.customer_kinds), ranks)
    return Retail("person", ("person", "sole_trader"), ())


def tier_label(names: TierNames, scheme: str, rank: int | None) -> str:
    """The name of a tier; 未评级 for -1 and None."""
    return names.label(scheme, None if rank is None or rank == UNRATED else rank)


def nobody() -> str:
    """What stands where customers have no keeper."""
    return _("No keeper yet")
