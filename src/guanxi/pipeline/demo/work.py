"""Employers and pensions (代发工资、代发养老金): who is paid by whom, how much, on which day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.days import Span, before_weekend
from guanxi.pipeline.demo.population import COMPANY, GOVERNMENT, PERSON, Parties
from guanxi.pipeline.demo.shapes import AREAS, BATCHES_STOP_EVERY, FEN, REASONS

NONE = 0
SALARY, PENSION = 1, 2


@dataclass
class Pay:
    """Regular income per party; months count from history's first."""

    payer: np.ndarray  # first employer, or the body that pays the pension; -1
    payer_later: np.ndarray  # after a change of job; -1
    changes: np.ndarray  # month index from which the later one (or nobody) pays
    stops: np.ndarray  # month index from which nobody pays
    kind: np.ndarray  # NONE, SALARY, PENSION
    amount: np.ndarray  # fen a month
    day: np.ndarray  # by payer party: its payday; 0
    moved_away: (
        np.ndarray
    )  # by payer party: month index from which its whole payroll goes through another bank

    def paid_in(self, month: int) -> tuple[np.ndarray, np.ndarray]:
        """(who gets money this month, who pays), by party: -1 for nobody."""
        payer = np.where(month >= self.changes, self.payer_later, self.payer)
        return np.where(month >= self.stops, -1, payer), self.kind


def pay_of(people: Parties, over: Span, rng: Generator) -> Pay:
    """Hire people of working age near their employer, and pay pensions to the old."""
    rows = len(people)
    pay = Pay(
        payer=np.full(rows, -1),
        payer_later=np.full(rows, -1),
        changes=np.full(rows, 1 << 20),
        stops=np.full(rows, 1 << 20),
        kind=np.zeros(rows, np.int64),
        amount=np.zeros(rows, np.int64),
        day=np.zeros(rows, np.int64),
        moved_away=np.full(rows, 1 << 20),
    )
    firms = np.flatnonzero((people.kind == COMPANY) | (people.kind == GOVERNMENT))
    pay.day[firms] = shapes.PAYDAYS[rng.integers(0, 3, len(firms))]
    pay.day[people.kind == GOVERNMENT] = shapes.PENSION_DAY
    _hire(people, pay, firms[people.kind[firms] == COMPANY], rng)
    _change_jobs(people, pay, over, rng)
    _pensions(people, pay, rng)
    _stop_singly(people, pay, over, rng)
    _stop_batches(pay, over)
    people.boss = np.where(pay.kind == SALARY, pay.paid_in(over.months - 1)[0], -1)
    return pay


