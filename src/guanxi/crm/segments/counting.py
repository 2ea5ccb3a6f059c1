"""Counting in the facts file, always within the reader's reach: how many, who they are, who is in both, page by page.

A subject is what is counted: a rule's condition, or a list of customers. Who refused profiling (个性化分析) is in no
rule's result; the count says how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from sqlglot import exp

from guanxi.crm.organisation.models import UnitScope
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.selectors import current_run
from guanxi.insight.segments import Context, Rule, expression
from guanxi.insight.segments.facts import BY_CODE as FACTS
from guanxi.insight.segments.facts import Kind
from guanxi.insight.segments.rule import leaves
from guanxi.lake.interactive import FactsFile, LakeReach, facts_path, open_facts

REFUSED = "no_profiling"


@dataclass(frozen=True)
class Subject:
    """What is counted: the SQL condition over `fact`, and the lists of customers that it names as tables."""

    condition: exp.Expr
    lists: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def __and__(self, other: Subject) -> Subject:
        return Subject(exp.and_(self.condition, other.condition), {**self.lists, **other.lists})

    def without(self, other: Subject) -> Subject:
        """Those of this one who are not in the other; NULL counts as not being in it."""
        other_or_not = exp.func("COALESCE", other.condition.copy(), exp.false())
        return Subject(exp.and_(self.condition, exp.not_(other_or_not)), {**self.lists, **other.lists})


@dataclass(frozen=True)
class Counted:
    """How many customers and how much they hold; `refused`: fulfil the rule but refused profiling, not counted."""

    customers: int
    aum_fen: int
    refused: int
    of_all: int
    as_of: date

    @property
    def share(self) -> float | None:
        """Of everybody within reach."""
        return self.customers / self.of_all if self.of_all else None


Slice = tuple[Any, int, int]  # key, customers counted, customers of everybody within reach


@dataclass(frozen=True)
class Portrait:
    """Who they are beside everybody within reach: by tier (scheme, rank), by age band, by unit key."""

    tiers: list[Slice]
    ages: list[Slice]
    units: list[Slice]


class Facts:
    """The facts of the current run as one reader sees them."""

    def __init__(self, file: FactsFile, reach: LakeReach) -> None:
        self._file = file
        self._reach = reach

    @property
    def as_of(self) -> date:
        """The business date of the figures (口径日期)."""
        day: date = self._file.business_date
        return day

    @property
    def columns(self) -> Sequence[str]:
        """What the file knows of each customer."""
        return list(self._file.columns)

    def of_rule(self, rule: Rule) -> Subject:
        """Those who fulfil a rule and did not refuse profiling."""
        condition = expression(rule, Context(self.as_of, _subtrees(rule)))
        return Subject(exp.and_(condition, exp.not_(exp.column(REFUSED))))

    def of_list(self, keys: Sequence[int], name: str = "chosen") -> Subject:
        """The customers of a brought list; `name` tells two lists in one question apart."""
        listed = exp.select("party_key").from_(name)
        return Subject(exp.In(this=exp.column("party_key"), query=listed.subquery()), {name: keys})

    def count(self, rule: Rule) -> Counted:
        """How many fulfil the rule."""
        condition = expression(rule, Context(self.as_of, _subtrees(rule)))
        refused = exp.column(REFUSED)
        query = exp.select(
            "COUNT(*)", _sum_if(exp.not_(refused), exp.Literal.number(1)), _sum_if(exp.not_(refused), exp.column("aum"))
        ).from_("fact").where(condition)  # fmt: skip
        ((fulfil, counted, aum),) = self._ask(query)
        return Counted(
            int(counted or 0), _fen(aum), fulfil - int(counted or 0), self._everybody(), self.as_of
        )

    def size(self, subject: Subject) -> Counted:
        """How many a subject has."""
        query = exp.select("COUNT(*)", "SUM(aum)").from_("fact").where(subject.condition)
        ((customers, aum),) = self._ask(query, subject.lists)
        return Counted(customers, _fen(aum), 0, self._everybody(), self.as_of)

    def sizes(self, subjects: Sequence[Subject]) -> list[int]:
        """How many each subject has, in one reading of the file."""
        if not subjects:
            return []
        sums = [_sum_if(subject.condition, exp.Literal.number(1)) for subject in subjects]
        lists = {name: keys for subject in subjects for name, keys in subject.lists.items()}
        ((*counts,),) = self._ask(exp.select(*sums).from_("fact"), lists)
        return [int(count or 0) for count in counts]

    def portrait(self, subject: Subject) -> Portrait:
        """Who a subject's customers are, beside everybody within reach."""

        def by(*columns: str) -> list[Slice]:
            query = exp.select(*columns, _sum_if(subject.condition, exp.Literal.number(1)), "COUNT(*)").from_(
                "fact"
            )
            rows = self._ask(query.group_by(*columns), subject.lists)
            found = [(row[:-2] if len(columns) > 1 else row[0], int(row[-2] or 0), row[-1]) for row in rows]
            return sorted(found, key=lambda one: -one[1])

        return Portrait(by("tier_scheme", "tier_rank"), by("age_band"), by("unit_id"))

    def keys(
        self, subject: Subject, sort: str, *, after: tuple[Any, int] | None, backwards: bool, size: int
    ) -> list[tuple[Any, int]]:
        """Up to `size` (sort value, party key) from a key on: the greatest first, the unknown last, ties by key."""
        value, party = exp.column(sort), exp.column("party_key")
        query = exp.select(sort, "party_key").from_("fact").where(subject.condition)
        if after is not None:
            query = query.where(_beyond(value, party, after, backwards=backwards))
        order = [
            exp.Ordered(this=value, desc=not backwards, nulls_first=backwards),
            exp.Ordered(this=party, desc=backwards),
        ]
        rows = self._ask(query.order_by(*order).limit(size), subject.lists)
        return [(row[0], row[1]) for row in rows]

    def kept_keys(self, rule: Rule) -> list[int]:
        """The customers somebody keeps who fulfil a rule, in the order of their keys: for the night's playbooks."""
        kept = exp.column("keeper_id").is_(exp.null()).not_()
        query = exp.select("party_key").from_("fact").where(self.of_rule(rule).condition, kept)
        return [row[0] for row in self._ask(query.order_by("party_key"))]

    def _everybody(self) -> int:
        return int(self._ask(exp.select("COUNT(*)").from_("fact"))[0][0])

    def _ask(
        self, query: exp.Query, lists: Mapping[str, Sequence[int]] | None = None
    ) -> list[tuple[Any, ...]]:
        return self._file.read_for(self._reach, query, chosen=lists)


