"""Adjusted output as the night counts it and people read it: whose customers count, which months, which contacts."""

import io
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.customers.models import KeeperTerm
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.performance import nights
from guanxi.crm.performance.efficiency import Months, months_until
from guanxi.crm.performance.models import Efficiency, Output, Pack
from guanxi.crm.performance.rules import seal
from guanxi.crm.performance.tests import made_up
from guanxi.crm.performance.tests.made_up import TODAY, make_contact, make_customer
from guanxi.crm.scores.models import PartyHistory

pytestmark = pytest.mark.django_db
WAN = 1_000_000
NIGHT = testing.BUSINESS_DATE


@pytest.fixture
def team(settings):
    settings.GUANXI_TODAY = TODAY.isoformat()
    return made_up.make_team()


def grown(team, keeper, was, now, *, rank=4, unit=None, **more):
    """A customer whose average was `was` in July (and `now` since, September an outlier)."""
    party = make_customer(team, keeper, rank=rank, unit=unit, daily_average_fen=now, **more)
    months = [date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]
    averages = [] if was == 0 == now else [was, now, 77 * WAN]
    told = {name: [] for name in PartyHistory.arrays()} | {
        "months": months, "daily_average_fen": averages, "tier_ranks": [rank] * 3, "stages": ["mature"] * 3,
    }  # fmt: skip
    with testing.everything():
        PartyHistory.objects.create(party=party, **told)
    return party


def counted(team, on=NIGHT):
    wide = testing.make_staff("supervisor", team.bank)
    with acting_as(wide, today=TODAY):
        nights.measure_night(on, using="default")
        return {(row.staff_id, row.output): row for row in Efficiency.objects.filter(as_of=on)}


