"""What was planted, one table a subject, for tests that must know the answer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from guanxi.insight.effects.assignment import CONTROL
from guanxi.pipeline.demo import doubles, service, shapes, trials
from guanxi.pipeline.demo.chains import HERE
from guanxi.pipeline.demo.columns import NO_DAY, days, money, take, words
from guanxi.pipeline.demo.leaving import destination
from guanxi.pipeline.demo.piece import Made
from guanxi.pipeline.demo.population import Piece
from guanxi.pipeline.demo.shapes import DESTINATIONS, FAMILIES, REASONS, STAGE_OF_STORY, STORIES, STORY
from guanxi.pipeline.demo.work import SALARY


def tables(made: Made, customer: pa.Array, numbers: pa.Array, piece: Piece) -> dict[str, pa.Table]:
    """Every truth table of a piece."""
    return {
        "parties": _parties(made, customer, piece),
        "leavers": _leavers(made, customer, piece),
        **doubles.truth(made.people, customer),
        "payroll": _payroll(made, customer, piece),
        "signals": service.signals(made, customer, piece),
        "going": service.going(made, customer),
        "large_changes": _large_changes(made, customer, piece),
        "maturities": _maturities(made, customer, numbers, piece),
        "campaigns": _campaigns(made, customer),
    }


SEEN_FROM, SEEN_TO = 62, 200  # days after a sum has left in which the fall can be read from the averages


def _parties(made: Made, customer: pa.Array, piece: Piece) -> pa.Table:
    """Band and AUM at the business date for persons who own; the story and the stage it is meant to show."""
    people = made.people
    owner = people.band >= 0
    stages = [STAGE_OF_STORY[name] for name in STORIES]
    ago = piece.span.until - people.leaves_on
    settled = people.has("leaving") & ((ago < SEEN_FROM) | (ago > SEEN_TO))
    meant = np.where(settled, STORY["steady"], people.story)
    return pa.table(
        {
            "customer_no": customer,
            "band": pa.array(people.band, mask=~owner),
            "aum": money(people.aum, ~owner),
            "story": words(np.where(people.kind == 0, people.story, -1), STORIES),
            "planted_stage": words(np.where(people.kind == 0, meant, -1), stages),
            "mobile_active": pa.array(people.mobile_active),
        }
    )


def _leavers(made: Made, customer: pa.Array, piece: Piece) -> pa.Table:
    """Sums that left, why, where to, and whether more will follow (`will_leave`: within three months from now)."""
    chains, people = made.chains, made.people
    rows = np.flatnonzero((chains.leaves != HERE) & (chains.leaves <= piece.span.until))
    reason = chains.reason[rows]
    return pa.table(
        {
            "customer_no": customer.take(pa.array(chains.party[rows])),
            "left_on": days(chains.leaves[rows]),
            "amount": money(chains.amount[rows]),
            "family": words(chains.family[rows], FAMILIES),
            "reason": words(reason, REASONS),
            "destination": words(destination(chains.party[rows], reason), DESTINATIONS),
            "own_name": pa.array(shapes.OWN_NAME[reason]),
            "will_leave": pa.array(people.has("going")[chains.party[rows]]),
        }
    )


def _payroll(made: Made, customer: pa.Array, piece: Piece) -> pa.Table:
    """Who is paid by whom, by month from and to (the first month no longer paid; empty while it lasts)."""
    pay, over = made.pay, piece.span
    starts = np.append(over.starts, NO_DAY)
    months = over.months
    who = np.flatnonzero(pay.kind == SALARY)
    until = np.minimum(np.minimum(pay.changes[who], pay.stops[who]), months)
    later = who[(pay.payer_later[who] >= 0) & (pay.stops[who] > pay.changes[who])]
    party = np.concatenate([who, later])
    payer = np.concatenate([pay.payer[who], pay.payer_later[later]])
    first = np.concatenate([np.zeros(len(who), np.int64), pay.changes[later]])
    last = np.concatenate([until, np.minimum(pay.stops[later], months)])
    keep = last > first
    party, payer, first, last = party[keep], payer[keep], first[keep], last[keep]
    return pa.table(
        {
            "customer_no": customer.take(pa.array(party)),
            "employer_no": take(customer, payer),
            "from_month": days(starts[first]),
            "to_month": days(starts[last]),
            "batch_stopped": pa.array(last == pay.moved_away[payer]),
        }
    )


def _large_changes(made: Made, customer: pa.Array, piece: Piece) -> pa.Table:
    """Sums of 5万 and more planted to leave or to come on the business date."""
    chains, until = made.chains, piece.span.until
    left = np.flatnonzero(chains.leaves == until)
    came = np.flatnonzero(
        (chains.origin == until) & (chains.leaves == HERE) & (chains.amount >= 5 * shapes.WAN)
    )
    rows = np.concatenate([left, came])
    sign = np.concatenate([np.full(len(left), -1), np.ones(len(came), np.int64)])
    return pa.table(
        {
            "customer_no": customer.take(pa.array(chains.party[rows])),
            "change": money(chains.amount[rows] * sign),
        }
    )


def _maturities(made: Made, customer: pa.Array, numbers: pa.Array, piece: Piece) -> pa.Table:
    """Open accounts that mature in the thirty days after the business date."""
    book, until = made.book, piece.span.until
    inside = (book.matures > until) & (book.matures <= until + 30) & (book.closed == NO_DAY)
    rows = np.flatnonzero(inside)
    rows = rows[(rows >= book.first_put_away) & (rows < book.first_loan)]
    amount = made.chains.amount[made.put_away.chain[rows - book.first_put_away]]
    return pa.table(
        {
            "account_no": numbers.take(pa.array(rows)),
            "customer_no": customer.take(pa.array(book.party[rows])),
            "matures_on": days(book.matures[rows]),
            "rolls_over": pa.array(book.rolls[rows]),
            "amount": money(amount),
        }
    )


def _campaigns(made: Made, customer: pa.Array) -> pa.Table:
    """Whom each campaign of the story could draw, the draw, and what it would do: `opens_on` empty where nothing."""
    told = made.campaigns
    return pa.table(
        {
            "campaign": words(told.trial, [trial.name for trial in trials.SEASON]),
            "customer_no": customer.take(pa.array(told.party)),
            "arm": words(told.control.astype(np.int32), (trials.TREATED, CONTROL)),
            "opens_on": days(told.opens),
            "amount": money(told.amount),
        }
    )
