"""The lab's pages: who may try, what a simulation shows, who sees names, and how a draft comes to count."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from django.db import connection
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog, ExportLog
from guanxi.crm.lab import services
from guanxi.crm.lab.models import Attachment, Draft, Move, Simulation, State
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.selectors import version_in_force
from guanxi.crm.scores.models import Standing, UnitTier

pytestmark = pytest.mark.django_db
MONTH = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _today(settings) -> None:
    settings.GUANXI_TODAY = testing.TODAY.isoformat()


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("tier", "value", "scope", "access")
    people = testing.make_people()
    testing.make_run()
    UnitTier.objects.create(
        unit=people.outlet, month=MONTH, kind="person", tier_rank=4, customers=5, aum_fen=5_000
    )
    return people


@pytest.fixture
def analyst(people):
    return testing.make_staff("analyst", people.bank, name="Ana")


@pytest.fixture
def supervisor(people):
    return testing.make_staff("supervisor", people.outlet, name="Sue")


@pytest.fixture
def administrator(people):
    return testing.make_staff("administrator", people.bank, name="Adam")


def payload(lower: str = "600000", kind: str = "tier") -> dict[str, Any]:
    """What counts, with gold from another amount (or another line of managed scope)."""
    standing = version_in_force(kind, testing.TODAY)
    assert standing is not None
    made: dict[str, Any] = standing.payload
    if kind == "scope":
        return {**made, "enter_from": lower}
    for band in made["schemes"][0]["bands"]:
        if band["code"] == "gold":
            band["lower"] = lower
    return made


def keep(by, lower: str = "600000", kind: str = "tier", name: str = "金卡 60 万") -> Draft:
    return services.save_draft(
        by=by, today=testing.TODAY, now=now(), kind=kind, name=name, payload=payload(lower, kind)
    )


def now():
    from django.utils import timezone

    return timezone.now()


def ask(by, *drafts: Draft) -> Simulation:
    tried = [services.Tried.of_draft(draft) for draft in drafts]
    return services.request_simulation(
        by=by, today=testing.TODAY, now=now(), kind=drafts[0].kind, tried=tried, month=MONTH, months=12
    )


def finish(simulation: Simulation, people: testing.People) -> Simulation:
    """As the worker leaves it: gold to silver for Alice's customer and for one of another outlet."""
    months = [
        {
            "month": f"2026-{number:02d}-01", "ranks": [["person", 3, 10, 1_000], ["person", 4, 5, 5_000]],
            "up": 1, "down": 2, "in": 0, "out": 0, "same": 12, "moving_share": 0.2, "flips": 1, "flip_share": 0.1,
        }
        for number in (9, 10)
    ]  # fmt: skip
    found = {
        "hash": "h",
        "moves": [["person", 3, 3, 10, 1_000, 10], ["person", 4, 3, 2, 60_000_000, 7_000]],
        "groups": [["urban", "31-40", "down", 2, 60_000_000, 7_000], ["rural", "", "same", 10, 1_000, 10]],
        "load": [
            [people.outlet.unit_no, people.alice.staff_no, 3, 3, 100, 60],
            [people.elsewhere.unit_no, people.charlie.staff_no, 3, 3, 90, 50],
        ],
        "months": months,
    }
    simulation.result = {
        "kind": simulation.kind, "run": "r", "month": MONTH.isoformat(), "active": {"months": months},
        "drafts": [found for _draft in simulation.drafts],
    }  # fmt: skip
    simulation.state, simulation.run = State.DONE, "r"
    simulation.save()
    stranger = testing.make_party(people.elsewhere, keeper=people.charlie, name="陌生人")
    with testing.everything():
        for party in (people.customer, stranger):
            Move.objects.create(
                simulation=simulation, draft=0, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id,
                scheme="person", from_rank=4, to_rank=3, aum_fen=30_000_000, contribution_fen=3_500,
            )  # fmt: skip
    return simulation


