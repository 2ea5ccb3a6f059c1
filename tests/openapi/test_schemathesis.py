"""F24: requests made from the API's own document, fitting and not: no failure, nothing the document does not say.

A few of each operation here; 50,000 calls in all under `faults`.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import Case, Response
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.openapi.api import document
from guanxi.crm.openapi.tests.bank import make_gate
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.segments.models import Segment, SegmentVersion

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
FEW, CALLS = 6, int(os.environ.get("GUANXI_FAULT_CALLS", "50000"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
# What an operation may write, by the trail; anything else would be a state changed outside of the flow.
VERBS = {"leads.handed_in", "interactions.contact_logged", "worklist.opened"}
DOCUMENT = schemathesis.openapi.from_dict(document("open/v1/"))
# Not `project.wsgi`, which starts the bank's database when it is imported.
DOCUMENT.app = get_wsgi_application()
# "Too much at once" (413) declines a list that is too long, which the check does not know by itself.
_DECLINED = DOCUMENT.config.checks.negative_data_rejection
_DECLINED.expected_statuses = [*_DECLINED.expected_statuses, "413"]
OPERATIONS = {found.ok().label: found.ok() for found in DOCUMENT.get_all_operations()}


@dataclass(frozen=True)
class Told:
    """The token, and keys of things that are there, by the first step of their address."""

    token: str
    keys: dict[str, str]


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests in the test's own transaction: as Django's client does, close no connection around them."""
    around = (request_started, request_finished)
    for signal in around:
        signal.disconnect(close_old_connections)
    yield
    for signal in around:
        signal.connect(close_old_connections)


@pytest.fixture
def told(settings, monkeypatch, tmp_path, _one_connection) -> Told:
    """A token with every scope, of an outlet head of a small bank, and the key of a customer and a segment."""
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    settings.GUANXI_BANK_HOME = tmp_path
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr("guanxi.project.clock.now", lambda: NOON)
    gate = make_gate()
    head, customer = gate.people.head, gate.people.customer
    rule = {"fact": "age", "is": "at_least", "values": [60]}
    with acting_as(head, today=testing.TODAY):
        segment = Segment.objects.create(kind="rule", name="60", owner=head, made_at=NOON)
        SegmentVersion.objects.create(
            segment=segment, number=1, rule=rule, content_hash="x", made_by=head, made_at=NOON
        )
    token = gate.token(head, per_minute=10_000_000)[1]
    return Told(token, {"customers": str(customer.uuid), "segments": str(segment.uuid)})


def sent(name: str, mode: GenerationMode, examples: int, told: Told) -> Callable[[], None]:
    """So many requests of one operation, each answer held against the document."""

    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate], derandomize=examples == FEW,
        suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
    )  # fmt: skip
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode), known=st.booleans())
    def run(case: Case, known: bool) -> None:
        key = told.keys.get(name.split("/")[3])
        if known and key and mode is GenerationMode.POSITIVE and "uuid" in (case.path_parameters or {}):
            case.path_parameters["uuid"] = key  # something that is there, and not only what nobody has
        answer = case.call(headers={"Authorization": f"Bearer {told.token}"})
        wrong = mode is GenerationMode.NEGATIVE and arrived_whole(case, answer)
        case.validate_response(answer, checks=[*CHECKS, negative_data_rejection] if wrong else CHECKS)

    return run


def arrived_whole(case: Case, answer: Response) -> bool:
    """Whether every query parameter of the case went out: an empty list is written as nothing at all, and a request
    whose only fault was such a parameter is a good one when it arrives."""
    names = {name for name, _ in parse_qsl(urlsplit(str(answer.request.url)).query, keep_blank_values=True)}
    return set(case.query or {}) <= names


def verbs_since(entry: int) -> set[str]:
    """What the trail says was done since this entry."""
    return set(ChangeLog.objects.filter(pk__gt=entry).values_list("verb", flat=True))


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_requests_made_from_the_document_find_nothing(told, name, mode) -> None:
    before = ChangeLog.objects.latest("id").pk
    sent(name, mode, FEW, told)()
    assert verbs_since(before) <= VERBS


def test_the_document_names_every_operation_with_its_errors_and_its_token() -> None:
    told = document("open/v1/")
    assert told["openapi"].startswith("3.1")
    for path in told["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"token": []}]
            assert {"401", "403", "429"} <= set(map(str, operation["responses"]))


@pytest.mark.faults
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_fifty_thousand_requests_find_nothing(told, name) -> None:
    before = ChangeLog.objects.latest("id").pk
    share = CALLS // len(OPERATIONS) // 2 + 1
    for mode in GenerationMode:
        sent(name, mode, share, told)()
    assert verbs_since(before) <= VERBS
