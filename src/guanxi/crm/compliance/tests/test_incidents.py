"""Whom an incident affected, against a brute-force count of the trail; the clock; the way from record to close."""

import ast
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import fields

from guanxi.crm import testing
from guanxi.crm.audit import services as audit
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.compliance.incidents import services
from guanxi.crm.compliance.incidents.affected import affected_by
from guanxi.crm.compliance.incidents.classes import COLUMNS, FINANCE, IDENTITY, OTHER, classes_of_export
from guanxi.crm.compliance.incidents.models import AffectedCustomer, Incident
from guanxi.crm.compliance.incidents.services import IncidentDraft, NoticeDraft
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.tokens import make_token

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
CRM = Path(testing.__file__).parent


def export(by, parties, **more) -> ExportLog:
    told = {"what": "customers", "rows": len(parties or ()), "columns": ["name", "aum"], "filters": {}} | more
    return audit.exported(by=by, customers=parties, **told)


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("compliance")
    return testing.make_people()


@pytest.fixture
def officer(people):
    return testing.make_staff("compliance", people.bank, name="何合规")


def trail(people, seed: int, monkeypatch) -> list[tuple]:
    """A made-up trail of three people and a token; gives (source, key, moment) of each customer touched."""
    chance, told = random.Random(seed), []  # noqa: S311  # made up, the same each time
    parties = [testing.make_party(people.outlet, keeper=people.alice) for _ in range(8)]
    token, _text = make_token(name="app", staff=people.charlie, scopes=[], now=NOON)
    for number in range(40):
        at = NOON - timedelta(hours=number)
        monkeypatch.setattr(fields.timezone, "now", lambda at=at: at)
        by = chance.choice((people.alice, people.bob, people.charlie))
        if chance.random() < 0.5:
            party, through = chance.choice(parties), by is people.charlie and chance.random() < 0.5
            what, reason = ("api", "token app") if through else ("page", "")
            audit.viewed(by=by, party_key=party.pk, what=what, reason=reason)
            sources, keys = {("staff", by.staff_no)}, [party.pk]
            # what the token's person saw beside the API may have come by the token too
            sources |= {("token", token.name)} if by is people.charlie else set()
        else:
            keys = [party.pk for party in chance.sample(parties, chance.randint(0, 4))]
            through = by is people.charlie and chance.random() < 0.5
            row = export(by, keys, filters={"token": "app"} if through else {})
            sources = {("staff", by.staff_no), ("export", str(row.pk))}
            sources |= {("token", token.name)} if through else set()
        told += [(source, key, at) for source in sources for key in keys]
    return told


@pytest.mark.parametrize("seed", [1, 2])
def test_the_customers_affected_are_exactly_those_of_a_brute_force_count(
    people, officer, seed, monkeypatch
) -> None:
    told = trail(people, seed, monkeypatch)
    first, last = NOON - timedelta(hours=30), NOON - timedelta(hours=5)
    for source in {source for source, _key, _at in told}:
        for span in ((None, None), (first, last), (first, None)):
            truth = {
                key
                for one, key, at in told
                if one == source and (span[0] is None or at >= span[0]) and (span[1] is None or at < span[1])
            }
            with whole_store(officer):
                assert set(affected_by(*source, *span).customers) == truth, (source, span)


def test_a_person_of_several_numbers_is_one_and_a_file_without_names_is_said(people, officer) -> None:
    other = testing.make_party(people.outlet, keeper=people.alice)
    export(people.alice, [people.customer.pk, other.pk])
    export(people.alice, None)
    audit.viewed(by=people.alice, party_key=other.pk, what="reveal:mobile", reason="…")
    with whole_store(officer):
        Party.objects.filter(pk=other.pk).update(merged_into=people.customer)
        found = affected_by("staff", people.alice.staff_no)
    assert (set(found.customers), found.unknown) == ({people.customer.pk}, 1)
    touched = found.customers[people.customer.pk]
    assert (touched.looks, touched.files, touched.classes) == (1, 2, {"identity", "finance", "contact"})


def test_a_column_nobody_placed_is_other_data_and_none_is_forgotten() -> None:
    assert classes_of_export("customers", ["name", "aum", "blood_group"]) == {IDENTITY, FINANCE, OTHER}
    assert set(COLUMNS.values()) <= {"identity", "contact", "finance", "profile", "records"}


