"""Campaigns of the story whose first step is a call by the keeper (电访往事): drawn, called, what the ledger shows.

What was bought is what the ledger shows, what was answered is what the keepers' contacts say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connections

from guanxi.crm.campaigns.drawing import arms_of
from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import Campaign, Recipient, State, Step, StepDone, Wave
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import effect_policy
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.worklist.models import Origin, Task, TaskState
from guanxi.insight.effects.assignment import CONTROL
from guanxi.pipeline.campaign_steps import note_outcomes
from guanxi.pipeline.demo.past._campaign_cast import USING, assigned, handed_in, kept, ten
from guanxi.pipeline.demo.trials import KEY, unit

_KEPT = """
SELECT party.id, party.unit_id, party.keeper_id, COALESCE(score.aum_fen, 0), party.customer_no
FROM customers_party AS party
JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.is_active
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.state = 'active' AND party.merged_into_id IS NULL AND {whom}
ORDER BY {order} LIMIT %(most)s
"""


@dataclass(frozen=True)
class People:
    """Who makes the campaign, who approves it, and whose it is."""

    analyst: Staff
    boss: Staff
    bank: Unit


def kept_customers(whom: str, *, name: str = "", most: int = 1_000_000, **told: Any) -> list[Candidate]:
    """Kept customers who fulfil `whom` (SQL on `party` and `score`); with a name at most `most` of them, by chance."""
    order = "md5(party.customer_no || %(name)s)" if name else "party.id"
    with connections[USING].cursor() as cursor:
        cursor.execute(_KEPT.format(whom=whom, order=order), {**told, "name": name, "most": most})
        return [
            Candidate(party, outlet, keeper, unit(number), aum)
            for party, outlet, keeper, aum, number in cursor.fetchall()
        ]


def called(
    plan: Plan, rows: Sequence[Candidate], people: People, today: date, *, state: State, until: date | None = None
) -> int:  # fmt: skip
    """A campaign that ran: drawn, first calls given out, outcomes read; running or ended. Rows written.

    `until`: the day it was halted on; what came after is not told.
    """
    days = plan.days()
    assert days is not None
    begun, last = days
    arms = arms_of(plan, rows, key=KEY, salt=plan.name, effect=effect_policy(today), pilots=frozenset())
    told = Counter(arms.values())
    counts = {
        "audience": len(rows), "eligible": len(rows), "dropped": {}, "treated": len(rows) - told[CONTROL], "exempt": 0,
    }  # fmt: skip
    campaign = kept(
        plan, people.analyst, people.bank, today, state, launched_on=begun,
        ended_on=last if state == State.ENDED else None, counts=counts, planned_n=len(rows), cost_fen=len(rows) * 540,
    )  # fmt: skip
    handed_in(campaign, people.analyst, people.boss, begun - timedelta(days=2), eligible=len(rows))
    _steps(campaign, plan, counts, begun)
    treated = [row for row in rows if arms[row.party] != CONTROL]
    assigned(campaign, rows, arms, 1, begun)
    StepDone.objects.using(USING).bulk_create(
        StepDone(campaign=campaign, party_id=row.party, step=1, done_on=begun, outcome="opened")
        for row in treated
    )
    seen = min(last, today, until or today)
    note_outcomes(campaign, plan, seen)
    return len(rows) + len(treated) + _tasks(campaign, plan, treated, begun, seen, state)


def _steps(campaign: Campaign, plan: Plan, counts: dict[str, Any], begun: date) -> None:
    Step.objects.using(USING).bulk_create(
        Step(
            campaign=campaign, number=number, kind=step.kind, after_days=step.after_days, condition=step.condition,
            script=step.script,
        )
        for number, step in enumerate(plan.steps, 1)
    )  # fmt: skip
    Wave.objects.using(USING).create(
        campaign=campaign, number=1, due_on=begun, share=1, entered_on=begun, counts=counts
    )


def _tasks(
    campaign: Campaign, plan: Plan, treated: Sequence[Candidate], begun: date, until: date, state: State
) -> int:  # fmt: skip
    """The first step's tasks: who was reached is done; of the others some lapsed, or still stand while it runs."""
    reached = dict(
        Recipient.objects.using(USING)
        .filter(campaign=campaign, reached_on__isnull=False)
        .values_list("party_id", "reached_on")
    )
    made = []
    for row in treated:
        day = reached.get(row.party)
        standing = day is None and state == State.RUNNING
        closed = day or until
        ended = TaskState.DONE if day else TaskState.LAPSED
        made.append(
            Task(
                party_id=row.party, unit_id=row.unit, keeper_id=row.keeper, assignee_id=row.keeper or 0,
                origin=Origin.CAMPAIGN, subject=f"campaign:{campaign.uuid}:1", opened_on=begun,
                due_on=begun + timedelta(days=20 if standing else 5), value_fen=row.aum_fen, minutes=6,
                reason={"code": "campaign", "name": campaign.name, "text": plan.steps[0].script},
                offer_family=plan.family, link=f"campaigns:detail {campaign.uuid}",
                state=TaskState.OPEN if standing else ended, closed_at=None if standing else ten(closed),
                closed_on=None if standing else closed, closed_by_id=row.keeper if day else None,
                outcome="" if standing or day else "too_late",
            )
        )  # fmt: skip
    Task.objects.using(USING).bulk_create(made, ignore_conflicts=True)
    return len(made)
