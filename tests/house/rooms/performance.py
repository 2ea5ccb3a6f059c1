"""A weekly pack with a decision, and advice to somebody, at the outlet of a customer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Post, Staff
from guanxi.crm.performance.models import Advice, Decision, Dispute, Pack
from guanxi.crm.performance.rules import seal

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
WEEK = date(2026, 10, 26)
EMPTY = {"count": 0, "rows": []}


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`pack`, `decision`, `advice`, `dispute` of the customer's outlet; `worker`: its keeper."""
    testing.make_policies("performance", "interaction", "scope", "worklist")
    worker = Post.objects.get(staff=keeper).staff
    head = Post.objects.filter(unit=party.unit, role="outlet_head").first()
    by = head.staff if head else testing.make_staff("outlet_head", party.unit)
    with acting_as(by, today=testing.TODAY):
        pack, _made = Pack.objects.get_or_create(unit=party.unit, week=WEEK, defaults=_told(by))
        decision = Decision.objects.create(
            pack=pack,
            unit=party.unit,
            text="…",
            owner=worker,
            due_on=testing.TODAY,
            decided_by=by,
            decided_at=NOON,
        )
        advice = Advice.objects.create(
            staff=worker, unit=party.unit, coach=by, measure="done", advice="…", action="…",
            before_hits=1, before_cases=2,
            given_on=testing.TODAY - timedelta(days=28), review_on=testing.TODAY,
        )  # fmt: skip
        dispute = Dispute.objects.create(
            staff=worker, unit=party.unit, measure="done", as_of=testing.TODAY, hits=1, cases=2, text="…",
            raised_on=testing.TODAY, raised_at=NOON, due_on=testing.TODAY,
        )  # fmt: skip
    return {
        "pack": pack.pk,
        "dispute": dispute.pk,
        "decision": decision.pk,
        "advice": advice.pk,
        "worker": worker.pk,
    }


def _told(by: Staff) -> dict[str, Any]:
    names = ("done", "coverage", "contacts", "broken", "untouched")
    content = {
        "version": 1, "unit": "…", "first": "2026-10-20", "last": "2026-10-26", "as_of": None, "results": {},
        "process": {name: [0, 0] for name in names}, "people": [], "decisions": [],
        "stuck": dict.fromkeys(("warnings", "promises", "tasks", "pool"), EMPTY),
    }  # fmt: skip
    return {"made_by": by, "made_at": NOON, "content": content, "sha256": seal(content)}
