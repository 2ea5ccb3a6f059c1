"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.worklist import WorklistPolicy

_known: dict[str, WorklistPolicy] = {}  # by content hash: a policy's payload never changes


def worklist_policy(on: date) -> WorklistPolicy:
    """Capacity, weights and care as they count on that day; one small query. KeyError when the bank has none."""
    content = hash_in_force(WorklistPolicy.kind, on)
    if content is None:
        raise KeyError(WorklistPolicy.kind)
    if content not in _known:
        _known[content] = cast("WorklistPolicy", active(WorklistPolicy.kind, on))
    return _known[content]
