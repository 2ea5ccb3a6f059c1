"""The bank's own gate, as the machine asks it: permission, the approved texts, and what customers write back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from guanxi.channels.face import Reply
from guanxi.crm.messaging import filling, permission, replies
from guanxi.crm.messaging.engine.ports import Due, Rendered, Verdict
from guanxi.crm.processors import selectors as processors


class BankGate:
    """`Gate` by the bank's contact rules (权限闸口)."""

    def barred(self, connector: str, *, at: datetime, using: str) -> str:
        """By the register of processors."""
        return processors.why_not([connector], timezone.localtime(at).date(), using=using)[connector]

    def take(self, messages: Sequence[Due], *, at: datetime, using: str) -> Sequence[Verdict]:
        """A verdict for each in order. A message in doubt was taken from the budget when it was first submitted: that
        stands aside while it is judged anew, and comes back when it must wait."""
        before = [message for message in messages if message.in_doubt and message.submitted_at is not None]
        for message in before:
            permission.give_back(messages=[message], taken_at=message.submitted_at or at, using=using)
        choices = filling.choices_of(messages, using=using)
        verdicts = permission.take(messages=messages, at=at, using=using, choices=choices)
        for message, verdict in zip(messages, verdicts, strict=True):
            if message in before and not verdict.allowed:
                permission.note_touch(
                    party_id=message.party_id,
                    channel=message.channel,
                    at=message.submitted_at or at,
                    using=using,
                )
        return verdicts

    def give_back(self, messages: Sequence[Due], *, at: datetime, using: str) -> None:
        """What was taken on the day of each message's submission is free again."""
        days: dict[datetime, list[Due]] = {}
        for message in messages:
            days.setdefault(message.submitted_at or at, []).append(message)
        for taken_at, taken in days.items():
            permission.give_back(messages=taken, taken_at=taken_at, using=using)

    def texts(self, messages: Sequence[Due], *, using: str) -> Mapping[int, Rendered]:
        """The approved text of each, its fields filled in; one that cannot be filled in is missing."""
        if not messages:
            return {}
        last = max(timezone.localtime(message.expires_at).date() for message in messages)
        told = filling.texts_of(messages, today=last, using=using)
        return {key: Rendered(one.text, one.subject, one.unsubscribe) for key, one in told.items()}

    def hear(self, reply: Reply, *, channel: str, at: datetime, using: str) -> None:
        """A refusal counts at once."""
        replies.hear(reply, channel=channel, at=at, using=using)
