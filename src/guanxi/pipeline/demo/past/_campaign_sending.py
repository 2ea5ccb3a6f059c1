"""How the text messages of the story's campaigns went: queued as a night queues them, then handed over and answered.

What the counterpart and the customers said is made up; consent and refusals are the bank's own.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from guanxi.channels.parts import count
from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import Campaign, Recipient
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.customers.models import Consent, ContactPoint
from guanxi.crm.messaging import replies
from guanxi.crm.messaging.models import (
    ChannelAccount,
    Heard,
    Message,
    Receipt,
    TemplateVersion,
    Touch,
    Volume,
)
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.worklist.models import Origin, Task, TaskState
from guanxi.pipeline.campaign_steps import take_steps
from guanxi.pipeline.demo.past._campaign_cast import USING, ten
from guanxi.pipeline.demo.past._message_texts import ANSWERS

FATES = (("delivered", 90), ("failed", 4), ("accepted", 5), ("unknown", 1))


@dataclass(frozen=True)
class Cast:
    """Who appears in the story: the bank's people, the account that sends, and chance."""

    analyst: Staff
    boss: Staff
    bank: Unit
    account: ChannelAccount
    chance: random.Random


def sent(
    cast: Cast, campaign: Campaign, plan: Plan, entering: Sequence[Candidate], day: date, *, waiting: float
) -> int:
    """The first step of those who entered on this day, queued, handed over and answered; messages and answers."""
    take_steps(campaign, plan, campaign_policy(day), day, ten(day))
    rows = list(
        Message.objects.using(USING).filter(
            origin="campaign", ref=str(campaign.uuid), party__in=[row.party for row in entering], state="planned"
        ).order_by("party_id")
    )  # fmt: skip
    versions = TemplateVersion.objects.using(USING).in_bulk({row.template_version for row in rows})
    parts = {pk: count(one.texts["zh"]["text"]) for pk, one in versions.items()}
    words = _words([row.party_id for row in rows])
    left = int(len(rows) * waiting)
    for message in rows[left:]:
        _answered(cast, message, words.get(message.party_id), parts[message.template_version or 0])
    for message in rows[:left]:
        # The demo's day stands still while its machine's clock goes on: what waits today must not be late for that.
        message.expires_at = ten(plan.days()[1])  # type: ignore[index]  # a plan of the story has its days
    Message.objects.using(USING).bulk_update(
        rows, ["state", "code", "account", "vendor_id", "parts", "cost_fen", "consent", "submitted_at", "accepted_at",
               "ended_at", "unknown_at", "expires_at"],
    )  # fmt: skip
    _heard_of(cast, rows, day)
    return len(rows) + _replies(cast, [row for row in rows if row.state == "delivered"])


def _words(parties: Sequence[int]) -> dict[int, tuple[int, bool]]:
    """The latest word on marketing texts of each: the consent's number, and what it says; a refusal by reply stands."""
    rows = Consent.objects.using(USING).filter(
        party__in=parties, purpose="marketing", channel__in=("sms", "any")
    )
    told = rows.order_by("party", "given_on", "pk").values_list("party_id", "pk", "agreed")
    left = set(
        Heard.objects.using(USING).filter(party__in=parties, asks="stop").values_list("party_id", flat=True)
    )
    return {party: (number, agreed and party not in left) for party, number, agreed in told}


def _answered(cast: Cast, message: Message, word: tuple[int, bool] | None, parts: int) -> None:
    at = message.planned_at + timedelta(seconds=cast.chance.randrange(900))
    if word is None or not word[1] or cast.chance.random() < 0.03:
        message.state, message.ended_at = "refused", at
        message.code = "cap_week" if word and word[1] else ("refused" if word else "no_consent")
        return
    message.state = cast.chance.choices([name for name, _ in FATES], [share for _, share in FATES])[0]
    message.account, message.consent, message.submitted_at = cast.account, word[0], at
    if message.state == "unknown":
        message.unknown_at, message.code = at + timedelta(seconds=10), "timeout"
        return
    message.accepted_at, message.vendor_id = (
        at + timedelta(seconds=1),
        uuid.uuid5(message.uuid, "vendor").hex[:16],
    )
    message.parts, message.cost_fen = parts, 5 * parts
    if message.state != "accepted":
        message.ended_at = at + timedelta(seconds=cast.chance.randrange(4, 240))
        message.code = cast.chance.choice(("UNDELIV", "空号")) if message.state == "failed" else ""


def _heard_of(cast: Cast, rows: Sequence[Message], day: date) -> None:
    """Receipts, what reached whom that day, and how far the step is."""
    Receipt.objects.using(USING).bulk_create(
        Receipt(
            account=cast.account, vendor_id=one.vendor_id, out_id=one.out_id, state=one.state, code=one.code,
            at=one.ended_at, heard_at=one.ended_at + timedelta(seconds=1), message=one,
        )
        for one in rows
        if one.state in ("delivered", "failed") and one.ended_at
    )  # fmt: skip
    submitted = [one for one in rows if one.submitted_at]
    Touch.objects.using(USING).bulk_create(
        (Touch(party_id=one.party_id, day=day, channel="sms", times=1) for one in submitted),
        ignore_conflicts=True,
    )
    if rows:
        volumes = Volume.objects.using(USING).filter(origin="campaign", ref=rows[0].ref, step=rows[0].step)
        volumes.update(submitted=F("submitted") + len(submitted))


def _replies(cast: Cast, delivered: Sequence[Message]) -> int:
    """One in fourteen answers; who wants no more is left alone from that instant on."""
    some = cast.chance.sample(list(delivered), len(delivered) // 14)
    numbers = ContactPoint.objects.using(USING).filter(
        party__in=[one.party_id for one in some], kind="mobile"
    )
    tokens = dict(numbers.values_list("party_id", "token"))
    for place, message in enumerate(some):
        assert message.submitted_at is not None
        at: datetime = message.submitted_at + timedelta(minutes=cast.chance.randrange(2, 50))
        replies.keep_words(
            party=message.party, token=tokens.get(message.party_id, ""), channel="sms",
            text=ANSWERS[place % len(ANSWERS)], said_at=at, at=at + timedelta(seconds=9), using=USING,
        )  # fmt: skip
    return len(some)


def close_tasks(campaign: Campaign, day: date, *, over: bool) -> None:
    """Calls that reached somebody are done, on that day; of an ended campaign the others are no longer due."""
    tasks = Task.objects.using(USING).filter(
        origin=Origin.CAMPAIGN, subject__startswith=f"campaign:{campaign.uuid}:", state=TaskState.OPEN
    )
    met = dict(
        Recipient.objects.using(USING)
        .filter(campaign=campaign, reached_on__isnull=False)
        .values_list("party_id", "reached_on")
    )
    closed = []
    for task in tasks:
        reached = met.get(task.party_id or 0)
        if reached is None and not over:
            continue
        task.state = TaskState.DONE if reached else TaskState.LAPSED
        task.closed_on = max(reached, task.opened_on) if reached else day
        task.closed_at, task.outcome = ten(task.closed_on), "" if reached else "too_late"
        task.closed_by_id = task.assignee_id if reached else None
        closed.append(task)
    Task.objects.using(USING).bulk_update(closed, ["state", "closed_on", "closed_at", "closed_by", "outcome"])