@pytest.fixture
def finished(analyst, people) -> Simulation:
    return finish(ask(analyst, keep(analyst)), people)


def text_of(staff, address: str, **headers: str) -> str:
    answer = testing.client_of(staff).get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.content.decode()


def jobs() -> list[tuple[str, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs ORDER BY id")
        return [(name, json.loads(args)) for name, args in cursor.fetchall()]


def test_a_draft_is_kept_and_offered_and_nothing_is_proposed(analyst) -> None:
    draft = keep(analyst)
    assert "金卡 60 万" in text_of(analyst, "/lab/")
    assert f'value="d{draft.pk}"' in text_of(analyst, "/lab/try/tier")
    assert PolicyVersion.objects.filter(kind="tier").count() == 1


def test_the_form_of_a_draft_is_that_of_the_policy_and_shows_what_would_change(analyst) -> None:
    assert 'name="schemes.0.bands.3.lower"' in text_of(analyst, "/lab/drafts/tier/new")
    assert 'name="enter_from"' in text_of(analyst, "/lab/drafts/scope/new")


def test_starting_one_commits_the_row_and_its_job_together(analyst) -> None:
    draft = keep(analyst)
    answer = testing.client_of(analyst).post(
        "/lab/try/tier", {"chosen": [f"d{draft.pk}"], "month": "2026-10", "months": "12"}
    )
    simulation = Simulation.objects.get()
    assert answer.status_code == 302
    assert (simulation.state, simulation.months, simulation.month) == (State.WAITING, 12, MONTH)
    assert jobs() == [("lab.simulate", {"simulation": simulation.pk})]
    assert "等待" in text_of(analyst, f"/lab/{simulation.pk}")


@pytest.mark.parametrize("chosen", [0, 4])
def test_nothing_and_more_than_three_are_refused(analyst, chosen) -> None:
    drafts = [keep(analyst, str(600_000 + n), name=f"{n}") for n in range(chosen)]
    answer = testing.client_of(analyst).post(
        "/lab/try/tier", {"chosen": [f"d{d.pk}" for d in drafts], "month": "2026-10", "months": "1"}
    )
    assert answer.status_code == 422
    assert not Simulation.objects.exists()


def test_what_already_counts_is_no_draft_to_compare(analyst) -> None:
    draft = keep(analyst, "500000", name="same")
    answer = testing.client_of(analyst).post(
        "/lab/try/tier", {"chosen": [f"d{draft.pk}"], "month": "2026-10", "months": "1"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("role", ["relationship_manager", "teller", "outlet_head", "compliance"])
def test_whoever_neither_proposes_nor_decides_is_not_told_of_it(people, finished, role) -> None:
    client = testing.client_of(testing.make_staff(role, people.outlet))
    addresses = (
        "/lab/",
        f"/lab/{finished.pk}",
        f"/lab/{finished.pk}/names",
        f"/lab/{finished.pk}/names/file",
    )
    assert {client.get(address).status_code for address in addresses} == {403}


def test_the_page_says_what_the_draft_would_do_in_words_and_figures(analyst, finished) -> None:
    text = text_of(analyst, f"/lab/{finished.pk}")
    assert "2 位" in text
    assert "60.00" in text  # 600,000 yuan of those lower
    assert 'data-chart="matrix"' in text
    assert "190 → 110" in text
    assert "20.00%" in text


def test_loads_name_the_people_within_reach_only(analyst, supervisor, administrator, finished) -> None:
    assert "Charlie" in text_of(analyst, f"/lab/{finished.pk}")
    own = text_of(supervisor, f"/lab/{finished.pk}")
    assert "Alice" in own
    assert "Charlie" not in own
    without = text_of(administrator, f"/lab/{finished.pk}")
    assert "Alice" not in without
    assert "190 → 110" in without


def test_names_are_by_reach_and_hidden_from_those_who_look_at_the_whole_bank(
    analyst, supervisor, administrator, finished
) -> None:
    address = f"/lab/{finished.pk}/names"
    everyone = text_of(analyst, address)
    assert "王**" in everyone
    assert "陌**" in everyone
    assert "王建国" not in everyone
    own = text_of(supervisor, address)
    assert "王建国" in own
    assert "陌生人" not in own
    nobody = text_of(administrator, address)
    assert "王" not in nobody.split("</header>")[-1]


def test_the_list_is_kept_apart_by_the_way_one_goes(analyst, finished) -> None:
    assert "王**" in text_of(analyst, f"/lab/{finished.pk}/names?way=down")
    assert "王**" not in text_of(analyst, f"/lab/{finished.pk}/names?way=up")


def test_pages_of_names_go_on_where_the_last_one_ended(people, analyst, finished) -> None:
    parties = [testing.make_party(people.outlet, name=f"甲{n}") for n in range(60)]
    with testing.everything():
        for number, party in enumerate(parties):
            Move.objects.create(
                simulation=finished, draft=0, party=party, unit_id=party.unit_id, scheme="person", from_rank=4,
                to_rank=3, aum_fen=number // 7,
            )  # fmt: skip
    from guanxi.crm.lab import names

    seen, after = [], ""
    with testing.everything():
        while True:
            rows = Move.objects.filter(simulation=finished, draft=0).select_related("party", "unit", "keeper")
            rows = rows.order_by("-aum_fen", "party_id")
            page = names.page_of(rows, after, names.Telling(finished, 0, reach_of(analyst)))
            seen += [line.uuid for line in page.lines]
            after = page.next
            if not after:
                break
    assert len(seen) == len(set(seen)) == 62


def reach_of(staff):
    from guanxi.crm.organisation import selectors

    return selectors.reach_of(staff, testing.TODAY)


def test_the_workbook_holds_what_the_page_shows_and_is_recorded(supervisor, finished) -> None:
    answer = testing.client_of(supervisor).get(f"/lab/{finished.pk}/names/file")
    content = b"".join(answer.streaming_content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    said = "\n".join(str(cell) for row in rows for cell in row)
    assert "王建国" in said
    assert "陌生人" not in said
    assert ExportLog.objects.get(what="lab_moves").rows == 1


def test_another_person_decides_with_the_simulation_attached(
    analyst, supervisor, administrator, finished
) -> None:
    answer = testing.client_of(analyst).post(f"/lab/{finished.pk}/propose/0", {"propose-note": "与同业一致"})
    version = PolicyVersion.objects.get(kind="tier", version=2)
    assert answer.headers["Location"] == f"/policies/version/{version.pk}"
    assert Attachment.objects.get(version=version).simulation == finished
    assert f"/lab/version/{version.pk}" in text_of(administrator, f"/policies/version/{version.pk}")
    panel = text_of(administrator, f"/lab/version/{version.pk}", **{"HX-Request": "true"})
    assert "2 位" in panel
    client = testing.client_of(administrator)
    client.post(f"/policies/version/{version.pk}/approve", {"content_hash": version.content_hash})
    client.post(f"/policies/version/{version.pk}/activate", {"valid_from": testing.TODAY.isoformat()})
    version.refresh_from_db()
    assert (version.state, version.decided_by) == ("active", administrator)
    assert ChangeLog.objects.filter(verb="lab.attached", object_key=str(version.pk)).count() == 1


def test_a_proposal_without_a_simulation_says_so_and_takes_one_that_tried_it(
    supervisor, analyst, finished
) -> None:
    from guanxi.crm.policies import services as policies

    version = policies.propose(
        by=supervisor, today=testing.TODAY, now=now(), kind="tier", payload=payload(), note="x"
    )
    assert "未附" in text_of(supervisor, f"/lab/version/{version.pk}", **{"HX-Request": "true"})
    testing.client_of(analyst).post(f"/lab/version/{version.pk}/attach")
    assert Attachment.objects.get(version=version).simulation == finished


def test_what_came_of_it_stands_beside_what_was_simulated_and_one_click_proposes_the_way_back(
    analyst, administrator, finished, people
) -> None:
    version = services.propose_draft(
        by=analyst, today=testing.TODAY, now=now(), simulation=finished, number=0, note="x"
    )
    PolicyVersion.objects.filter(pk=version.pk).update(
        state="active", valid_from=MONTH, decided_by=administrator
    )
    text = text_of(analyst, f"/lab/version/{version.pk}/effect")
    assert "试算与实际" in text
    answer = testing.client_of(analyst).post(f"/lab/version/{version.pk}/return")
    back = PolicyVersion.objects.get(kind="tier", version=3)
    assert answer.headers["Location"] == f"/policies/version/{back.pk}"
    assert back.state == "proposed"
    assert back.content_hash == PolicyVersion.objects.get(kind="tier", version=1).content_hash


@pytest.mark.parametrize(
    ("kind", "scheme", "foretold", "actual", "said"),
    [
        ("scope", "scope", [[1, 70, 700], [0, 9, 9]], [(1, 77, 770), (0, 5, 4)], ("70", "77", "移出 5 户")),
        ("value", "person", [[10, 5, 600], [9, 5, 400]], [(10, 5, 300), (9, 5, 700)], ("60.0%", "30.0%")),
    ],
)
def test_managed_scope_and_the_value_card_are_followed_as_tiers_are(
    analyst, administrator, kind, scheme, foretold, actual, said
) -> None:
    version = version_in_force(kind, testing.TODAY)
    assert version is not None
    PolicyVersion.objects.filter(pk=version.pk).update(valid_from=MONTH, decided_by=administrator)
    simulation = ask(
        analyst, keep(analyst, "300000", "scope") if kind == "scope" else draft_of_value(analyst)
    )
    months = [{"ranks": [[scheme, *row] for row in foretold]}]
    simulation.result = {"active": {"months": months}, "drafts": [{"months": months}]}
    simulation.state = State.DONE
    simulation.save()
    Attachment.objects.create(
        version=version, simulation=simulation, draft=0, attached_by=analyst, attached_at=now()
    )
    address = f"/lab/version/{version.pk}/effect"
    assert "暂无" in text_of(analyst, address) or "还没有" in text_of(analyst, address)
    for at, customers, aum in actual:
        Standing.objects.create(
            month=MONTH, kind=kind, scheme=scheme, standing=at, customers=customers, aum_fen=aum
        )
    text = text_of(analyst, address)
    assert all(word in text for word in said), text[-3000:]
    assert "尚未结束" not in text
    testing.make_run(business_date=MONTH)
    assert ("尚未结束" in text_of(analyst, address)) == (kind == "scope")


def draft_of_value(by) -> Draft:
    made = version_in_force("value", testing.TODAY)
    assert made is not None
    changed = {**made.payload, "weight_contribution": "0.35", "weight_risk": "0.25"}
    return services.save_draft(
        by=by, today=testing.TODAY, now=now(), kind="value", name="权重", payload=changed
    )


def test_one_that_waits_can_be_stopped_and_one_that_ended_cannot(analyst, people) -> None:
    simulation = ask(analyst, keep(analyst))
    client = testing.client_of(analyst)
    client.post(f"/lab/{simulation.pk}/stop")
    simulation.refresh_from_db()
    assert simulation.state == State.STOPPED
    assert client.get(f"/lab/{simulation.pk}/progress").headers["HX-Refresh"] == "true"
    client.post(f"/lab/{simulation.pk}/stop")
    assert ChangeLog.objects.filter(verb="lab.stopped").count() == 1


def test_a_draft_taken_off_the_list_is_offered_no_more(analyst) -> None:
    draft = keep(analyst)
    testing.client_of(analyst).post(f"/lab/drafts/{draft.pk}/drop")
    assert "金卡 60 万" not in text_of(analyst, "/lab/")