def _hire(people: Parties, pay: Pay, firms: np.ndarray, rng: Generator) -> None:
    """Fill employers of lognormal size until the wanted share of people is on somebody's payroll."""
    able = (people.kind == PERSON) & (people.band >= 0) & (people.age_band >= 1) & (people.age_band <= 4)
    able &= ~people.has("dormant", "lost", "departed", "empty", "won_back")
    pool = np.flatnonzero(able)
    wanted = min(int(shapes.PAYROLL_SHARE * (people.band >= 0).sum()), int(0.95 * len(pool)))
    if not len(firms) or not wanted:
        return
    size = np.exp(rng.normal(np.log(shapes.EMPLOYER_MEDIAN), shapes.EMPLOYER_SIGMA, len(firms)))
    size = np.clip(np.round(size), 2, min(shapes.EMPLOYER_MAX, max(2, wanted // 3)))
    # People and employers stand in the order of their outlets, so that most work where they bank.
    near = pool[np.lexsort((rng.random(len(pool)), people.unit[pool] + 1.3 * rng.standard_normal(len(pool))))]
    hired = np.sort(rng.permutation(len(near))[:wanted])
    firms = firms[np.argsort(people.unit[firms], kind="stable")]
    ends = np.cumsum(size * (wanted / size.sum()))
    employer = firms[np.minimum(np.searchsorted(ends, np.arange(wanted) + 0.5), len(firms) - 1)]
    who = near[hired]
    pay.payer[who], pay.kind[who] = employer, SALARY
    median = np.array([shapes.SALARY[name] for name in AREAS])[people.area[who]]
    better = np.array([1.0, 1.25, 1.9])[people.band[who]]
    yuan = median * better * np.exp(rng.normal(-0.08, 0.42, wanted))
    pay.amount[who] = np.round(yuan).astype(np.int64) * FEN


def _change_jobs(people: Parties, pay: Pay, over: Span, rng: Generator) -> None:
    """About 1.5 % a month leave their employer, more after the Spring Festival; half come to another one here."""
    rate = np.array([0.04 if over.month_number(month) in (2, 3) else 0.0128 for month in range(over.months)])
    employed = np.flatnonzero(pay.kind == SALARY)
    if not len(employed):
        return
    still = np.cumprod(1 - rate)
    month = np.searchsorted(-still, -rng.random(len(employed)))
    moves = employed[month < over.months]
    when = month[month < over.months]
    other = rng.permutation(pay.payer[employed])[: len(moves)]
    here = rng.random(len(moves)) < 0.5
    pay.changes[moves] = when
    pay.payer_later[moves] = np.where(here & (other != pay.payer[moves]), other, -1)
    gone = np.flatnonzero(people.has("lost", "departed") & (pay.kind == SALARY))
    pay.stops[gone] = np.maximum(over.months - rng.integers(4, 20, len(gone)), 0)


def _pensions(people: Parties, pay: Pay, rng: Generator) -> None:
    """The old get theirs from a public body on the 15th."""
    old = (
        (people.kind == PERSON)
        & (people.band >= 0)
        & (people.age_band == 5)
        & ~people.has("dormant", "lost", "empty")
    )
    who = np.flatnonzero(old & (rng.random(len(people)) < 0.80))
    bodies = np.flatnonzero(people.kind == GOVERNMENT)
    if not len(bodies) or not len(who):
        return
    pay.payer[who], pay.kind[who] = bodies[0], PENSION
    median = np.array([shapes.PENSION[name] for name in AREAS])[people.area[who]]
    pay.amount[who] = np.round(median * np.exp(rng.normal(0, 0.22, len(who)))).astype(np.int64) * FEN


def _stop_singly(people: Parties, pay: Pay, over: Span, rng: Generator) -> None:
    """Who leaves because the wages go elsewhere: they stop one to three months before the money goes."""
    wants = people.leave_reason == REASONS.index("payroll_stopped")
    paid = wants & (pay.kind == SALARY)
    people.leave_reason[wants & ~paid] = REASONS.index("better_rate_elsewhere")
    who = np.flatnonzero(paid)
    month = (people.leaves_on[who] - over.first) // 30 - rng.integers(1, 4, len(who))
    pay.stops[who] = np.minimum(pay.stops[who], np.maximum(month, 0))


def _stop_batches(pay: Pay, over: Span) -> None:
    """An employer of middling size pays through another bank from the last two months on, others did before it."""
    if over.months < 4:
        return
    for month in range((over.months - 2) % BATCHES_STOP_EVERY, over.months - 1, BATCHES_STOP_EVERY):
        paid, _ = pay.paid_in(month)
        firm, count = np.unique(paid[(pay.kind == SALARY) & (paid >= 0)], return_counts=True)
        free = pay.moved_away[firm] > over.months
        firm, count = firm[free], count[free]
        if month < 1 or len(firm) < 4:
            continue
        chosen = int(firm[np.argmin(np.abs(count - shapes.EMPLOYER_MEDIAN))])
        staff = (pay.payer == chosen) & (pay.kind == SALARY) | (pay.payer_later == chosen)
        pay.stops[staff] = np.minimum(pay.stops[staff], month)
        pay.moved_away[chosen] = month


def paydays(pay: Pay, over: Span, month: int) -> np.ndarray:
    """The day each payer pays in a month, moved before a weekend."""
    return before_weekend(over.starts[month] + np.maximum(pay.day, 1) - 1)
