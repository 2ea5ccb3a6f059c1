"""Why a customer is to be contacted today (今日联系理由): the panel of the customer page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.interactions.policy import language
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.worklist import selectors, words
from guanxi.crm.worklist.models import Origin, Task
from guanxi.crm.worklist.pictures import due_words
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.crm.worklist.rules import why_not


@dataclass(frozen=True)
class Reason:
    """One thing to be done about the customer, in words."""

    key: int | None  # of the task, where this person may do it
    icon: str
    sentence: str
    due: str
    late: bool
    whose: str  # the colleague whose task it is


def panel(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """What stands about a customer today, the sooner due first, and how many tasks wait for their day; one query.

    Nothing for who has no list. Whose task it is not learns the reason and whom to ask.
    """
    if not reach.may(Right.SEE_WORKLIST) or nothing_in(party, Task):
        return {"why_reasons": [], "why_waiting": 0}
    rows = list(selectors.tasks_about(reach, party))
    rules = {rule.origin: rule for rule in worklist_policy(today).origins} if rows else {}
    ready = [row for row in rows if not why_not(selectors.item_of(row), today, rules)[0]]
    return {"why_reasons": [_told(row, reach, today) for row in ready], "why_waiting": len(rows) - len(ready)}


def _told(task: Task, reach: Reach, today: date) -> Reason:
    own = task.assignee_id == reach.staff_id
    return Reason(
        key=task.pk if selectors.may_work(reach, task) else None,
        icon=words.ICONS.get(task.origin, "list-check"),
        sentence=words.sentence(task.reason, language()),
        due="" if task.origin == Origin.PROFILE else due_words(task.due_on, today),
        late=task.due_on < today,
        whose="" if own else task.assignee.name,
    )
