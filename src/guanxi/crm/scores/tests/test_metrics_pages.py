"""The pages of figures: definitions for everyone who works with them, the bank's sums for those who see runs."""

from decimal import Decimal

import pytest

from guanxi.crm import testing
from guanxi.crm.scores.metrics.picture import draw_lineage
from guanxi.crm.scores.models import FigureProof
from guanxi.crm.scores.reports.daily import MEASURES, METRICS
from guanxi.insight.metrics.registry import lineage, metrics

# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there
pytestmark = pytest.mark.django_db


@pytest.fixture
def proof() -> FigureProof:
    run = testing.make_run(id="20261031-abc")
    return FigureProof.objects.create(
        run=run, metric="aum", figure=Decimal("5123.45"), source=Decimal("5123.46"), within=Decimal(0),
        published=None, is_proven=False,
    )  # fmt: skip


def page(client, role: str, path: str) -> str:
    client.force_login(testing.make_staff(role, testing.make_unit("演示银行")))
    answer = client.get(path, headers={"accept-language": "zh-hans"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_manager_reads_definitions_without_the_banks_sums(client, proof) -> None:
    shown = page(client, "relationship_manager", "/metrics/") + page(
        client, "relationship_manager", "/metrics/aum"
    )
    assert "资产 (AUM)" in shown
    assert "feature.account_month" in shown
    assert "5,123.4" not in shown


def test_who_sees_runs_sees_that_a_figure_differs_from_its_source(client, proof) -> None:
    shown = page(client, "analyst", "/metrics/aum")
    assert "5,123.45" in shown
    assert "5,123.46" in shown
    assert "不符" in shown


def test_a_figure_nobody_registered_is_not_found(client) -> None:
    client.force_login(testing.make_staff("analyst", testing.make_unit("演示银行")))
    assert client.get("/metrics/luck").status_code == 404


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.id)
def test_in_the_drawing_every_line_goes_right_or_down_and_no_two_boxes_overlap(metric) -> None:
    arrows = lineage(metric)
    drawing = draw_lineage(arrows)
    place = {box.name: box for box in drawing.boxes}
    way = [(place[source], place[target]) for source, target in arrows]
    assert all(one.x < other.x or (one.x == other.x and one.y < other.y) for one, other in way)
    assert {box.name for box in drawing.boxes} == {name for arrow in arrows for name in arrow}
    assert len({(box.x, box.y) for box in drawing.boxes}) == len(drawing.boxes)
    assert all(box.x + drawing.box_width <= drawing.width for box in drawing.boxes)
    assert all(0 <= box.y <= drawing.height - drawing.box_height for box in drawing.boxes)


def test_a_figure_on_a_page_says_what_it_means_and_leads_to_its_definition(client) -> None:
    screen = testing.make_screen()
    shown = testing.client_of(screen.people.alice).get(f"{screen.address}wealth").content.decode()
    assert 'href="/metrics/daily_average"' in shown
    assert "非营业日沿用上一日余额" in shown


def test_every_measure_of_the_daily_report_that_is_registered_is_registered_under_that_name() -> None:
    known = {metric.id for metric in metrics()}
    assert set(METRICS.values()) <= known
    assert set(METRICS) <= set(MEASURES)
