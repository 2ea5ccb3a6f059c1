"""The one prompt (一条提示): the first in the policy's order that has something to say and was not waved off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from guanxi.crm.counter import rules
from guanxi.crm.counter.models import Answer, Reception, ToldFact
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of
from guanxi.crm.foresight.models import Signal
from guanxi.crm.interactions.selectors import UNDONE, promises_of
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.retention.selectors import open_case_of
from guanxi.crm.scores.models import Maturity
from guanxi.crm.scores.needs import needs
from guanxi.crm.scores.picture import Picture
from guanxi.insight.policies.counter import CounterPolicy


@dataclass(frozen=True)
class Prompt:
    """What to bring up: its kind, what it is about (for 不再提), and the figures of its sentence as plain values."""

    kind: str
    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """Whom the prompt is for, who asks, and on which day."""

    reach: Reach
    party: Party
    today: date
    policy: CounterPolicy

    @property
    def picture(self) -> Picture:
        """The customer as the panels of needs take him."""
        return Picture(self.reach, self.party, self.today, None)


Finder = Callable[[Asked], list[Prompt]]


def one_prompt(asked: Asked) -> Prompt | None:
    """The prompt, or None: each kind is looked at only when none before it has anything to say."""
    quiet = quiet_subjects(asked)
    for kind in asked.policy.prompts:
        said = [prompt for prompt in FINDERS[kind](asked) if prompt.subject not in quiet]
        if said:
            return said[0]
    return None


def quiet_subjects(asked: Asked) -> frozenset[str]:
    """Subjects that the customer has waved off and that are still quiet."""
    policy, since = asked.policy, asked.today - timedelta(days=asked.policy.never_days)
    rows = Reception.objects.filter(
        party__in=numbers_of(asked.party), day__gte=since, answer__in=(Answer.LATER, Answer.NEVER)
    ).values_list("subject", "answer", "day")
    return frozenset(
        subject
        for subject, answer, day in rows
        if rules.is_quiet(
            answer, day, asked.today, later_days=policy.later_days, never_days=policy.never_days
        )
    )


def missing_fact(asked: Asked) -> str | None:
    """The first entry of the record that is missing and has not been told at the counter yet; never more than one."""
    told = set(ToldFact.objects.filter(party=asked.party).values_list("field", flat=True))
    absent = (
        name for name in asked.policy.asked_facts if not getattr(asked.party, name) and name not in told
    )
    return next(absent, None) if asked.party.kind == "person" else None


def open_complaint(party: Party) -> Signal | None:
    """The complaint that is not settled yet; its figures: times, and how many of them are open."""
    return Signal.objects.filter(party=party, signal="complaint", usual_times__gt=0).first()


def _retention(asked: Asked) -> list[Prompt]:
    case = open_case_of(asked.reach, asked.party)
    return [Prompt("retention", f"case:{case.pk}", {"amount_fen": case.amount_fen})] if case else []


def _complaint(asked: Asked) -> list[Prompt]:
    said = open_complaint(asked.party)
    if said is None:
        return []
    day = said.day.isoformat() if said.day else ""
    return [Prompt("complaint", f"complaint:{day}", {"day": day, "about": said.place or ""})]


def _promise(asked: Asked) -> list[Prompt]:
    until = asked.today + timedelta(days=asked.policy.due_days)
    rows = promises_of(asked.reach, asked.party).filter(state__in=UNDONE, due_on__lte=until)
    return [
        Prompt("promise", f"promise:{row.pk}", {"text": row.text, "day": row.due_on.isoformat()})
        for row in rows.order_by("due_on", "pk")
    ]


def _maturity(asked: Asked) -> list[Prompt]:
    until = asked.today + timedelta(days=asked.policy.ending_days)
    rows = Maturity.objects.filter(party=asked.party, matures_on__gte=asked.today, matures_on__lte=until)
    return [
        Prompt("maturity", f"maturity:{row.family}:{row.matures_on}",
               {"day": row.matures_on.isoformat(), "amount_fen": row.amount_fen, "family": row.family})
        for row in rows.exclude(rolls_over=True).order_by("matures_on", "-amount_fen")
    ]  # fmt: skip


def _need(asked: Asked) -> list[Prompt]:
    found = needs(asked.picture)["needs"]
    return [
        Prompt("need", f"need:{one.product}"[:120], {"product": one.product, "fit": one.fit}) for one in found
    ]


def _gap(asked: Asked) -> list[Prompt]:
    name = missing_fact(asked)
    return [Prompt("gap", f"gap:{name}", {"field": name})] if name else []


FINDERS: Mapping[str, Finder] = {
    "retention": _retention,
    "complaint": _complaint,
    "promise": _promise,
    "maturity": _maturity,
    "need": _need,
    "gap": _gap,
}