def test_every_file_that_leaves_says_whom_it_is_about() -> None:
    silent = []
    for path in CRM.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            name = (
                getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            )
            if name in ("exported", "hand_out") and "customers" not in {one.arg for one in node.keywords}:
                silent.append(f"{path.relative_to(CRM)}:{node.lineno}")
    assert silent == []


def drafted(people, **more) -> IncidentDraft:
    told = {
        "title": "名单外发", "grade": "grave", "happened": "客户名单被误发至外部邮箱", "found_at": NOON,
        "source": "staff", "source_no": people.alice.staff_no,
    }  # fmt: skip
    return IncidentDraft(**(told | more))


def recorded(people, officer, **more) -> Incident:
    with whole_store(officer):
        return services.record(by=officer, draft=drafted(people, **more), today=TODAY, now=NOON)


def test_the_clock_is_the_grades_and_runs_from_when_it_was_found(people, officer) -> None:
    found_at = NOON - timedelta(minutes=20)
    grave, general = (recorded(people, officer, grade=one, found_at=found_at) for one in ("grave", "general"))
    assert grave.report_due_at - found_at == timedelta(minutes=60)
    assert general.report_due_at - found_at == timedelta(minutes=1440)


@pytest.mark.parametrize(
    "wrong",
    [
        {"grade": "x"}, {"found_at": NOON + timedelta(minutes=1)}, {"source": "x"}, {"source_no": "nobody"},
        {"source": "export", "source_no": "9" * 40}, {"source": "export", "source_no": "0"},
        {"span_from": NOON, "span_to": NOON},
    ],
)  # fmt: skip
def test_what_cannot_be_is_not_recorded(people, officer, wrong) -> None:
    with pytest.raises(ValidationError):
        recorded(people, officer, **wrong)


def test_only_compliance_handles_incidents_and_sees_them(people, officer) -> None:
    row = recorded(people, officer)
    with pytest.raises(PermissionDenied):
        services.record(by=people.head, draft=drafted(people), today=TODAY, now=NOON)
    assert not Incident.objects.filter(pk=row.pk).exists()
    with testing.everything():
        assert Incident.objects.filter(pk=row.pk).exists()


def test_an_incident_is_reported_before_it_is_closed_and_ends_with_its_cause(people, officer) -> None:
    row = recorded(people, officer)
    late = {"by": officer, "incident": row, "today": TODAY, "now": NOON + timedelta(hours=2)}
    with whole_store(officer):
        with pytest.raises(ValidationError):
            services.close(root_cause="…", **late)
        with pytest.raises(ValidationError):
            services.word_notice(by=officer, incident=row, draft=NoticeDraft("a", "b", "c", " "), today=TODAY)
        assert services.report(to="总行网络安全部", **late).state == "reported"
        with pytest.raises(ValidationError):
            services.close(root_cause=" ", **late)
        assert services.close(root_cause="收件人地址自动补全", **late).state == "closed"
        with pytest.raises(ValidationError):
            services.note(by=officer, incident=row, text="…", today=TODAY)


def test_the_pages_from_record_to_close(people, officer) -> None:
    left = export(people.alice, [people.customer.pk])
    browser = testing.client_of(officer)
    sent = {
        "title": "名单外发", "grade": "grave", "happened": "…", "found_at": "2026-11-01T08:00", "source": "export",
        "source_no": str(left.pk),
    }  # fmt: skip
    assert browser.post("/compliance/incidents/new", sent | {"source_no": "0"}).status_code == 422
    page = browser.post("/compliance/incidents/new", sent).headers["Location"]
    shown = browser.get(page).content.decode()
    assert people.customer.customer_no in shown
    wording = {
        "harm": "可能收到诈骗电话",
        "measures": "已撤回邮件",
        "advice": "留意陌生来电",
        "contact": "95000",
    }
    assert browser.get(f"{page}/notice").status_code == 404
    for step, told in (
        ("note", {"text": "已联系收件人"}), ("report", {"to": "监管"}), ("wording", wording), ("count", {}),
        ("report", {}), ("close", {"root_cause": "误操作"}),
    ):  # fmt: skip
        assert browser.post(f"{page}/{step}", told).status_code == 302
    assert browser.get(f"{page}/notice").content.startswith(b"%PDF")
    file = browser.get(f"{page}/file")
    assert b"".join(file.streaming_content).startswith(b"PK")
    shown = browser.get(page).content.decode()
    assert "已联系收件人" in shown
    assert "误操作" in shown
    with testing.everything():
        assert AffectedCustomer.objects.get().party_id == people.customer.pk
