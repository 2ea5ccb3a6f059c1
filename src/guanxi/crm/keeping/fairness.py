"""Fairness of exits (公平性): proposed, decided out, appealed by age, gender and place, as counts and rates.

The rate of proposals is against the customers kept today in the same group; those of exits and appeals against the
proposals decided. A group smaller than the policy's number says no rate: chance alone moves it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from guanxi.crm.customers.selectors import within
from guanxi.crm.customers.words import AREAS, SEXES
from guanxi.crm.keeping import selectors
from guanxi.crm.keeping.models import ExitState
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import PartyScore

DECIDED_OUT = {ExitState.NOTICED, ExitState.APPEALED, ExitState.LEFT}
BY: Mapping[str, str] = {"age_band": "age_band", "sex": "party__sex", "area": "party__area"}
"""A group's column of the exit, and where the same stands for customers kept now."""


@dataclass(frozen=True)
class Group:
    """One group with its counts; a rate is None where the group is too small to say anything."""

    label: str
    kept: int
    proposed: int
    decided: int
    out: int
    appealed: int
    least: int

    @property
    def small(self) -> bool:
        """Whether the group is too small for rates."""
        return self.kept + self.out < self.least

    @property
    def proposed_rate(self) -> float | None:
        """Proposed, of all kept or gone."""
        return self._rate(self.proposed, self.kept + self.out)

    @property
    def out_rate(self) -> float | None:
        """Decided out, of those decided."""
        return self._rate(self.out, self.decided)

    @property
    def appeal_rate(self) -> float | None:
        """Appealed, of those decided."""
        return self._rate(self.appealed, self.decided)

    def _rate(self, part: int, whole: int) -> float | None:
        return None if self.small or whole < self.least else part / whole


def tables(reach: Reach, least: int) -> list[tuple[str, list[Group]]]:
    """A table each by age, gender and place, of customers and exits within reach; six queries."""
    titles = {"age_band": _("By age"), "sex": _("By gender"), "area": _("By town or country")}
    return [(titles[column], _groups(reach, column, kept, least)) for column, kept in BY.items()]


def _groups(reach: Reach, column: str, kept_as: str, least: int) -> list[Group]:
    kept = within(PartyScore.objects.filter(keeper__isnull=False), reach)
    now = dict(
        kept.values_list(kept_as).annotate(number=Count("*")).order_by(kept_as).values_list(kept_as, "number")
    )
    rows = selectors.exits(reach).select_related(None).exclude(state=ExitState.DROPPED)
    told = list(rows.order_by().values_list(column, "state", "appealed_on", "decided_by"))
    groups = sorted({*now, *(row[0] for row in told)}, key=lambda code: (code is None, str(code)))
    return [
        _group(column, code, now.get(code, 0), [row[1:] for row in told if row[0] == code], least)
        for code in groups
    ]


def _group(
    column: str, code: str | None, kept: int, rows: Iterable[tuple[str, object, int | None]], least: int
) -> Group:
    found: Counter[str] = Counter()
    for state, appealed_on, decided_by in rows:
        out = state in DECIDED_OUT
        found.update(proposed=1, decided=decided_by is not None, out=out, appealed=appealed_on is not None)
    label = _label(column, code)
    return Group(label, kept, found["proposed"], found["decided"], found["out"], found["appealed"], least)


def _label(column: str, code: str | None) -> str:
    if code is None:
        return _("not known")
    words: Mapping[str, object] = {"sex": SEXES, "area": AREAS}.get(column, {})
    return str(words.get(code, code))