def facts_for(reach: Reach) -> Facts | None:
    """The current run's facts as this reach sees them; None when no run has left any."""
    run = current_run()
    file = (
        open_facts(facts_path(settings.GUANXI_BANK_HOME / "lake", run.pk), **settings.GUANXI_FACTS)
        if run
        else None
    )
    return Facts(file, lake_reach(reach)) if file else None


def lake_reach(reach: Reach) -> LakeReach:
    """The reach as the lake takes it, with who moved since the file was made; the same customers as lists show."""
    if not reach.sees_customers:
        return LakeReach()
    with connection.cursor() as cursor:
        cursor.execute("SELECT party_id, inside FROM segments_moved() ORDER BY party_id")
        moved = tuple(cursor.fetchall())
    return LakeReach(reach.whole_bank, reach.unit_ids, reach.staff_ids, moved)


def _subtrees(rule: Rule) -> dict[str, list[str]]:
    """The units a rule names, each with all below it."""
    named = {
        str(value) for leaf in leaves(rule) if FACTS[leaf.fact].kind is Kind.UNIT for value in leaf.values
    }
    found: dict[str, list[str]] = {}
    if named:
        scopes = UnitScope.objects.filter(unit__unit_no__in=named)
        for top, member in scopes.values_list("unit__unit_no", "member__unit_no"):
            found.setdefault(top, []).append(member)
    return found


def _sum_if(condition: exp.Expr, amount: exp.Expr) -> exp.Expr:
    return exp.Sum(this=exp.Case().when(condition.copy(), amount))


def _beyond(value: exp.Expr, party: exp.Expr, key: tuple[Any, int], *, backwards: bool) -> exp.Expr:
    """Rows past a key in reading direction, where the unknown stand at the end of the list."""
    known, number = key
    past_party = (exp.LT if backwards else exp.GT)(this=party, expression=exp.Literal.number(number))
    if known is None:
        same = exp.and_(value.copy().is_(exp.null()), past_party)
        return exp.or_(same, value.copy().is_(exp.null()).not_()) if backwards else same
    literal = exp.cast(exp.Literal.string(str(known)), "DECIMAL(18, 2)")
    past = (exp.GT if backwards else exp.LT)(this=value.copy(), expression=literal)
    same = exp.and_(exp.EQ(this=value.copy(), expression=literal.copy()), past_party)
    found = exp.or_(past, same)
    return found if backwards else exp.or_(found, value.copy().is_(exp.null()))


def _fen(amount: Decimal | None) -> int:
    return int((amount or Decimal(0)) * 100)
