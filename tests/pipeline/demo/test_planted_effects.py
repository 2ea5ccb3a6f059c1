"""On the demo bank's own customers: the read-out finds what was planted, and its intervals keep what they promise.

Trials draw an audience from the bank and its arms by the keyed hash, a thousand times; what each would do with and
without it is the ledger and the truth file. In short here, in full with `make faults` (docs/insight/effects.md).
"""

import functools
import math
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from tests.pipeline.demo.banks import ON, asked, bank

from guanxi.insight.effects.assignment import CONTROL, bucket
from guanxi.insight.effects.intervals import (
    Difference,
    always_valid_interval,
    capped,
    difference,
    fixed_interval,
)
from guanxi.insight.effects.readout import Measured, Plan, Rules, read_out
from guanxi.insight.effects.verdict import Look, verdict
from guanxi.pipeline.demo.trials import SEASON, Trial, held_out

SIZE = (4_000, 14)
RULES = Rules(alpha=0.05, final_alpha=0.025, ratio_limit=0.001, least=50, cap=0.995)
MORNING = ON + timedelta(days=1)
NEVER = 9_999
WORKED, IDLE = SEASON[1], SEASON[2]

_DRAWN = """
WITH opened AS (
    SELECT p.customer_no, a.account_no, CAST(a.opened_on AS DATE) AS opened_on
    FROM accounts AS a JOIN products AS s USING (product_code)
    JOIN account_parties AS p ON p.account_no = a.account_no AND p.role = 'holder'
    WHERE s.family = 'time'
)
SELECT t.customer_no, t.arm, CAST(t.amount AS DOUBLE), DATE_DIFF('day', $began, t.opens_on),
       (SELECT MIN(DATE_DIFF('day', $began, o.opened_on)) FROM opened AS o
        WHERE o.customer_no = t.customer_no AND o.opened_on > $began
          AND NOT (t.arm = 'treated' AND o.opened_on IS NOT DISTINCT FROM t.opens_on))
FROM truth_campaigns AS t JOIN customers AS c USING (customer_no)
WHERE t.campaign = $name ORDER BY t.customer_no
"""
# Wealth in yuan by day: every change of a day-end, of all that is no loan and no dollar.
_WEALTH = """
WITH steps AS (
    SELECT p.customer_no, b.day,
           b.balance + b.in_transit
           - LAG(b.balance + b.in_transit, 1, 0) OVER (PARTITION BY b.account_no ORDER BY b.day) AS change
    FROM balances AS b JOIN accounts AS a USING (account_no) JOIN products AS s USING (product_code)
    JOIN account_parties AS p ON p.account_no = b.account_no AND p.role = 'holder'
    WHERE s.family <> 'loan' AND a.currency = 'CNY'
)
SELECT customer_no, GREATEST(DATE_DIFF('day', $began, day), 0) AS day, CAST(SUM(change) AS DOUBLE)
FROM steps WHERE DATE_DIFF('day', $began, day) <= $days GROUP BY ALL
"""


class Ground:
    """Whom a campaign could draw in the generated bank, and what each does with and without it, by day."""

    def __init__(self, trial: Trial) -> None:
        began: date = trial.began(MORNING)
        connection = asked(bank(*SIZE))
        rows = connection.execute(_DRAWN, {"began": began, "name": trial.name}).fetchall()
        self.days = trial.horizon_days
        self.numbers = [row[0] for row in rows]
        self.control = np.array([row[1] == CONTROL for row in rows])
        self.amount = np.array([row[2] for row in rows])
        self.would = np.array([NEVER if row[3] is None else row[3] for row in rows])
        self.natural = np.array([NEVER if row[4] is None else row[4] for row in rows])
        place = {number: at for at, number in enumerate(self.numbers)}
        self.wealth = np.zeros((self.days + 1, len(rows)))
        told = connection.execute(_WEALTH, {"began": began, "days": self.days}).fetchall()
        for number, day, change in told:
            if number in place:
                self.wealth[day, place[number]] += change
        self.wealth = self.wealth.cumsum(axis=0)
        self.wealth -= self.planted() * ~self.control
        self.before = self.wealth[0]

    def planted(self) -> np.ndarray:
        """Yuan more by day and customer, if treated."""
        return (np.arange(self.days + 1)[:, None] >= self.would[None, :]) * self.amount[None, :]

    def bought(self, *, because: bool) -> np.ndarray:
        """Whether a time deposit was opened so far, by day 1… and customer; `because`: of the campaign too."""
        when = np.minimum(self.natural, self.would) if because else self.natural
        return (np.arange(1, self.days + 1)[:, None] >= when[None, :]).astype(float)

    def grown(self, *, because: bool) -> np.ndarray:
        """Growth of wealth so far, cut at the quantile, by day 1… and customer."""
        growth = self.wealth - self.before[None, :] + (self.planted() if because else 0.0)
        return np.vstack([capped(day, RULES.cap) for day in growth[1:]])


@functools.cache
def ground(trial: Trial) -> Ground:
    return Ground(trial)


def drawn(of: Ground, number: int, share: Decimal) -> np.ndarray:
    """Who is treated in this trial, by the keyed hash; one place each."""
    key, border = f"trial {number}".encode(), int(share * 10_000)
    return np.array([bucket(key, "again", f"customer:{place}") >= border for place in range(len(of.numbers))])


def audience(of: Ground, number: int) -> np.ndarray:
    """Whom this trial's campaign meets: customers drawn from the bank's with replacement, as many as there are."""
    return np.random.default_rng(number).integers(0, len(of.numbers), len(of.numbers))


