"""Segments: what each person may see is counted and nothing else; owners change them; lists are matched."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog, ExportLog
from guanxi.crm.customers.models import Identifier, Party
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.segments import services, uploads
from guanxi.crm.segments.counting import facts_for
from guanxi.crm.segments.models import Member, Moved, Segment, SegmentVersion
from guanxi.crm.segments.selectors import segments_for
from guanxi.crm.segments.tests.facts_bank import write_facts_of
from guanxi.insight.segments import read_rule

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
OLD = {"fact": "age", "is": "at_least", "values": [60]}
RICH = {"fact": "aum", "is": "at_least", "values": ["500000.00"]}


@pytest.fixture
def home(settings, tmp_path):
    settings.GUANXI_BANK_HOME = tmp_path
    return tmp_path


@pytest.fixture
def screen(home) -> testing.Screen:
    assert home.is_dir()
    return testing.make_screen()


def add(screen: testing.Screen, *, unit=None, keeper=None, name="张三", **figures: Any) -> Party:
    party = testing.make_party(unit or screen.people.outlet, keeper=keeper, name=name)
    testing.make_score(party, screen.run, **({"aum_fen": 10_000} | figures))
    return party


def count(staff: Staff, rule: dict[str, Any] = OLD) -> int:
    with acting_as(staff, today=testing.TODAY) as reach:
        facts = facts_for(reach)
        assert facts is not None
        return facts.count(read_rule(rule)).customers


def make(staff: Staff, name: str = "老年客户", rule: dict[str, Any] = OLD, shared_with=None) -> Segment:
    with acting_as(staff, today=testing.TODAY) as reach:
        return services.make_segment(
            by=staff,
            reach=reach,
            name=name,
            purpose="",
            rule=read_rule(rule),
            shared_with=shared_with,
            now=NOW,
        )


def four_old(screen: testing.Screen, home) -> dict[str, Party]:
    """Alice's customer, one of Bob's, one of nobody's at the outlet, one of Charlie's elsewhere; all are 70."""
    people = screen.people
    made = {
        "alice": people.customer,
        "bob": add(screen, keeper=people.bob),
        "nobody": add(screen),
        "charlie": add(screen, unit=people.elsewhere, keeper=people.charlie, name="陌生人"),
    }
    write_facts_of(home, screen.run, {party.pk: {"age": 70} for party in made.values()})
    return made


# ---- scope


def test_each_person_counts_those_within_reach_and_nobody_else(screen, home) -> None:
    four_old(screen, home)
    people = screen.people
    analyst = testing.make_staff("analyst", people.bank)
    counted = {who: count(staff) for who, staff in (
        ("alice", people.alice), ("bob", people.bob), ("charlie", people.charlie), ("head", people.head),
        ("analyst", analyst),
    )}  # fmt: skip
    assert counted == {"alice": 1, "bob": 1, "charlie": 1, "head": 3, "analyst": 4}


def test_nobody_without_a_post_counts_anybody(screen, home) -> None:
    four_old(screen, home)
    assert count(testing.make_staff(None, screen.people.outlet)) == 0


def test_a_customer_handed_over_today_counts_at_once_for_the_new_keeper_and_no_longer_for_the_old(
    screen, home
) -> None:
    four_old(screen, home)
    people = screen.people
    with acting_as(people.head, today=testing.TODAY) as reach:
        assign_keeper(
            by=people.head,
            reach=reach,
            party=people.customer,
            keeper=people.bob,
            today=testing.TODAY,
            reason="x",
        )
    assert [count(staff) for staff in (people.alice, people.bob, people.head)] == [0, 2, 3]


def test_the_application_sees_no_row_of_who_moved(screen) -> None:
    people = screen.people
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(keeper=people.bob)
        assert Moved.objects.count() == 0
    with acting_as(people.charlie, today=testing.TODAY), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM segments_moved()")
        assert cursor.fetchall() == []


def test_who_refused_profiling_is_not_counted_and_the_count_says_so(screen, home) -> None:
    refusing = add(screen, keeper=screen.people.alice)
    write_facts_of(
        home,
        screen.run,
        {refusing.pk: {"age": 70, "no_profiling": True}, screen.people.customer.pk: {"age": 70}},
    )
    with acting_as(screen.people.alice, today=testing.TODAY) as reach:
        facts = facts_for(reach)
        assert facts is not None
        found = facts.count(read_rule(OLD))
        assert (found.customers, found.refused, found.of_all) == (1, 1, 2)
        assert facts.size(facts.of_rule(read_rule({"not": OLD}))).customers == 0


def test_a_unit_means_everything_below_it(screen, home) -> None:
    four_old(screen, home)
    analyst, people = testing.make_staff("analyst", screen.people.bank), screen.people
    asked = {unit.name: count(analyst, {"fact": "unit_no", "is": "within", "values": [unit.unit_no]}) for unit in
             (people.bank, people.outlet, people.elsewhere)}  # fmt: skip
    assert asked == {people.bank.name: 4, people.outlet.name: 3, people.elsewhere.name: 1}


# ---- owning, sharing, versions


def seen_by(staff: Staff) -> list[str]:
    with acting_as(staff, today=testing.TODAY) as reach:
        return [segment.name for segment in segments_for(reach)]


def test_a_segment_is_its_owners_until_it_is_shared_and_then_the_units(screen) -> None:
    people = screen.people
    segment = make(people.alice)
    assert [seen_by(staff) for staff in (people.alice, people.bob, people.charlie)] == [["老年客户"], [], []]
    with acting_as(people.alice, today=testing.TODAY) as reach:
        services.share(by=people.alice, reach=reach, segment=segment, unit=people.outlet)
    assert [seen_by(staff) for staff in (people.alice, people.bob, people.charlie)] == [
        ["老年客户"],
        ["老年客户"],
        [],
    ]
    analyst = testing.make_staff("analyst", people.bank)
    make(analyst, "全行", shared_with=people.bank)
    assert seen_by(people.charlie) == ["全行"]


def test_the_database_itself_shows_nobody_anothers_segment(screen) -> None:
    people = screen.people
    make(people.alice)
    with acting_as(people.bob, today=testing.TODAY):
        assert Segment.objects.count() == SegmentVersion.objects.count() == 0


def test_only_the_owner_changes_shares_or_puts_away(screen) -> None:
    people = screen.people
    segment = make(people.alice, shared_with=people.outlet)
    with acting_as(people.bob, today=testing.TODAY) as reach:
        told: dict[str, Any] = {"by": people.bob, "reach": reach, "segment": segment}
        for deed, more in (
            (services.change_rule, {"rule": read_rule(RICH), "now": NOW}),
            (services.share, {"unit": None}),
            (services.retire, {"now": NOW}),
        ):
            with pytest.raises(PermissionDenied):
                deed(**told, **more)


def test_one_cannot_share_with_a_unit_one_has_nothing_to_do_with(screen) -> None:
    people = screen.people
    with pytest.raises(PermissionDenied):
        make(people.alice, shared_with=people.elsewhere)
    with pytest.raises(PermissionDenied):
        make(people.alice, shared_with=people.bank)


def test_a_changed_rule_is_a_new_version_and_the_same_rule_is_none(screen) -> None:
    people = screen.people
    segment = make(people.alice)
    with acting_as(people.alice, today=testing.TODAY) as reach:
        for rule in (OLD, RICH, RICH):
            services.change_rule(by=people.alice, reach=reach, segment=segment, rule=read_rule(rule), now=NOW)
        versions = list(SegmentVersion.objects.order_by("number").values_list("number", "rule"))
    assert versions == [(1, OLD), (2, RICH)]
    assert sorted(ChangeLog.objects.filter(verb__startswith="segments.").values_list("verb", flat=True)) == [
        "segments.changed", "segments.made",
    ]  # fmt: skip


def test_a_name_is_taken_once_and_free_again_when_put_away(screen) -> None:
    people = screen.people
    segment = make(people.alice)
    with pytest.raises(ValidationError):
        make(people.alice)
    make(people.bob)
    with acting_as(people.alice, today=testing.TODAY) as reach:
        services.retire(by=people.alice, reach=reach, segment=segment, now=NOW)
    make(people.alice)
    assert seen_by(people.alice) == ["老年客户"]


# ---- brought lists


def workbook(*rows: tuple[Any, ...]) -> bytes:
    stream = io.BytesIO()
    with Workbook(stream) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return stream.getvalue()


def test_a_list_is_matched_line_by_line(screen) -> None:
    from guanxi.crm.customers import protected
    from guanxi.insight.staging.identifiers import Protected

    people = screen.people
    stranger = add(screen, unit=people.elsewhere, keeper=people.charlie)
    second = add(screen, keeper=people.alice)
    number = "11010519491231002X"
    (shown,), _rows = protected.door().protect(Protected.RESIDENT_ID, [number])
    with testing.everything():
        Identifier.objects.create(party=second, kind="id", token=shown.token, masked=shown.masked)
    mine, theirs = people.customer.customer_no, stranger.customer_no
    content = workbook(
        ("名单", ""),
        ("姓名", "客户号"),
        ("甲", mine),
        ("乙", number),
        ("丙", theirs),
        ("丁", "无此号"),
        ("甲", mine),
    )
    with acting_as(people.alice, today=testing.TODAY) as reach:
        found = uploads.match(reach, uploads.read_numbers(content))
        segment = services.bring_list(
            by=people.alice, reach=reach, name="名单", parties=[*found.parties, stranger.pk], report=found.report(),
            content_hash=uploads.fingerprint(found.parties), now=NOW,
        )  # fmt: skip
        kept = sorted(Member.objects.filter(version__segment=segment).values_list("party_id", flat=True))
    assert kept == sorted([people.customer.pk, second.pk])
    report = found.report()
    assert [report[name] for name in ("lines", "matched", "missing", "twice", "out_of_reach")] == [
        5,
        2,
        1,
        1,
        1,
    ]
    assert report["where"] == {"missing": [6], "twice": [7], "out_of_reach": [5]}
    assert number not in json.dumps(report)


def test_a_shared_list_shows_each_reader_only_their_own_customers(screen, home) -> None:
    people = screen.people
    other = add(screen, keeper=people.bob)
    write_facts_of(home, screen.run)
    with acting_as(people.head, today=testing.TODAY) as reach:
        segment = services.bring_list(
            by=people.head,
            reach=reach,
            name="名单",
            parties=[people.customer.pk, other.pk],
            report=uploads.Match().report(),
            content_hash="x",
            now=NOW,
        )
        services.share(by=people.head, reach=reach, segment=segment, unit=people.outlet)
    for staff, expected in ((people.alice, 1), (people.bob, 1), (people.head, 2)):
        with acting_as(staff, today=testing.TODAY):
            assert Member.objects.count() == expected
        page = testing.client_of(staff).get(f"/segments/{segment.uuid}/").content.decode()
        assert f'<span class="counted">{expected}</span>' in page


BROKEN = {
    "no workbook": b"PK\x03\x04 nothing", "a text": b"C1\nC2", "empty": b"", "no numbers": workbook(("客户号",)),
    "too large": b"0" * (uploads.MOST_BYTES + 1),
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_list_is_refused_with_a_sentence(content) -> None:
    with pytest.raises(ValidationError):
        uploads.read_numbers(content)


def test_numbers_survive_a_spreadsheet() -> None:
    assert uploads.read_numbers(workbook((10086,), ("  0012 ",), ("'0013",), ("",), (1.5,))) == [
        (1, "10086"), (2, "0012"), (3, "0013"), (5, "1.5"),
    ]  # fmt: skip


# ---- pages


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
    assert answer.status_code == 302
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
