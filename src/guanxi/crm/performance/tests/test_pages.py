"""Pages: figures open lists of as many rows, files hold no more than the page, nobody reads a colleague's figures."""

import io
import re
import zlib
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.template import loader
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.performance import cockpit, services
from guanxi.crm.performance.models import Pack
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.team import place_asked
from guanxi.crm.performance.tests import made_up
from guanxi.crm.performance.tests.made_up import TODAY, make_contact, make_customer, make_promise, make_task
from guanxi.crm.scores.models import Maturity

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(settings):
    settings.GUANXI_TODAY = TODAY.isoformat()
    return made_up.make_team()


def busy(team):
    """A team with something of everything, here and elsewhere."""
    for keeper, unit in ((team.ann, None), (team.far, team.elsewhere)):
        party = make_customer(team, keeper, unit=unit)
        made_up.make_warning(party, TODAY - timedelta(days=9))
        make_promise(party, keeper, TODAY - timedelta(days=30))
        make_task(party, keeper, TODAY)
        make_task(party, keeper, TODAY, done_on=TODAY)
        made_up.make_waiting(make_customer(team, None, unit=unit), TODAY - timedelta(days=9))
        with testing.everything():
            Maturity.objects.create(
                account_no=f"M{party.pk}", party=party, unit_id=party.unit_id, keeper=keeper, product_name="一年定期",
                family="time", amount_fen=30_000_000, matures_on=TODAY, days_left=0,
            )  # fmt: skip


def shown(client, address):
    """The answer; `told` is what its template was told."""
    with patch.object(loader, "render_to_string", wraps=loader.render_to_string) as render:
        answer = client.get(address)
    assert answer.status_code == 200, address
    answer.told = render.call_args.args[1] if render.call_args else {}
    return answer


