"""The workbench: who may ask, what is kept of a question, what leaves, and what nobody else sees."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.analysis import selectors, services
from guanxi.crm.analysis.models import Asked, AskedState, SavedQuery
from guanxi.crm.audit.models import ChangeLog, ExportLog
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.selectors import reach_of
from guanxi.lake import asking
from guanxi.lake.masked import folder_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
COUNT = "SELECT unit_no, COUNT(*) AS customers FROM core.party GROUP BY 1 ORDER BY 1"


@pytest.fixture
def bank(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[testing.Screen]:
    """A bank with the policies, a run and its de-identified data; questions are answered at once."""
    settings.GUANXI_BANK_HOME, settings.GUANXI_TODAY = tmp_path, testing.TODAY.isoformat()
    screen = testing.make_screen()
    testing.make_policies("workbench", "benchmark", "access")
    folder = folder_of(tmp_path / "lake")
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "r-k10.duckdb")) as db:
        db.execute("CREATE SCHEMA core")
        db.execute(
            "CREATE TABLE core.party AS SELECT range AS party_key, CASE WHEN range < 4 THEN '9102' ELSE '9101' END "
            "AS unit_no FROM range(30)"
        )
    label = {
        "run": screen.run.pk,
        "business_date": "2026-10-31",
        "smallest_group": 10,
        "rows": 30,
        "bytes": 1,
    }
    (folder / "r-k10.json").write_text(json.dumps({**label, "file": "r-k10.duckdb"}), encoding="utf8")

    def at_once(where: Path, told: asking.Asked) -> int:
        where.mkdir(parents=True)
        asking._write(where, asking.run(where, told))  # what the process does
        return 0

    monkeypatch.setattr(asking, "start", at_once)
    return screen


@pytest.fixture
def analyst(bank: testing.Screen) -> Staff:
    return testing.make_staff("analyst", bank.people.bank)


def ask(client, callbacks, text: str = COUNT):
    with callbacks(execute=True):
        answer = client.post("/analysis/ask", {"text": text})
    return client.get(answer.headers["Location"])


def test_a_question_is_answered_and_small_groups_are_named_but_not_shown(
    analyst, django_capture_on_commit_callbacks
) -> None:
    page = ask(testing.client_of(analyst), django_capture_on_commit_callbacks).content.decode()
    assert "9101" in page
    assert "9102" not in page.split("ORDER BY 1")[-1]
    assert "1 个少于 10 人的组未显示" in page
    asked = Asked.objects.get()
    assert (asked.state, asked.rows, asked.hidden, asked.kind) == (AskedState.DONE, 1, 1, "groups")
    told = ChangeLog.objects.get(verb="analysis.asked")
    assert told.details["text"] == COUNT
    assert told.staff_no == analyst.staff_no


def test_what_may_not_be_asked_is_refused_with_the_reason_and_kept_in_the_trail(analyst) -> None:
    text = "SELECT * FROM read_csv('/etc/passwd')"
    answer = testing.client_of(analyst).post("/analysis/ask", {"text": text})
    assert answer.status_code == 422
    assert "不允许使用" in answer.content.decode()
    assert text.replace("'", "&#39;") in answer.content.decode()
    assert not Asked.objects.exists()
    told = ChangeLog.objects.get(verb="analysis.refused")
    assert (told.details["text"], told.details["why"]) == (text, "part")


def test_groups_leave_as_a_recorded_file_and_single_rows_do_not(
    analyst, django_capture_on_commit_callbacks
) -> None:
    client = testing.client_of(analyst)
    ask(client, django_capture_on_commit_callbacks)
    groups = Asked.objects.get()
    answer = client.get(f"/analysis/{groups.uuid}/file")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0)
    assert ["9101", 26] in [row[:2] for row in sheet.to_python()]
    taken = ExportLog.objects.get()
    assert (taken.what, taken.rows, taken.filters["text"]) == ("workbench", 1, COUNT)
    ask(client, django_capture_on_commit_callbacks, "SELECT * FROM core.party")
    rows = Asked.objects.get(kind="rows")
    assert rows.rows == 30
    assert client.get(f"/analysis/{rows.uuid}/file").status_code == 302
    assert ExportLog.objects.count() == 1


def test_only_who_looks_at_the_whole_bank_may_ask(bank) -> None:
    for role, unit in (("supervisor", bank.people.outlet), ("outlet_head", bank.people.outlet)):
        client = testing.client_of(testing.make_staff(role, unit))
        for address in ("/analysis/", "/analysis/three-sources"):
            assert client.get(address).status_code == 403
        assert client.post("/analysis/ask", {"text": COUNT}).status_code == 403
    whole = testing.make_staff("supervisor", bank.people.bank)
    assert testing.client_of(whole).get("/analysis/").status_code == 200


def test_a_question_is_seen_by_nobody_but_its_asker_and_ended_by_nobody_else(
    bank, analyst, django_capture_on_commit_callbacks
) -> None:
    ask(testing.client_of(analyst), django_capture_on_commit_callbacks)
    asked = Asked.objects.get()
    other = testing.make_staff("analyst", bank.people.bank)
    for address in ("", "progress", "file"):
        assert testing.client_of(other).get(f"/analysis/{asked.uuid}/{address}").status_code == 404
    reach = reach_of(other, testing.TODAY)
    with pytest.raises(PermissionDenied):
        services.stop(by=other, reach=reach, asked=asked)
    with pytest.raises(PermissionDenied):
        services.ask(by=analyst, reach=reach, text=COUNT, today=testing.TODAY, now=NOW)


def test_a_shared_query_is_run_by_others_and_changed_by_its_owner_alone(bank, analyst) -> None:
    other = testing.make_staff("analyst", bank.people.bank)
    mine, theirs = reach_of(analyst, testing.TODAY), reach_of(other, testing.TODAY)
    kept = services.save(by=analyst, reach=mine, name="机构", text=COUNT, is_shared=False, now=NOW)
    assert list(selectors.saved_for(theirs)) == []
    again = services.save(by=analyst, reach=mine, name="机构", text=COUNT, is_shared=True, now=NOW)
    assert again.pk == kept.pk
    assert list(selectors.saved_for(theirs)) == [kept]
    page = testing.client_of(other).get(f"/analysis/?saved={kept.uuid}").content.decode()
    assert "ORDER BY 1" in page
    with pytest.raises(PermissionDenied):
        services.retire(by=other, reach=theirs, saved=kept, now=NOW)
    with pytest.raises(ValidationError):
        services.save(by=analyst, reach=mine, name="坏", text="DROP TABLE x", is_shared=True, now=NOW)
    services.retire(by=analyst, reach=mine, saved=kept, now=NOW)
    assert list(selectors.saved_for(mine)) == []
    assert SavedQuery.objects.count() == 1


def test_a_person_asks_one_thing_at_a_time_and_the_bank_as_many_as_the_policy_says(bank, analyst) -> None:
    reach = reach_of(analyst, testing.TODAY)
    told = {"text": COUNT, "today": testing.TODAY, "now": NOW}
    running = services.ask(by=analyst, reach=reach, **told)
    with pytest.raises(ValidationError, match="还有一个查询"):
        services.ask(by=analyst, reach=reach, **told)
    second = testing.make_staff("analyst", bank.people.bank)
    services.ask(by=second, reach=reach_of(second, testing.TODAY), **told)
    third = testing.make_staff("analyst", bank.people.bank)
    with pytest.raises(ValidationError, match="其他人"):
        services.ask(by=third, reach=reach_of(third, testing.TODAY), **told)
    # A process that left nothing is not waited for for ever.
    lost = services.settle(running, now=running.until + timedelta(seconds=1))
    assert (lost.state, lost.message) == (AskedState.FAILED, "lost")
    assert services.ask(by=analyst, reach=reach, **{**told, "now": running.until + timedelta(seconds=2)})


def test_results_are_thrown_away_after_their_hours_and_texts_stay(
    analyst, django_capture_on_commit_callbacks
) -> None:
    client = testing.client_of(analyst)
    ask(client, django_capture_on_commit_callbacks)
    asked = Asked.objects.get()
    assert services.forget(now=timezone.now(), hours=24) == 0
    assert services.forget(now=timezone.now() + timedelta(hours=25), hours=24) == 1
    page = client.get(f"/analysis/{asked.uuid}/").content.decode()
    assert "已过保留期" in page
    assert "GROUP BY 1" in page


def test_without_data_made_for_groups_as_large_as_the_policy_says_nothing_is_asked(analyst, tmp_path) -> None:
    label = next(folder_of(tmp_path / "lake").glob("*.json"))
    label.write_text(
        label.read_text().replace('"smallest_group": 10', '"smallest_group": 5'), encoding="utf8"
    )
    with pytest.raises(ValidationError, match="去标识化数据"):
        services.ask(
            by=analyst, reach=reach_of(analyst, testing.TODAY), text=COUNT, today=testing.TODAY, now=NOW
        )
    assert "准备数据" in testing.client_of(analyst).get("/analysis/").content.decode()
