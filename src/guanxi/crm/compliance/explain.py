"""Why the figures about a customer are as they are (解释说明): tier, scores, stage, warnings, policies behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from guanxi.crm.compliance.sight import whole_reach
from guanxi.crm.customers.models import Party
from guanxi.crm.foresight import pictures as foresight
from guanxi.crm.organisation.models import Staff
from guanxi.crm.policies.selectors import version_in_force
from guanxi.crm.policies.words import kind_name
from guanxi.crm.scores import cards
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.selectors import current_run

DECIDING = ("tier", "value", "stage", "churn", "warning", "need")
"""The policies behind what is explained."""


@dataclass(frozen=True)
class Explained:
    """One figure: what it is, what it says of the customer, and why, in sentences."""

    what: str
    said: str
    why: Sequence[str]


@dataclass(frozen=True)
class Explanation:
    """All figures with their reasons, the versions of the policies in force, and the run that made them ("": none)."""

    figures: Sequence[Explained]
    policies: Sequence[tuple[str, str]]
    run: str
    as_of: date | None


def explained_to(party: Party, by: Staff, today: date) -> Explanation:
    """Tier, value, stage and warnings of this customer with their reasons; no figures before the first run."""
    run = current_run()
    picture = Picture(whole_reach(by), party, today, run)
    figures = [*_scored(picture), *_warned(picture)] if picture.score else []
    versions = [(kind, version_in_force(kind, today)) for kind in DECIDING]
    return Explanation(
        figures,
        [(str(kind_name(kind)), _version(one)) for kind, one in versions if one is not None],
        run.pk if run else "",
        run.business_date if run else None,
    )


def _version(version: object) -> str:
    told = {"n": version.version, "day": version.valid_from}  # type: ignore[attr-defined]
    return _("version %(n)s, in force from %(day)s") % told


def _scored(picture: Picture) -> list[Explained]:
    score = picture.score
    assert score is not None
    value, stage = cards.value(picture), cards.stage(picture)
    return [
        Explained(
            _("Tier"),
            picture.names.label(score.tier_scheme, score.tier_rank),
            cards.tier(picture)["tier_sentences"],
        ),
        *(
            Explained(str(bar.label), "" if bar.score is None else f"{bar.score:.0f}", [str(bar.sentence)])
            for bar in value["bars"]
        ),
        Explained(
            _("Life-cycle stage"),
            str(stage["stages"].get(score.stage or "", "")),
            [said for said in (stage["why"], stage["leans"]) if said],
        ),
    ]


def _warned(picture: Picture) -> list[Explained]:
    score = picture.score
    scheme = score.tier_scheme if score else None
    told = foresight.panel(picture.reach, picture.party, picture.names, scheme)
    why = [sentence for _name, sentence, _day in told["signals"]]
    if told["scorer"]:
        why.append(str(told["scorer"]))
    return [Explained(_("Early warning"), told["state"], why)] if why else []