def every_day(path: np.ndarray, treated: np.ndarray) -> list[Difference]:
    """`difference` of each day's row, all days at once."""
    one, other = path[:, treated], path[:, ~treated]
    many, few = one.shape[1], other.shape[1]
    error = np.sqrt(one.var(axis=1, ddof=1) / many + other.var(axis=1, ddof=1) / few)
    means = zip(one.mean(axis=1).tolist(), other.mean(axis=1).tolist(), error.tolist(), strict=True)
    return [Difference(many, few, high, low, high - low, off, math.inf) for high, low, off in means]


def try_again(
    of: Ground, without: np.ndarray, with_it: np.ndarray, trials: Sequence[tuple[np.ndarray, np.ndarray]]
) -> dict[str, float]:
    """Shares of the trials: fixed interval holds at the horizon, always valid at all looks, somebody cries wolf."""
    truth, units = (with_it.mean(axis=1) - without.mean(axis=1)).tolist(), without.shape[1]
    found = {"fixed": 0, "always": 0, "said": 0}
    for who, arm in trials:
        always_holds, said = True, False
        for day, now in enumerate(every_day(np.where(arm[None, :], with_it[:, who], without[:, who]), arm)):
            if now.error == 0:
                continue
            last, seen = day == of.days - 1, units * (day + 1) / of.days
            always, fixed = (
                always_valid_interval(now, seen, units, RULES.alpha),
                fixed_interval(now, RULES.alpha),
            )
            final = fixed_interval(now, RULES.final_alpha)
            look = Look(now, always, fixed, final, units * last, units, last, 1.0)
            always_holds &= always.holds(truth[day])
            said |= verdict(look, ratio_limit=0.001, least=50)[0] in ("works", "harms")
            found["fixed"] += last and fixed.holds(truth[day])
        found["always"] += always_holds
        found["said"] += said
    return {name: count / len(trials) for name, count in found.items()}


def allowed(share: float, trials: int) -> float:
    """Three standard errors of a share of so many trials."""
    return 3 * math.sqrt(share * (1 - share) / trials)


def proven(trials: int, *, margin: float) -> dict[str, dict[str, float]]:
    """Both measures with the planted effect, and without any: asserted, and told for the document."""
    of = ground(WORKED)
    again = [(audience(of, number), drawn(of, number, WORKED.holdout)) for number in range(trials)]
    told = {}
    for name, made in (("product", of.bought), ("aum", of.grown)):
        without, with_it = made(because=False), made(because=True)
        told[name] = try_again(of, without, with_it, again)
        told[f"{name}, no effect"] = try_again(of, without, without, again)
    for name in ("product", "aum"):
        assert abs(told[name]["fixed"] - 0.95) <= 0.025 + margin, told
        assert told[name]["always"] >= 0.95 - margin, told
        assert told[f"{name}, no effect"]["said"] <= 0.05 + margin, told
    return told


def test_the_story_draws_as_the_ledger_was_made() -> None:
    for trial in SEASON:
        of = ground(trial)
        assert of.control.tolist() == [held_out(trial, number) for number in of.numbers]
        assert abs(of.control.mean() - float(trial.holdout)) < allowed(float(trial.holdout), len(of.numbers))


def test_treated_customers_opened_what_was_planted_and_the_held_out_did_not() -> None:
    rows = asked(bank(*SIZE)).execute(
        "SELECT t.arm, COUNT(*), SUM(CASE WHEN EXISTS (SELECT 1 FROM accounts AS a JOIN account_parties AS p "
        "ON p.account_no = a.account_no AND p.role = 'holder' JOIN balances AS b ON b.account_no = a.account_no "
        "WHERE p.customer_no = t.customer_no AND CAST(a.opened_on AS DATE) = t.opens_on AND b.balance = t.amount) "
        "THEN 1 ELSE 0 END) FROM truth_campaigns AS t WHERE t.opens_on IS NOT NULL GROUP BY t.arm"
    )
    counted = {arm: (many, found) for arm, many, found in rows.fetchall()}
    assert counted["treated"][0] == counted["treated"][1] > 50
    assert counted[CONTROL][0] > 20
    assert counted[CONTROL][1] <= 1


@pytest.mark.parametrize(("trial", "word"), [(WORKED, "works"), (IDLE, "no_effect")])
def test_the_read_out_says_of_a_campaign_what_was_planted(trial: Trial, word: str) -> None:
    of = ground(trial)
    truth = float((of.bought(because=True)[-1] - of.bought(because=False)[-1]).mean())
    outcome = np.where(of.control, of.bought(because=False)[-1], of.bought(because=True)[-1])
    units = len(outcome)
    measured = Measured(np.where(of.control, CONTROL, "treated"), outcome, None, None, np.ones(units), {})
    plan = Plan(
        {CONTROL: float(trial.holdout), "treated": 1 - float(trial.holdout)}, units, float(trial.hoped)
    )
    (line,) = read_out(measured, plan, RULES)
    assert line.verdict == word
    assert line.always.holds(truth)
    assert (truth > 0.05) is (trial is WORKED)


def test_all_days_at_once_are_what_the_read_out_says_of_each() -> None:
    of = ground(WORKED)
    path, treated = of.grown(because=True), drawn(of, 0, WORKED.holdout)
    for day, told in enumerate(every_day(path, treated)):
        alone = difference(path[day], treated)
        assert (told.lift, told.error) == (pytest.approx(alone.lift), pytest.approx(alone.error))


def test_drawn_again_on_the_banks_own_customers_the_intervals_hold() -> None:
    proven(25, margin=allowed(0.05, 25))


@pytest.mark.faults
def test_a_thousand_trials_on_the_banks_own_customers() -> None:
    told = proven(1_000, margin=0.0)
    sys.stderr.write(f"{told}\n")