@pytest.mark.parametrize(
    ("on", "before", "until", "first", "last"),
    [
        (date(2026, 10, 31), date(2026, 7, 1), date(2026, 10, 1), date(2026, 8, 1), date(2026, 10, 31)),
        (date(2026, 10, 30), date(2026, 6, 1), date(2026, 9, 1), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2028, 2, 29), date(2027, 11, 1), date(2028, 2, 1), date(2027, 12, 1), date(2028, 2, 29)),
        (date(2027, 1, 1), date(2026, 9, 1), date(2026, 12, 1), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_only_months_that_had_ended_are_counted(on, before, until, first, last):
    months = months_until(on, 3)
    assert months == Months(before, until)
    assert (months.span.first, months.span.last) == (first, last)


def test_growth_is_between_averages_capped_for_each_customer_and_held_against_the_others(team):
    grown(team, team.ann, 50 * WAN, 60 * WAN)
    grown(team, team.ann, 50 * WAN, 950 * WAN)  # 9 million yuan: counts with one
    grown(team, team.ann, 0, 0)
    grown(team, team.ben, 50 * WAN, 44 * WAN)
    grown(team, team.far, 10 * WAN, 10 * WAN, unit=team.elsewhere)
    rows = counted(team)
    ann = rows[team.ann.pk, Output.GROWTH]
    assert (ann.customers, ann.actual) == (3, 10 * WAN + 100 * WAN)
    assert ann.expected == pytest.approx(3 * -3 * WAN)  # the others' two customers: -6 and 0
    assert (ann.first, ann.last) == (date(2026, 8, 1), NIGHT)
    assert ann.adjusted is None  # three customers are not enough data


def test_a_running_month_is_left_out(team):
    grown(team, team.ann, 50 * WAN, 999 * WAN)
    grown(team, team.ben, 50 * WAN, 999 * WAN)
    with testing.everything():
        history = PartyHistory.objects.all()
        history.update(months=[date(2026, 6, 1), date(2026, 8, 1), date(2026, 9, 1)])
    assert counted(team, date(2026, 10, 30))[team.ann.pk, Output.GROWTH].actual == 27 * WAN


def test_what_was_kept_by_somebody_else_meanwhile_or_has_no_average_counts_for_nobody(team):
    grown(team, team.ben, 10 * WAN, 20 * WAN)
    grown(team, team.ann, 10 * WAN, 12 * WAN)
    passed_on, unknown = grown(team, team.ann, 0, 90 * WAN), grown(team, team.ann, 0, 90 * WAN)
    make_customer(team, team.ann, daily_average_fen=5 * WAN)  # new: no month to compare with
    with testing.everything():
        KeeperTerm.objects.create(
            party=passed_on, staff=team.ben, valid_from=date(2024, 1, 1), valid_to=date(2026, 8, 3)
        )
        PartyHistory.objects.filter(party=unknown).update(daily_average_fen=[None, 1, 2])
    row = counted(team)[team.ann.pk, Output.GROWTH]
    assert (row.customers, row.actual) == (1, 2 * WAN)


def test_deals_of_the_keepers_own_contacts_in_these_months_by_the_minutes_of_the_policy(team):
    party, other = grown(team, team.ann, 1, 1), grown(team, team.ben, 1, 1)
    day = date(2026, 9, 10)

    def deal(account, on):
        return {
            "intent_family": "fund", "intent_fen": WAN, "deal_account": account, "deal_on": on, "deal_fen": WAN,
        }  # fmt: skip

    make_contact(party, team.ann, day, **deal("A1", day + timedelta(days=3)))
    make_contact(party, team.ann, day, minute=40, channel="visit")
    make_contact(party, team.ann, day, minute=200, channel="visit", note="")  # time, but no evidence
    make_contact(party, team.ben, day, **deal("A2", day))  # not of Ben's book
    make_contact(other, team.ben, date(2026, 7, 1), **deal("A3", date(2026, 7, 31)))  # before
    make_contact(party, team.ann, date(2026, 7, 31))
    rows = counted(team)
    ann, ben = rows[team.ann.pk, Output.DEALS], rows[team.ben.pk, Output.DEALS]
    assert (ann.actual, ann.minutes, ann.contacts) == (1, 8 + 75 + 75, 2)
    assert (ben.actual, ben.minutes, ben.contacts) == (0, 8, 1)
    assert (ann.expected, ben.expected) == (0, 1)


def test_the_same_night_again_replaces_it(team):
    grown(team, team.ann, 1, 2)
    grown(team, team.ben, 1, 2)
    counted(team)
    assert len(counted(team)) == 4


def test_one_reads_ones_own_and_the_head_those_of_the_outlet_by_name(team):
    for keeper in (team.ann, team.ben):
        grown(team, keeper, 10 * WAN, 20 * WAN)
    grown(team, team.far, 10 * WAN, 15 * WAN, unit=team.elsewhere)
    counted(team)
    with acting_as(team.ann, today=TODAY):
        assert {row.staff_id for row in Efficiency.objects.all()} == {team.ann.pk}
    with acting_as(team.teller, today=TODAY):
        assert not Efficiency.objects.exists()
    with acting_as(team.head, today=TODAY):
        assert {row.staff_id for row in Efficiency.objects.all()} == {team.ann.pk, team.ben.pk}
    page = testing.client_of(team.head).get("/performance/coaching").content.decode()
    assert page.index("安然") < page.index("毕成")
    assert "方远" not in page
    own = testing.client_of(team.ann).get("/performance/mine").content.decode()
    assert "数据不足" in own
    assert "毕成" not in own


def test_an_interval_is_drawn_and_said_where_there_is_enough_data(team):
    with acting_as(testing.make_staff("supervisor", team.bank), today=TODAY):
        told = {
            "unit": team.outlet,
            "role": "relationship_manager",
            "as_of": NIGHT,
            "first": NIGHT,
            "last": NIGHT,
        }
        Efficiency.objects.create(
            staff=team.ann, output=Output.GROWTH, customers=80, minutes=6_000, contacts=50, actual=500 * WAN,
            expected=300.0 * WAN, adjusted=150.0 * WAN, low=20.0 * WAN, high=280.0 * WAN, share=0.75, **told,
        )  # fmt: skip
    page = testing.client_of(team.ann).get("/performance/mine").content.decode()
    assert "高于同类客户" in page
    assert "perf-interval" in page
    assert "5.00" in page  # 500 over 100 hours, 万 an hour
    assert "+1.50" in page


def test_the_pack_and_the_cockpit_tell_the_team_together_with_its_interval(team):
    told = {
        "unit": team.outlet,
        "role": "relationship_manager",
        "as_of": NIGHT,
        "first": NIGHT,
        "last": NIGHT,
    }
    with acting_as(testing.make_staff("supervisor", team.bank), today=TODAY):
        for keeper, adjusted in ((team.ann, 300), (team.ben, -100)):
            Efficiency.objects.create(
                staff=keeper, output=Output.GROWTH, customers=80, minutes=6_000, contacts=50, actual=500 * WAN,
                expected=300.0 * WAN, adjusted=adjusted * WAN, low=(adjusted - 30) * WAN,
                high=(adjusted + 40 - 10) * WAN, share=0.75, **told,
            )  # fmt: skip
    client = testing.client_of(team.head)
    cockpit = client.get("/performance/").content.decode()
    assert "perf-interval" in cockpit
    assert "+200.00" in cockpit
    assert "+157.57" in cockpit  # 200 less the root of 30² + 30²
    page = client.post("/performance/weeks/make", {"unit": team.outlet.pk}, follow=True).content.decode()
    assert "+200.00" in page
    assert page.index("团队合计") < page.index("安然", page.index("团队合计"))
    with acting_as(team.head, today=TODAY):
        pack = Pack.objects.get()
    assert seal(pack.content) == pack.sha256
    assert client.get(f"/performance/weeks/{pack.pk}.pdf").content.startswith(b"%PDF")
    answer = client.get(f"/performance/weeks/{pack.pk}.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = next(name for name in book.sheet_names if name.startswith("产出"))
    rows = {row[0]: row[1:] for row in book.get_sheet_by_name(sheet).to_python() if len(row) > 4}
    assert "：+200.00" in rows["团队合计"][3]
    assert "：+300.00" in rows["安然"][3]


def test_a_difference_of_less_than_nothing_keeps_the_seal_of_the_pack(team):
    told = {
        "unit": team.outlet,
        "role": "relationship_manager",
        "as_of": NIGHT,
        "first": NIGHT,
        "last": NIGHT,
    }
    with acting_as(testing.make_staff("supervisor", team.bank), today=TODAY):
        Efficiency.objects.create(
            staff=team.ann, output=Output.DEALS, customers=80, minutes=0, contacts=0, actual=1, expected=1 / 3,
            adjusted=-0.0, low=-0.0, high=0.0, share=0.0, **told,
        )  # fmt: skip
    testing.client_of(team.head).post("/performance/weeks/make", {"unit": team.outlet.pk})
    with acting_as(team.head, today=TODAY):
        pack = Pack.objects.get()
    assert pack.content["outputs"]
    assert seal(pack.content) == pack.sha256
