"""A version on its way to being proposed: the form as it stands, what is wrong with it, and what it would change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from guanxi.crm.policies import words
from guanxi.crm.policies.editing import Difference, differences, tree_of
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.sources import FromForm, FromPayload
from guanxi.crm.policies.tree import Group
from guanxi.insight.policies import PolicyError, read_policy


@dataclass
class Draft:
    """The form of one kind; `payload` is None while an entry cannot be read or the whole makes no sense."""

    kind: str
    tree: Group
    payload: dict[str, Any] | None
    problems: list[str] = field(default_factory=list)
    note: str = ""
    errors: int = 0

    @property
    def sound(self) -> bool:
        """Whether it could be proposed as it stands."""
        return self.payload is not None and not self.problems and not self.errors


def draft_from(kind: str, payload: Mapping[str, Any]) -> Draft:
    """A form filled from a version."""
    return Draft(kind, tree_of(kind, FromPayload(payload)), dict(payload))


def draft_sent(kind: str, sent: QueryDict) -> Draft:
    """The form as a person sent it, checked entry by entry and then as a whole."""
    tree = tree_of(kind, FromForm(sent))
    payload = tree.payload()
    draft = Draft(kind, tree, payload, note=sent.get("note", ""))
    if sent.get("deed", "").startswith("add:"):
        for leaf in tree.every_leaf():
            leaf.error = ""
        draft.payload = None
        return draft
    draft.errors = sum(bool(leaf.error) for leaf in tree.every_leaf())
    if not draft.errors:
        draft.problems = problems_of(kind, payload)
    return draft


def problems_of(kind: str, payload: Mapping[str, Any]) -> list[str]:
    """What keeps a payload from being a sound policy, in the reader's language."""
    try:
        return read_policy(kind, payload).problems(words.language())
    except PolicyError as error:
        return [str(error)]


def changes_of(draft: Draft, standing: PolicyVersion | None) -> list[Difference]:
    """What the draft changes against what counts; nothing while it cannot be read."""
    if draft.payload is None or draft.errors:
        return []
    return differences(draft.kind, standing.payload if standing else None, draft.payload)
