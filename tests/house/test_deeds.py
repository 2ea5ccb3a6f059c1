"""Every deed that the trail keeps has words: who reads the trail reads no codes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from guanxi.crm.audit.deeds import DEEDS
from guanxi.crm.keeping.models import ExitState, OverrideState
from guanxi.crm.messaging.models import TemplateState
from guanxi.crm.performance.models import DecisionState, DisputeState
from guanxi.crm.scores.models import AcceptanceState
from guanxi.crm.worklist.models import TaskState

SOURCE = Path(__file__).resolve().parents[2] / "src" / "guanxi"
# Deeds put together from a state: the states a person or the night can bring about.
BY_STATE = {
    "keeping.exit_": {ExitState.KEPT, ExitState.LEFT, ExitState.DROPPED, ExitState.NOTICED},
    "keeping.override_": set(OverrideState),
    "messaging.template_": set(TemplateState) - {TemplateState.DRAFT},
    "performance.decision_": set(DecisionState),
    "performance.dispute_": set(DisputeState) - {DisputeState.OPEN},
    "runs.acceptance_": set(AcceptanceState),
    "worklist.": set(TaskState) - {TaskState.OPEN},
}


def told() -> Iterator[tuple[str, str]]:
    """(deed, file) of every deed written out where the trail is written, or named `verb` on the way there."""
    for file in SOURCE.rglob("*.py"):
        if "tests" in file.parts or "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
            for value in _verbs(node):
                for part in ast.walk(value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                        yield part.value, str(file.relative_to(SOURCE))


def _verbs(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.keyword) and node.arg == "verb" and not isinstance(node.value, ast.JoinedStr):
        yield node.value
    if isinstance(node, ast.Assign) and any(
        isinstance(name, ast.Name) and name.id == "verb" for name in node.targets
    ):
        yield node.value


def test_every_deed_written_out_has_words() -> None:
    found = dict(told())
    assert len(found) > 100, "the deeds are no longer found"
    assert {deed: where for deed, where in found.items() if deed not in DEEDS} == {}


@pytest.mark.parametrize("beginning", BY_STATE)
def test_every_deed_put_together_from_a_state_has_words(beginning) -> None:
    assert {f"{beginning}{state}" for state in BY_STATE[beginning]} - DEEDS.keys() == set()
