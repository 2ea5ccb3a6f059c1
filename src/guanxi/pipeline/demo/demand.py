"""Settlement accounts through the months: pay comes in, most of it leaves, small payments, cash, interest.

Every account is carried forward month by month, all accounts at once. So that the month-end bands are exact, it must
end on a balance set beforehand: where it can the whole path is moved up or down to end there, which costs no posting;
where it would fall below zero, or begins inside history, the last movement brings it there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.days import Span, festivals
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.population import PERSON, Parties
from guanxi.pipeline.demo.shapes import COUNTER_BANKS, DESTINATIONS, FEN, KIND
from guanxi.pipeline.demo.work import PENSION, SALARY, Pay, paydays

NEVER = 1 << 29
LAST_OF_WALK = (
    60  # a place in the day after all movements of a month; what comes from elsewhere begins at 100
)
PASSES = 0.35  # chance a month that money passes through an account that keeps next to nothing
PAYMENTS = 4  # at most, before payday and after it


@dataclass
class Settlement:
    """Settlement accounts, one row each, and how they move."""

    party: np.ndarray
    opened: np.ndarray
    closed: np.ndarray  # NEVER while open
    final: np.ndarray  # fen at the business date
    active_to: np.ndarray  # last month index with movements
    level: np.ndarray  # [account, month] wanted month-end balance as a multiple of `usual`
    usual: np.ndarray  # fen
    payments: np.ndarray  # a month, on average
    steady: np.ndarray  # chance that a month ends at its wanted level
    through: np.ndarray  # money only passes through


def settlement_of(
    people: Parties,
    pay: Pay,
    put_away: np.ndarray,
    closing: np.ndarray,
    over: Span,
    rng: Generator,
    often: float,
) -> Settlement:
    """One account for everyone who has any; `put_away` is what stands in chains at the business date.

    `often`: wallet payments a month of who uses the mobile bank; an eighth of it for the others.
    """
    party = np.flatnonzero(~people.has("potential"))
    rows = len(party)
    final = (people.aum - put_away)[party]
    quiet = people.has("dormant")[party]
    lost = people.has("lost")[party]
    closed = np.where(people.has("departed")[party], closing[party], NEVER)
    last = over.months - 1
    payments = (
        np.where(people.mobile_active[party], often, often / 8) * (people.kind[party] == PERSON) * ~quiet
    )
    through = people.has("empty")[party]
    steady = _steadiness(people, pay, party)
    moves = 1 - (1 - steady) * np.exp(-payments) * np.where(through, 1 - PASSES, 1.0)
    active = last - _rest(people, pay, party, moves, rng)
    active = np.where(quiet, last - rng.integers(7, over.months + 10, rows), active)
    active = np.where(lost, last - rng.integers(3, 7, rows), active)
    active = np.where(closed < NEVER, over.month_of(closed), active)
    active = np.maximum(active, over.month_of(people.since[party]))  # at least the month of its opening
    firm = people.kind[party] != PERSON
    wander = np.cumsum(
        rng.normal(0, np.where(firm, 0.20, 0.22)[:, None], (rows, over.months))[:, ::-1], axis=1
    )[:, ::-1]
    usual = np.maximum(final, np.where(lost | (closed < NEVER), 900 * FEN, 40 * FEN))
    return Settlement(
        party=party,
        opened=people.since[party],
        closed=closed,
        final=np.where(closed < NEVER, 0, final),
        active_to=active,
        level=_away(_levels(wander), people.back_on[party], usual, over),
        usual=usual,
        payments=payments,
        steady=steady,
        through=through,
    )


def _rest(people: Parties, pay: Pay, party: np.ndarray, moves: np.ndarray, rng: Generator) -> np.ndarray:
    """Months since the last movement of those whom nobody pays, so that in the last month as many move as in any other.

    `moves` is the chance that something moves in a month; at most three months, else they would count as asleep.
    """
    irregular = (people.kind[party] == PERSON) & (pay.kind[party] == 0) & (people.back_on[party] == 0)
    rest = rng.geometric(np.clip(moves * 1.1, 0.05, 1.0)) - 1
    return np.where(irregular, np.minimum(rest, 3), 0)


def _levels(wander: np.ndarray) -> np.ndarray:
    """Wanted month-end levels: a walk around one, lower before the last month, as unspent pay lies on top of it."""
    level = np.exp(np.clip(wander * 0.45, -1.2, 0.9))
    level[:, :-1] *= 0.96
    return level


def _away(level: np.ndarray, back_on: np.ndarray, usual: np.ndarray, over: Span) -> np.ndarray:
    """Who was won back had next to nothing here until the day of return (`back_on`, 0 for others)."""
    away = np.arange(over.months) < over.month_of(back_on)[:, None]
    return np.where(away & (back_on > 0)[:, None], np.minimum(level, (500 * FEN / usual)[:, None]), level)


def _steadiness(people: Parties, pay: Pay, party: np.ndarray) -> np.ndarray:
    """Who is paid each month spends it each month; others touch their account a few times a year."""
    kind = pay.kind[party]
    chance = np.select([kind == SALARY, kind == PENSION, people.band[party] > 0], [0.55, 0.45, 0.40], 0.22)
    chance = np.where(people.has("won_back")[party], 1.0, chance)
    return np.where(people.kind[party] == PERSON, chance, 0.9)


def move(of: Settlement, people: Parties, pay: Pay, over: Span, rng: Generator, events: Events) -> None:
    """Carry every account from history's first day to the last; postings go to `events`, accounts as positions."""
    walk = _Walk(of, people, pay, over, rng, events)
    for month in range(over.months):
        walk.month(month)
    walk.arrive()


