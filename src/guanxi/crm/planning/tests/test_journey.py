"""A planner in the browser: takes a case, reads allocation and maturities, proposes; the sheet is a file."""

import re
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from tests.chromium import DESKTOP, PHONE, browser, picture

from guanxi.crm import testing
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.planning import services
from guanxi.crm.planning.models import Proposal
from guanxi.crm.visits.tests.test_journey import HOST, Answering, make_story, within_the_browsers_loop

__all__ = ["browser", "within_the_browsers_loop"]
pytestmark = pytest.mark.django_db


def shot(page: Page, name: str, width: int) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    page.screenshot(path=picture(f"planning-{name}-{width}"), full_page=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_case_from_the_queue_to_the_proposal(browser, size) -> None:
    testing.make_policies("planning", "suitability")
    screen = make_story()
    people, party = screen.people, screen.people.customer
    planner = testing.make_staff("planner", people.elsewhere, name="周雅")
    Product.objects.create(product_code="P1", name="稳健理财 180 天", family="wealth", risk_grade="R2")
    today = timezone.localdate()
    with testing.everything():
        Party.objects.filter(pk=party.pk).update(
            risk_grade="C3", risk_expires_on=today.replace(year=today.year + 1), birth_date=date(1974, 5, 1)
        )
        party.refresh_from_db()
    with acting_as(people.alice, today=today):
        services.ask_planner(
            by=people.alice, party=party, planner=planner, question="三十万下月到期，想提高收益又怕波动。",
            today=today, now=timezone.now(),
        )  # fmt: skip
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", service_workers="block"
    )
    page, answering = (
        context.new_page(),
        Answering(testing.client_of(planner, headers={"accept-language": "zh-hans"})),
    )
    context.route("**/*", answering)
    page.goto(f"{HOST}/planning/")
    shot(page, "queue", size[0])
    page.get_by_role("link", name="王建国").click()
    page.get_by_role("button", name="受理", exact=True).click()
    page.get_by_role("link", name="编写建议书").click()
    page.wait_for_url(re.compile("propose"))
    page.select_option("[name=product_0]", index=1)
    page.fill("[name=amount_0]", "200,000")
    page.fill("[name=assumptions]", "一年内不用这笔钱\n他行另有十万元活期")
    page.fill("[name=next_step]", "客户经理周五前约面谈")
    page.fill("[name=next_due]", today.replace(year=today.year + 1).isoformat())
    shot(page, "propose", size[0])
    page.get_by_role("button", name="生成建议书").click()
    page.wait_for_url(re.compile(r"/planning/\d+/$"))
    shot(page, "case", size[0])
    with testing.everything():
        picture("proposal").with_suffix(".pdf").write_bytes(bytes(Proposal.objects.get().content))
    context.close()
    assert answering.failed == []
