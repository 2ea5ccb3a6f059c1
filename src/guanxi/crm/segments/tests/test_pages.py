"""The pages of segments: the builder, saving, pages by key, the workbook, two side by side."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.segments import services, uploads
from guanxi.crm.segments.counting import facts_for
from guanxi.crm.segments.models import Segment, SegmentVersion
from guanxi.crm.segments.selectors import segments_for
from guanxi.crm.segments.tests.facts_bank import NOW, OLD, RICH, add, four_old, make, write_facts_of
from guanxi.insight.segments import read_rule

pytestmark = pytest.mark.django_db


def draw(staff: Staff, **fields: Any) -> str:
    answer = testing.client_of(staff).post("/segments/draw", fields, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


LEAF = {"node": ["r", "r.0"], "r-joins": "all", "r.0-fact": "age", "r.0-was": "age", "r.0-asks": "at_least"}


def test_the_builder_counts_as_one_edits(screen, home) -> None:
    four_old(screen, home)
    page = draw(screen.people.head, **LEAF, **{"r.0-value": "60"})
    assert '<p class="counted" id="count">3 <small>' in page
    assert "年龄 不低于 60 岁" in page
    assert "1 <small>" in draw(screen.people.alice, **LEAF, **{"r.0-value": "60"})


def test_an_unfinished_condition_says_what_it_lacks_and_is_not_counted(screen, home) -> None:
    four_old(screen, home)
    page = draw(screen.people.head, **LEAF)
    assert "还缺少取值" in page
    assert '<p class="counted" id="count">—</p>' in page


def test_the_builder_adds_and_removes_conditions_and_groups(screen, home) -> None:
    four_old(screen, home)
    head = screen.people.head
    assert 'name="r.1-fact"' in draw(head, **LEAF, do="leaf:r")
    assert 'name="r.1-joins"' in draw(head, **LEAF, do="group:r")
    assert 'name="r.0-fact"' not in draw(head, **LEAF, do="drop:r.0")
    other = draw(head, **{**LEAF, "r.0-fact": "sex"})
    assert "客户经理" not in other
    assert 'value="female"' in other


def test_a_mangled_form_is_a_page_with_problems_and_no_error(screen, home) -> None:
    four_old(screen, home)
    for fields in (
        {},
        {"node": ["r"] * 500},
        {"node": ["x", "r.r.r"], "do": ":::"},
        {"node": ["r", "r.0"], "r.0-fact": "'"},
    ):
        draw(screen.people.head, **fields)


def save(staff: Staff, **fields: Any) -> Any:
    return testing.client_of(staff).post("/segments/save", {"name": "长者", "rule": json.dumps(OLD)} | fields)


def test_saving_makes_a_segment_and_a_wrong_one_says_why(screen, home) -> None:
    four_old(screen, home)
    alice = screen.people.alice
    assert save(alice).status_code == 302
    assert save(alice).status_code == 422  # the name is taken
    for rule in ("", "null", "[" * 5000, '{"fact": "x"}', json.dumps({"all": []})):
        assert save(alice, name="另一个", rule=rule).status_code == 422
    with acting_as(alice, today=testing.TODAY):
        assert Segment.objects.count() == 1


def test_pages_by_key_show_every_customer_once_both_ways(screen, home, monkeypatch) -> None:
    from guanxi.crm.segments import listing

    monkeypatch.setattr(listing, "SIZE", 3)
    people = screen.people
    added = [add(screen, keeper=people.alice, name=f"客{at}") for at in range(7)]
    amounts = [Decimal("5.00"), Decimal("5.00"), None, Decimal("-3.10"), None, Decimal("70.25"), Decimal(0)]
    write_facts_of(
        home,
        screen.run,
        {party.pk: {"age": 70, "aum": aum} for party, aum in zip(added, amounts, strict=True)},
    )
    with acting_as(people.alice, today=testing.TODAY) as reach:
        facts = facts_for(reach)
        assert facts is not None
        subject = facts.of_rule(read_rule(OLD))
        from guanxi.crm.scores.tiers import tier_names

        def page(**where: str) -> listing.Page:
            told = {"after": "", "before": ""} | where
            return listing.page_of(facts, reach, subject, tier_names(testing.TODAY), "aum", **told)

        pages = [page()]
        while pages[-1].next:
            pages.append(page(after=pages[-1].next))
        forward = [[line.values["number"] for line in one.lines] for one in pages]
        back = [pages[-1]]
        while back[-1].previous:
            back.append(page(before=back[-1].previous))
        backward = [[line.values["number"] for line in one.lines] for one in reversed(back)]
    order = [added[at].customer_no for at in (5, 0, 1, 6, 3, 2, 4)]
    assert [number for one in forward for number in one] == order
    assert forward == backward


@pytest.mark.parametrize(
    "text", ["", "x", "W10", "bnVsbA", "WzEsMiwzXQ", "WyJuYW4iLDFd", "WyIxIix0cnVlXQ", "WyIxZTk5IiwxXQ"]
)
def test_a_mangled_key_shows_the_first_page(screen, home, text) -> None:
    four_old(screen, home)
    segment = make(screen.people.alice)
    answer = testing.client_of(screen.people.alice).get(f"/segments/{segment.uuid}/?after={text}")
    assert answer.status_code == 200
    assert screen.people.customer.name in answer.content.decode()


def test_an_analyst_sees_the_customers_of_a_segment_without_names(screen, home) -> None:
    four_old(screen, home)
    analyst = testing.make_staff("analyst", screen.people.bank)
    segment = make(analyst)
    page = testing.client_of(analyst).get(f"/segments/{segment.uuid}/").content.decode()
    assert "陌**" in page
    assert "陌生人" not in page
    assert screen.people.customer.customer_no not in page


def test_the_workbook_holds_ones_own_customers_and_is_in_the_trail(screen, home) -> None:
    four_old(screen, home)
    segment = make(screen.people.head)
    answer = testing.client_of(screen.people.head).get(f"/segments/{segment.uuid}/export")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    cells = book.get_sheet_by_index(0).to_python()
    assert screen.people.customer.customer_no in {cell for row in cells for cell in row}
    assert sum(1 for row in cells if str(row[-1]).startswith("C0")) == 3
    assert any("2026-10-31" in str(row[0]) for row in cells)
    log = ExportLog.objects.get()
    assert (log.what, log.rows, log.filters["version"]) == ("segment", 3, 1)


def test_a_larger_segment_than_the_role_may_take_is_no_file(screen, home, monkeypatch) -> None:
    from guanxi.crm.segments.views import pages

    four_old(screen, home)
    segment = make(screen.people.head)
    monkeypatch.setattr(pages, "export_limit", lambda _request: 2)
    answer = testing.client_of(screen.people.head).get(f"/segments/{segment.uuid}/export")
    assert (answer.status_code, "申请导出" in answer.content.decode()) == (403, True)
    assert not ExportLog.objects.exists()


def test_two_segments_are_compared_within_reach(screen, home) -> None:
    people = screen.people
    rich, both = add(screen, keeper=people.alice), add(screen, keeper=people.alice)
    theirs = add(screen, keeper=people.charlie, unit=people.elsewhere)
    facts = {"age": 70, "aum": 900_000}
    write_facts_of(home, screen.run, {
        people.customer.pk: {"age": 70}, rich.pk: {"aum": 900_000}, both.pk: facts, theirs.pk: facts,
    })  # fmt: skip
    a, b = make(people.alice), make(people.alice, "富裕", RICH)
    page = testing.client_of(people.alice).get(f"/segments/compare?a={a.uuid}&b={b.uuid}").content.decode()
    assert "[1, 1, 1]" in page.replace("&#34;", '"')
    combined = (
        testing.client_of(people.alice).get(f"/segments/new?a={a.uuid}&b={b.uuid}&part=a").content.decode()
    )
    assert '<p class="counted" id="count">1 <small>' in combined


def test_a_list_and_a_rule_are_compared_too(screen, home) -> None:
    four_old(screen, home)
    people = screen.people
    with acting_as(people.head, today=testing.TODAY) as reach:
        brought = services.bring_list(
            by=people.head,
            reach=reach,
            name="名单",
            parties=[people.customer.pk],
            report=uploads.Match().report(),
            content_hash="x",
            now=NOW,
        )
    rule = make(people.head)
    page = (
        testing.client_of(people.head)
        .get(f"/segments/compare?a={brought.uuid}&b={rule.uuid}")
        .content.decode()
    )
    assert "[0, 1, 2]" in page


def test_a_segment_whose_facts_are_gone_says_so_and_counts_nothing(screen, home) -> None:
    four_old(screen, home)
    segment = make(screen.people.alice)
    with transaction.atomic(), testing.everything():
        pass
    with acting_as(screen.people.alice, today=testing.TODAY):
        SegmentVersion.objects.update(rule={"fact": "gone", "is": "yes", "values": []})
    page = testing.client_of(screen.people.alice).get(f"/segments/{segment.uuid}/").content.decode()
    assert "没有这个指标" in page
    assert testing.client_of(screen.people.alice).get("/segments/").status_code == 200


def test_before_the_first_run_the_pages_say_what_is_missing(screen) -> None:
    alice = testing.client_of(screen.people.alice)
    segment = make(screen.people.alice)
    for address in (
        "/segments/",
        "/segments/new",
        f"/segments/{segment.uuid}/",
        "/segments/compare",
        "/segments/bring",
    ):
        assert alice.get(address).status_code == 200


def test_who_they_are_is_told_beside_everybody_within_reach(screen, home) -> None:
    four_old(screen, home)
    segment = make(screen.people.head)
    page = testing.client_of(screen.people.head).get(f"/segments/{segment.uuid}/portrait").content.decode()
    assert page.count('data-chart="') == 3
    assert screen.people.elsewhere.name not in page


def test_more_customers_and_more_segments_cost_no_more_queries(screen, home) -> None:
    from django.test.utils import CaptureQueriesContext

    people = screen.people
    client = testing.client_of(people.head)

    def costs() -> list[int]:
        with acting_as(people.head, today=testing.TODAY) as reach:
            addresses = ["/segments/", f"/segments/{segments_for(reach).first().uuid}/"]
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            found.append(len(asked))
        return found

    four_old(screen, home)
    make(people.head, "甲")
    before = costs()
    added = [add(screen, keeper=people.alice) for _ in range(8)]
    write_facts_of(home, screen.run, {party.pk: {"age": 80} for party in (people.customer, *added)})
    make(people.head, "乙")
    make(people.head, "丙")
    assert costs() == before