class _Walk:
    """The state while accounts are carried forward."""

    def __init__(
        self, of: Settlement, people: Parties, pay: Pay, over: Span, rng: Generator, events: Events
    ) -> None:
        self.of, self.people, self.pay, self.over, self.rng, self.events = of, people, pay, over, rng, events
        self.balance = np.where(of.opened < over.first, np.round(of.usual * of.level[:, 0]), 0).astype(
            np.int64
        )
        self.old = (of.opened < over.first) & (of.closed >= over.first)
        rows = np.flatnonzero(self.old)
        events.add(rows, over.first - 1, self.balance[rows])
        self.lowest = self.balance.copy()
        self.seq = 0
        self.settles = np.zeros(len(of.party), bool)
        self.cursor = np.zeros(len(of.party), np.int64)
        self.last = np.zeros(len(of.party), np.int64)

    def month(self, month: int) -> None:
        """One month of every account, in the order of its days."""
        of, start, end = self.of, int(self.over.starts[month]), int(self.over.ends[month])
        self.seq = 0
        self.settles = self.rng.random(len(of.party)) < of.steady
        alive = (of.opened <= end) & (of.closed >= start) & (month <= of.active_to)
        self.cursor = np.where(alive, np.maximum(start, of.opened), self.cursor)
        self.last = np.where(alive, np.minimum(end, of.closed), self.last)
        paid, kind = self.pay.paid_in(month)
        payer = np.where(alive, paid[of.party], -1)
        day = np.where(payer >= 0, paydays(self.pay, self.over, month)[payer], end)
        payer = np.where((day >= self.cursor) & (day <= self.last), payer, -1)
        self._payments(alive, np.minimum(day, self.last), 0.4, 0)
        self._income(month, payer, kind[of.party], day)
        self._payments(alive, self.last, 0.6, 1)
        self._pass_through(alive)
        self._interest(alive, month)
        self._fees(alive, month)
        self._settle(alive, month)

    def _post(
        self,
        rows: np.ndarray,
        change: np.ndarray,
        kind: np.ndarray | int,
        *,
        bank: np.ndarray | int = -1,
        other: np.ndarray | int = -1,
    ) -> None:
        self.balance[rows] += change
        self.lowest[rows] = np.minimum(self.lowest[rows], self.balance[rows])
        self.seq += 1
        self.events.add(rows, self.cursor[rows], change, kind=kind, seq=self.seq, bank=bank, other=other)

    def _advance(self, rows: np.ndarray, to: np.ndarray, left: np.ndarray | int = 1) -> None:
        """Move the accounts' day forward, up to `to`: as the first of `left` days that are still to be drawn."""
        room = np.maximum(np.minimum(to[rows], self.last[rows]) - self.cursor[rows], 0)
        earliest = 1 - (1 - self.rng.random(len(rows))) ** (1 / np.asarray(left))
        self.cursor[rows] += (earliest * (room + 0.999)).astype(np.int64)

    def _payments(self, alive: np.ndarray, to: np.ndarray, share: float, later: int) -> None:
        """Small payments by wallet, most of all postings; `later`: how many other steps share the days left."""
        count = np.minimum(self.rng.poisson(self.of.payments * share), PAYMENTS)
        for place in range(PAYMENTS):
            rows = np.flatnonzero(alive & (count > place) & (self.balance > 400))
            self._advance(rows, to, count[rows] - place + later)
            yuan = np.exp(self.rng.normal(np.log(shapes.PAYMENT_MEDIAN), 1.15, len(rows)))
            amount = np.minimum(np.round(yuan * FEN).astype(np.int64), self.balance[rows] * 6 // 10)
            self._post(rows, -np.maximum(amount, 1), KIND["payment"], bank=self.rng.integers(0, 2, len(rows)))

    def _income(self, month: int, payer: np.ndarray, kind: np.ndarray, day: np.ndarray) -> None:
        """Salary or pension on its day, and most of it out again within three days."""
        rows = np.flatnonzero(payer >= 0)
        self.cursor[rows] = np.maximum(self.cursor[rows], day[rows])
        wage = self.pay.amount[self.of.party[rows]]
        if self.over.month_number(month) == 1:
            wage = np.where(kind[rows] == SALARY, wage * 2, wage)  # the year's bonus
        code = np.where(kind[rows] == PENSION, KIND["pension"], KIND["salary"])
        self._post(rows, wage, code, bank=len(COUNTER_BANKS) - 1, other=payer[rows])
        # Who does not settle this month leaves no more than usual on the account, else pay would pile up.
        settles = self.settles[rows]
        spends = ~settles | (self.rng.random(len(rows)) < np.where(kind[rows] == SALARY, 0.75, 0.40))
        rows, wage, part = rows[spends], wage[spends], np.where(settles, 0.60, 0.92)[spends]
        self._advance(rows, self.cursor + 3)
        gone = np.round(wage * (part + 0.10 * self.rng.random(len(rows)))).astype(np.int64)
        gone = gone // (10 * FEN) * (10 * FEN)
        modern = self.people.mobile_active[self.of.party[rows]] & (self.rng.random(len(rows)) < 0.7)
        self._post(
            rows,
            -np.minimum(gone, self.balance[rows]),
            np.where(modern, KIND["transfer_out"], KIND["cash_out"]),
            bank=np.where(modern, self.rng.integers(2, 2 + len(DESTINATIONS) - 3, len(rows)), -1),
            other=np.where(modern, self._someone(len(rows)), -1),
        )

    def _pass_through(self, alive: np.ndarray) -> None:
        """Accounts that keep next to nothing: every third month or so money comes in and leaves within days."""
        rows = np.flatnonzero(alive & self.of.through & (self.rng.random(len(self.balance)) < PASSES))
        self._advance(rows, self.last, 3)
        amount = np.round(np.exp(self.rng.normal(6.0, 0.8, len(rows)))).astype(np.int64) * FEN
        bank = self.rng.integers(2, 2 + len(DESTINATIONS) - 3, len(rows))
        self._post(rows, amount, KIND["transfer_in"], bank=bank, other=self._someone(len(rows)))
        self._advance(rows, self.last, 2)
        self._post(rows, -amount, KIND["cash_out"])

    def _interest(self, alive: np.ndarray, month: int) -> None:
        """Interest on demand money on the 21st of the quarter's last month."""
        if self.over.month_number(month) % 3:
            return
        day = int(self.over.starts[month]) + 20
        amount = np.round(self.balance * (shapes.DEMAND_RATE / 4)).astype(np.int64)
        rows = np.flatnonzero(alive & (amount >= 100) & (self.last >= day) & (self.of.opened < day - 40))
        self.cursor[rows] = np.maximum(self.cursor[rows], day)
        self._post(rows, amount[rows], KIND["interest"])

    def _fees(self, alive: np.ndarray, month: int) -> None:
        """A quarter's fee for messages from one account in five."""
        if self.over.month_number(month) % 3 != 1:
            return
        fee = 6 * FEN
        rows = np.flatnonzero(alive & (self.of.party % 5 == 2) & (self.balance > 100 * FEN))
        self._advance(rows, self.last, 2)
        self._post(rows, np.full(len(rows), -fee), KIND["fee"])

    def _settle(self, alive: np.ndarray, month: int) -> None:
        """Bring some accounts near their usual level, and those that close this month to nothing."""
        of = self.of
        closing = alive & (of.closed <= self.last)
        level = np.round(of.usual * of.level[:, month]).astype(np.int64)
        change = np.where(closing, 0, level) - self.balance
        whole = np.where(np.abs(change) >= 200 * FEN, 100 * FEN, 1)
        change = np.where(closing, change, np.sign(change) * (np.abs(change) // whole * whole))
        wanted = (self.settles & (np.abs(change) > 50 * FEN)) | (closing & (change != 0))
        rows = np.flatnonzero(alive & wanted)
        self._advance(rows, self.last)
        self.cursor[rows] = np.where(closing[rows], of.closed[rows], self.cursor[rows])
        self._move(rows, change[rows])

    def arrive(self) -> None:
        """End every open account on its final balance: by another beginning where it can, else by a last movement."""
        of = self.of
        self.seq = max(self.seq, LAST_OF_WALK)
        open_now = of.closed == NEVER
        change = np.where(open_now, of.final - self.balance, 0)
        # Who was won back must have had next to nothing before: the beginning is not raised.
        moves = self.old & (self.lowest + change >= 0) & (self.people.back_on[of.party] == 0)
        rows = np.flatnonzero(moves & (change != 0))
        self.events.add(rows, self.over.first - 1, change[rows])
        rows = np.flatnonzero(~moves & (change != 0))
        self._advance(rows, self.last)
        self._move(rows, change[rows])

    def _move(self, rows: np.ndarray, change: np.ndarray) -> None:
        """A movement of this size: companies by transfer, persons by transfer or cash."""
        of = self.of
        firm = self.people.kind[of.party[rows]] != PERSON
        electronic = firm | (
            self.rng.random(len(rows)) < np.where(self.people.mobile_active[of.party[rows]], 0.8, 0.3)
        )
        into = change > 0
        kind = np.where(
            firm,
            np.where(into, KIND["business_in"], KIND["business_out"]),
            np.where(
                electronic,
                np.where(into, KIND["transfer_in"], KIND["transfer_out"]),
                np.where(into, KIND["cash_in"], KIND["cash_out"]),
            ),
        )
        bank = np.where(electronic, self.rng.integers(2, len(COUNTER_BANKS), len(rows)), -1)
        self._post(rows, change, kind, bank=bank, other=np.where(electronic, self._someone(len(rows)), -1))

    def _someone(self, rows: int) -> np.ndarray:
        return self.rng.integers(0, len(self.people), rows)


def seasonal(of: Settlement, people: Parties, over: Span, rng: Generator, events: Events) -> None:
    """Money that only visits: home for the Spring Festival in the townships, and at the quarter's end."""
    stays = (of.closed == NEVER) & (of.active_to >= over.months - 1)
    for feast in festivals(over):
        rows = np.flatnonzero(stays & (people.area[of.party] == 2) & (people.aum[of.party] > 2_000 * FEN))
        rows = rows[(rng.random(len(rows)) < 0.35) & (of.opened[rows] < feast - 20)]
        amount = people.aum[of.party[rows]] * (0.18 + 0.10 * rng.random(len(rows)))
        april = feast + rng.integers(20, 60, len(rows))
        summer = feast + rng.integers(90, 230, len(rows))
        _visit(rows, amount / 3, feast - rng.integers(0, 15, len(rows)), april, over, events)
        _visit(rows, amount * 2 / 3, feast - rng.integers(-14, 15, len(rows)), summer, over, events)
    for month in range(over.months):
        if over.month_number(month) % 3 or not over.closed[month]:
            continue
        end = int(over.ends[month])
        rows = np.flatnonzero(stays & (people.aum[of.party] > 30_000 * FEN) & (of.opened < end - 10))
        rows = rows[rng.random(len(rows)) < 0.09]
        amount = people.aum[of.party[rows]] * (0.2 + 0.2 * rng.random(len(rows)))
        _visit(
            rows,
            amount,
            end - rng.integers(0, 2, len(rows)),
            end + rng.integers(1, 4, len(rows)),
            over,
            events,
        )


def _visit(
    rows: np.ndarray, amount: np.ndarray, comes: np.ndarray, goes: np.ndarray, over: Span, events: Events
) -> None:
    """A sum in and out again; only visits that are over before the last fortnight, so that the end stays exact."""
    whole = np.round(amount).astype(np.int64) // (1_000 * FEN) * 1_000 * FEN
    keep = (goes < over.until - 14) & (comes >= over.first) & (whole > 0)
    rows, whole, comes, goes = rows[keep], whole[keep], comes[keep], goes[keep]
    events.add(rows, comes, whole, kind=KIND["transfer_in"], seq=120, bank=3, other=-1, own=True)
    events.add(rows, goes, -whole, kind=KIND["transfer_out"], seq=121, bank=3, other=-1, own=True)