def pages_of(content):
    """How many pages a printed sheet has."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    opened = b"".join(zlib.decompressobj().decompress(one) for one in packed if one[:1] == b"x")
    return int(re.search(rb"/Count (\d+)", opened + content).group(1))


def test_each_figure_of_the_cockpit_opens_a_list_of_as_many_rows(team):
    busy(team)
    with acting_as(team.head, today=TODAY) as reach:
        board = cockpit.board_of(reach, place_asked(reach, None), terms_on(TODAY))
    figures = {
        "warnings": board.untouched, "promises": board.broken, "pool": board.pool,
        "uncovered": board.total.coverage.cases - board.total.coverage.hits,
        "tasks": board.total.today.cases - board.total.today.hits,
    }  # fmt: skip
    client = testing.client_of(team.head)
    counts = {kind: shown(client, f"/performance/lists/{kind}").told["count"] for kind in figures}
    assert counts == figures == dict.fromkeys(figures, 1)


def test_a_supervisor_goes_down_to_an_outlet_and_a_head_not_to_another(team):
    busy(team)
    wide, head = testing.make_staff("supervisor", team.bank), team.head
    page = shown(testing.client_of(wide), "/performance/")
    assert [line.label for line in page.told["lines"]] == ["观前支行", "平江支行"]
    below = shown(testing.client_of(wide), f"/performance/?unit={team.elsewhere.pk}")
    assert [line.label for line in below.told["lines"]] == ["方远"]
    client = testing.client_of(head)
    for route in ("", "lists/tasks", "morning", "morning.pdf", "weeks", "coaching"):
        assert client.get(f"/performance/{route}?unit={team.elsewhere.pk}").status_code == 404
        assert client.get(f"/performance/{route}?unit={team.bank.pk}").status_code == 404


def test_an_unknown_list_is_no_page(team):
    assert testing.client_of(team.head).get("/performance/lists/salaries").status_code == 404


def test_the_morning_page_holds_what_is_due_here_and_nothing_of_elsewhere(team):
    busy(team)
    told = shown(testing.client_of(team.head), "/performance/morning").told["morning"]
    assert [len(part.rows) for part in (told.maturities, told.promises, told.pool)] == [1, 1, 1]
    assert (told.maturities.fen, told.untouched, told.team) == (30_000_000, 1, 3)


def test_the_morning_sheet_is_one_page_and_its_taking_is_recorded(team):
    busy(team)
    answer = shown(testing.client_of(team.head), "/performance/morning.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert pages_of(answer.content) == 1
    log = ExportLog.objects.get(what="morning")
    assert (log.staff_no, log.rows) == (team.head.staff_no, 3)


def week_of(team):
    with acting_as(team.head, today=TODAY) as reach:
        from django.utils import timezone

        return services.make_pack(
            by=team.head, place=place_asked(reach, None), today=TODAY, now=timezone.now()
        )


def test_the_workbook_of_a_week_holds_the_own_unit_only_and_its_taking_is_recorded(team):
    busy(team)
    pack = week_of(team)
    answer = shown(testing.client_of(team.head), f"/performance/weeks/{pack.pk}.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    text = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert len(book.sheet_names) == 6
    assert "安然" in text
    assert "方远" not in text
    assert pack.sha256 in text
    assert ExportLog.objects.get(what="weekly_pack").staff_no == team.head.staff_no


def test_the_printed_pack_tells_the_hash_of_what_was_frozen_to_the_trail(team):
    pack = week_of(team)
    shown(testing.client_of(team.head), f"/performance/weeks/{pack.pk}.pdf")
    assert ExportLog.objects.get(what="weekly_pack").content_hash == pack.sha256


def test_a_pack_is_made_with_one_click_and_a_second_click_opens_it(team):
    client = testing.client_of(team.head)
    first, second = (client.post("/performance/weeks/make", {"unit": team.outlet.pk}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    with acting_as(team.head, today=TODAY):
        assert Pack.objects.count() == 1


def test_own_figures_name_no_colleague(team):
    busy(team)
    make_contact(make_customer(team, team.ben), team.ben, TODAY)
    text = shown(testing.client_of(team.ann), "/performance/mine").content.decode()
    assert "毕成" not in text
    assert "周行长" not in text
    assert testing.client_of(team.ann).get(f"/performance/people/{team.ben.pk}").status_code == 403


def test_people_stand_by_name_and_not_by_figures(team):
    client = testing.client_of(team.head)
    before = [line.label for line in shown(client, "/performance/").told["lines"]]
    for _ in range(3):
        make_task(make_customer(team, team.ben), team.ben, TODAY, done_on=TODAY)
    assert [line.label for line in shown(client, "/performance/").told["lines"]] == before


def test_whoever_stands_out_in_the_queue_has_enough_cases(team):
    party = make_customer(team, team.ann)
    for number in range(19):
        make_task(party, team.ann, TODAY - timedelta(days=number))
    client = testing.client_of(team.head)
    assert shown(client, "/performance/coaching").told["queue"] == []
    make_task(party, team.ann, TODAY)
    found = shown(client, "/performance/coaching").told["queue"]
    assert [one.member.staff.name for one in found] == ["安然"]


def test_the_sample_of_notes_is_the_same_on_every_opening(team):
    party = make_customer(team, team.ann)
    for number in range(20):
        make_contact(party, team.ann, TODAY - timedelta(days=number), note=f"第{number}次联系，谈续存")
    client = testing.client_of(team.head)
    address = f"/performance/people/{team.ann.pk}"
    first, second = ([one.contact.pk for one in shown(client, address).told["drawn"]] for _ in range(2))
    assert first == second
    assert len(first) == 5


def test_a_joint_visit_takes_one_click(team):
    answer = testing.client_of(team.head).post(f"/performance/people/{team.ann.pk}/joint")
    assert answer.status_code == 302


def test_an_empty_decision_is_said_on_the_page_and_not_kept(team):
    pack = week_of(team)
    answer = testing.client_of(team.head).post(f"/performance/weeks/{pack.pk}/decide", {"text": ""})
    assert answer.status_code == 422
    assert not pack.decisions.exists()


@pytest.mark.parametrize("address", ["", "strip", "morning", "coaching", "mine"])
def test_a_bank_without_these_policies_is_told_which_one_is_missing(address):
    people = testing.make_people()
    testing.make_policies("tier", "access", "lists")
    answer = testing.client_of(people.head).get(f"/performance/{address}")
    assert answer.status_code == 200
    assert "performance" in answer.content.decode()
