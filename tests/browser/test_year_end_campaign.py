"""A campaign by text message from its text to its effect: written, approved, drawn up and approved by a second person,
sent through a simulated SMSC to customers who answer and refuse, and read out after the night. The file comes last by
name: it moves the bank's day on.
"""

import json
import re
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page
from psycopg.types.json import Jsonb
from tests.browser.bank import BUSINESS_DATE, Bank, free_port
from tests.browser.person import Person
from tests.chromium import picture

from guanxi.channels.simulators.town import accounts
from guanxi.insight.contact.replies import STOP, asks
from guanxi.pipeline.demo import generate_day
from guanxi.pipeline.demo.past.messaging import PORT, SECRETS

pytestmark = pytest.mark.browser
NAME, LIST, WORDS = "年末大额存单短信邀约", "年末存单试点名单", "年末存单邀约"
TEXT = "【江城农商银行】{name}，年末大额存单{day}前可预约，详询{branch}{manager}。接收设置：{preferences} 拒收请回复R"
TODAY = BUSINESS_DATE + timedelta(days=1)
PATIENCE = 240  # seconds, on a machine that others use too
# What the story's two days need, since both lie within minutes of whatever hour it is: all day, and often enough.
HOURS = {"work_from": "00:00", "work_to": "23:59", "rest_from": "00:00", "rest_to": "23:59"}
EASED: dict[str, dict[str, Any]] = {
    "contact": {"caps": [{"a_day": 9, "a_week": 9, "a_month": 9}]},
    "sending": {"person_messages": 9},
    "survey": {"ask_share": "1"},
}
# Who agreed to texts, has a number of their own, lately neither complained nor answered, and is asked about nothing:
# some of the keepers' and many whom nobody keeps.
WHO = """
SELECT party.id FROM customers_party AS party
WHERE party.state = 'active' AND party.kind = 'person' AND party.merged_into_id IS NULL
  AND (party.keeper_id IS NULL) = %s AND party.birth_date < DATE '1995-01-01' AND party.id_type = 'resident_id'
  AND EXISTS (SELECT 1 FROM customers_contactpoint AS own WHERE own.party_id = party.id AND own.kind = 'mobile'
              AND NOT EXISTS (SELECT 1 FROM customers_contactpoint AS other
                              WHERE other.token = own.token AND other.party_id <> party.id))
  AND EXISTS (SELECT 1 FROM customers_consent AS said WHERE said.party_id = party.id AND said.agreed
              AND said.purpose = 'marketing' AND said.channel IN ('sms', 'any'))
  AND NOT EXISTS (SELECT 1 FROM customers_consent AS said WHERE said.party_id = party.id AND NOT said.agreed)
  AND NOT EXISTS (SELECT 1 FROM messaging_consententry AS said WHERE said.party_id = party.id)
  AND NOT EXISTS (SELECT 1 FROM messaging_hold AS hold WHERE hold.party_id = party.id)
  AND NOT EXISTS (SELECT 1 FROM messaging_heard AS heard WHERE heard.party_id = party.id)
  AND NOT EXISTS (SELECT 1 FROM surveys_surveylink AS asked WHERE asked.party_id = party.id)
ORDER BY party.id LIMIT %s
"""
POINTED = (
    "SELECT COUNT(*) FROM messaging_channelaccount WHERE code = 'push' AND settings ->> 'url' NOT LIKE %s"
)
# Of a campaign's step: how many stand in each state, and how many of these had refused before it was their turn.
STEP = """
SELECT message.state, COUNT(*),
       COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM messaging_consententry AS said
                                      WHERE said.party_id = message.party_id AND NOT said.agreed
                                        AND said.at < message.planned_at))
FROM messaging_message AS message WHERE message.ref = %s AND message.step = %s GROUP BY message.state
"""
# A treated customer of one outlet who got the text with the link and has not refused.
WILLING = """
SELECT party.id, party.uuid::text, point.token FROM messaging_message AS message
JOIN customers_party AS party ON party.id = message.party_id
JOIN customers_contactpoint AS point ON point.party_id = party.id AND point.kind = 'mobile'
JOIN messaging_templateversion AS version ON version.id = message.template_version
JOIN messaging_template AS template ON template.id = version.template_id
WHERE message.ref = %s AND template.name = %s AND message.state = 'delivered' AND party.unit_id = %s
  AND NOT EXISTS (SELECT 1 FROM messaging_consententry AS said WHERE said.party_id = party.id AND NOT said.agreed)
ORDER BY party.id LIMIT 1
"""


LAST_REFUSAL = "SELECT MAX(at)::text FROM messaging_consententry WHERE NOT agreed"
# Of those with a keeper: who answered and never refused, and has no task to be called back; tasks of who did not answer
# or had refused by the time given. Somebody may refuse while the night works.
CALLED_BACK = """
WITH one AS (
    SELECT one.party_id, one.keeper_id IS NOT NULL AND one.replied_on IS NOT NULL AS answered,
           EXISTS (SELECT FROM messaging_consententry AS said WHERE said.party_id = one.party_id
                   AND NOT said.agreed) AS refused,
           EXISTS (SELECT FROM messaging_consententry AS said WHERE said.party_id = one.party_id
                   AND NOT said.agreed AND said.at <= %s::timestamptz) AS refused_before,
           EXISTS (SELECT FROM worklist_task AS task WHERE task.party_id = one.party_id
                   AND task.subject LIKE %s) AS called
    FROM campaigns_recipient AS one JOIN campaigns_campaign AS campaign ON campaign.id = one.campaign_id
    WHERE campaign.uuid = %s
)
SELECT COUNT(*) FILTER (WHERE answered AND NOT refused AND NOT called),
       COUNT(*) FILTER (WHERE called AND (NOT answered OR refused_before))
FROM one
"""


class Counterparts:
    """The counterparts' own books of what they took and what they said: the SMSC's and the platform's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lines(self, *deeds: str, book: str = "smsc") -> list[dict[str, Any]]:
        """Whole lines of these deeds, in order."""
        file = self.folder / f"{book}.jsonl"
        told = file.read_text(encoding="utf8").splitlines(keepends=True) if file.exists() else []
        found = [json.loads(line) for line in told if line.endswith("\n")]
        return [line for line in found if line["deed"] in deeds]

    def link(self, address: str, place: str) -> str:
        """The link in the last text to this number that leads to this place."""
        took = [*self.lines("message"), *self.lines("accept", book="gateway")]
        texts = [line["text"] for line in took if line["address"] == address]
        found = [match[0] for text in texts if (match := re.search(rf"http\S+{place}\S+", text))]
        return str(found[-1])


@pytest.fixture
def town(bank: Bank, tmp_path: Path) -> Iterator[Counterparts]:
    """An SMSC for offers and the bank's own platform for service notices, and who sends. All customers write back, two
    parts of ten to be left alone."""
    # The demo has just begun to answer, and still points its accounts at counterparts of its own: push is the last.
    waits(lambda: bank.number(POINTED, f"%:{PORT + 4}/%"))
    port = free_port()
    said = ("--seconds", "0.5", "--fails", "0", "--opt-out", "0.2", "--replies", "0.8")
    told = accounts(tmp_path, {"smsc": port, "gateway": port + 1})
    keys = {name: value for one in told.values() for name, value in one["secrets"].items()}
    with psycopg.connect(bank.environment["DATABASE_OWNER_URL"]) as owner:
        for code, simulated in (("sms-marketing", "sms-marketing"), ("sms-service", "sms-http")):
            owner.execute(
                "UPDATE messaging_channelaccount SET adapter = %s, can_ask = %s, "
                "settings = %s || jsonb_build_object('signature', settings ->> 'signature') WHERE code = %s",
                [told[simulated]["kind"], code == "sms-service", Jsonb(told[simulated]["settings"]), code],
            )
        for kind, eased in EASED.items():
            eases(owner, kind, eased)
    only = ("--account", "sms-marketing", "--account", "sms-service")
    where = ("smsc", "gateway", "--folder", str(tmp_path), "--first-port", str(port))
    with (
        bank.beside("simulator", *where, *said),
        bank.beside("send", "--quiet", *only, **{SECRETS: json.dumps(keys)}),
    ):
        yield Counterparts(tmp_path)


def eases(owner: psycopg.Connection[Any], kind: str, eased: dict[str, Any]) -> None:
    """The policy in force with other numbers."""
    (key, payload) = owner.execute(
        "SELECT id, payload FROM policies_policyversion WHERE kind = %s AND state = 'active' "
        "ORDER BY version DESC LIMIT 1",
        [kind],
    ).fetchone() or (0, {})
    made = {**payload, **eased}
    if "windows" in made:
        made["windows"] = [one | HOURS for one in made["windows"]]
    owner.execute(
        "UPDATE policies_policyversion SET payload = %s, content_hash = %s WHERE id = %s",
        [json.dumps(made), uuid.uuid4().hex, key],
    )


def brought_list(bank: Bank) -> None:
    """The analyst's list, as a workbook would have brought it."""
    number = uuid.uuid4()
    (segment,) = bank.row(
        "INSERT INTO segments_segment (uuid, kind, name, owner_id, made_at) "
        "VALUES (%s, 'list', %s, %s, now()) RETURNING id",
        number, LIST, bank.staff("analyst"),
    )  # fmt: skip
    (version,) = bank.row(
        "INSERT INTO segments_segmentversion (segment_id, number, content_hash, made_by_id, made_at) "
        "VALUES (%s, 1, %s, %s, now()) RETURNING id",
        segment, number.hex, bank.staff("analyst"),
    )  # fmt: skip
    for alone, most in ((True, 340), (False, 120)):
        for (party,) in bank.rows(WHO, alone, most):
            bank.store.execute(
                "INSERT INTO segments_member (version_id, party_id) VALUES (%s, %s)", [version, party]
            )


def writes_the_text(analyst: Person) -> str:
    """A template of one's own, handed in; its address."""
    page = analyst.page
    analyst.goes_to("营销", "消息中心")
    analyst.opens("/messaging/templates/new")
    page.fill("[name=name]", WORDS)
    page.fill("[name=code]", "year-end-booking")
    page.select_option("[name=use]", "offer")
    page.select_option("[name=topic]", "deposits")
    page.fill("[name=text_zh]", TEXT)
    page.locator("#lint .bubble").first.wait_for()
    analyst.picture("campaign-0-text")
    analyst.clicks(page.get_by_role("button", name="保存草案"))
    page.get_by_role("button", name="提交复核").click()
    page.get_by_text("待复核").first.wait_for()
    return page.url.removeprefix(analyst.bank.address)


def approves_the_text_and_opens_the_channels(compliance: Person, template: str) -> None:
    page = compliance.page
    compliance.opens(template)
    compliance.picture("campaign-0-text-approval")
    page.get_by_role("button", name="复核通过").click()
    page.get_by_text("已复核").first.wait_for()
    compliance.opens("/messaging/channels")
    for name in ("短信·营销通道", "短信·服务通道"):
        card = page.locator(".channel-card", has_text=name)
        card.get_by_role("button", name="启用").click()
        card.locator("[name=note]").fill("已与对端联调，仅限沙箱")
        card.get_by_role("button", name="立即启用").click()
        card.get_by_role("button", name="停用").wait_for()
    compliance.picture("campaign-0-channels")


def saves(analyst: Person) -> None:
    analyst.clicks(analyst.page.get_by_role("button", name="保存并继续"))


def draws_up(analyst: Person) -> str:
    """The campaign step by step, handed in; its address."""
    page = analyst.page
    analyst.opens("/campaigns/new")
    page.fill("[name=name]", NAME)
    page.select_option("[name=metric]", "deposits")
    page.select_option("[name=family]", "cd")
    page.fill("[name=target]", "500000")
    page.fill("[name=hoped]", "20")
    analyst.picture("campaign-1-goal")
    saves(analyst)
    page.select_option("[name=segment]", label=LIST)
    analyst.picture("campaign-2-audience")
    saves(analyst)
    page.fill("[name=offer]", "年末大额存单额度优先预约")
    analyst.picture("campaign-3-offer")
    saves(analyst)
    own, short = (
        page.locator("[name=template_0] option", has_text=name).first.get_attribute("value")
        for name in (WORDS, "大额存单预约（短）")
    )
    page.select_option("[name=kind_0]", "message")
    page.fill("[name=after_0]", "0")
    page.select_option("[name=template_0]", own)
    page.select_option("[name=rival_0]", short)
    page.select_option("[name=kind_1]", "message")
    page.fill("[name=after_1]", "1")
    page.select_option("[name=template_1]", short)
    page.select_option("[name=kind_2]", "task")
    page.fill("[name=after_2]", "1")
    page.select_option("[name=condition_2]", "replied")
    page.fill("[name=script_2]", "回电答复，请客户预约大额存单")
    analyst.picture("campaign-4-steps")
    saves(analyst)
    page.fill("[name=starts_on]", TODAY.isoformat())
    page.fill("[name=ends_on]", (TODAY + timedelta(days=20)).isoformat())
    page.fill("[name=budget]", "100")
    page.fill("[name=holdout]", "40")
    analyst.picture("campaign-5-measure")
    saves(analyst)
    assert "接收设置：http" in analyst.words()  # the text as the first recipients would get it
    analyst.picture("campaign-6-check")
    analyst.clicks(page.get_by_role("button", name="提交复核"))
    assert "待复核" in analyst.words()
    return page.url.removeprefix(analyst.bank.address)


def approves(supervisor: Person, address: str) -> None:
    supervisor.opens(f"{address}approval")
    supervisor.picture("campaign-approval-phone")
    supervisor.clicks(supervisor.page.get_by_role("button", name="复核通过"))


def waits(until: Any) -> None:
    """Until this holds."""
    ends = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < ends, until.__doc__
        time.sleep(0.3)


def first_texts_are_answered(bank: Bank, town: Counterparts, ref: str, known: int) -> set[str]:
    """Wait until all first texts were delivered and all answers heard, beside the `known`; the numbers that refused."""

    def delivered() -> bool:
        """The first texts are delivered."""
        return [state for state, _number, _refused in bank.rows(STEP, ref, 1)] == ["delivered"]

    def heard() -> bool:
        """Every text was answered and every answer is kept."""
        addresses = {line["address"] for line in town.lines("accept")}
        replies = town.lines("reply")
        kept = bank.number("SELECT COUNT(*) FROM messaging_heard") - known
        return {line["address"] for line in replies} == addresses and kept >= len(replies)

    waits(delivered)
    waits(heard)
    return {line["address"] for line in town.lines("reply") if asks(line["text"]) == STOP}


def reads_answers_and_goes_there(head: Person, customer: str) -> None:
    """The outlet's head reads what came back, and writes down the visit to one who answered."""
    page = head.page
    head.opens("/messaging/replies")
    head.picture("campaign-replies")
    seen = "SELECT COUNT(*) FROM messaging_heard WHERE seen_by_id = %s"
    before = head.bank.number(seen, head.bank.staff("outlet_head"))
    with page.expect_navigation():
        page.get_by_role("button", name="已阅，我来跟进").first.click()
    assert head.bank.number(seen, head.bank.staff("outlet_head")) == before + 1
    head.opens(f"/customers/{customer}/")
    page.locator("[data-log-button]").click()
    slide = page.locator("#dialog .log-form")
    slide.locator(".pick", has_text="拜访").click()
    slide.locator(".pick", has_text="面谈有意向").click()
    slide.locator("[type=submit]").click()
    page.wait_for_function("() => !document.getElementById('dialog').open")
    page.locator("#part-timeline", has_text="面谈有意向").first.wait_for()


def wants_no_more(phone: Page, link: str) -> None:
    """The customer's own page, on the phone: one tap stops everything."""
    phone.goto(link)
    assert "**" in phone.locator("main").inner_text()  # greeted without the whole name
    phone.screenshot(path=picture("campaign-preferences-phone"), full_page=True)
    phone.get_by_role("button", name="停止全部营销").click()
    phone.get_by_text("已停止。").wait_for()
    assert phone.locator("[name=channel]:checked").count() == 0
    phone.screenshot(path=picture("campaign-preferences-stopped-phone"), full_page=True)


def answers(phone: Page, link: str) -> None:
    """The questionnaire after the visit, on the phone."""
    phone.goto(link)
    phone.locator("[name=csat][value='5']").check(force=True)
    phone.locator("[name=nps][value='9']").check(force=True)
    phone.fill("textarea", "上门讲得清楚，存单已经约好")
    phone.screenshot(path=picture("campaign-questionnaire-phone"), full_page=True)
    phone.get_by_role("button", name="提交").click()
    phone.get_by_text("感谢您的评价").wait_for()
    phone.screenshot(path=picture("campaign-questionnaire-sent-phone"), full_page=True)


def the_night_after(bank: Bank) -> None:
    """The bank's next business date: its files come, the night runs, and everybody's today is a day later."""
    extracts = bank.home / "demo" / "extracts"
    generate_day(extracts, TODAY, seed=4)
    bank.runs(
        "run", "--bank", "banks/demo", "--extracts", str(extracts), "--date", TODAY.isoformat(), "--quiet"
    )


def second_texts_are_settled(bank: Bank, ref: str) -> None:
    """Wait for the second texts: they went out to everybody but those who had refused."""

    def settled() -> bool:
        """The second texts are delivered or refused."""
        return {state for state, _number, _refused in bank.rows(STEP, ref, 2)} == {"delivered", "refused"}

    waits(settled)
    told = {state: (number, refused) for state, number, refused in bank.rows(STEP, ref, 2)}
    assert told["delivered"][0] > 0
    assert told["delivered"][1] == 0
    assert told["refused"][0] == told["refused"][1]


def test_a_campaign_is_built_approved_sent_answered_refused_and_read_out(bank, town, signs_in, phone):
    brought_list(bank)
    known = bank.number("SELECT COUNT(*) FROM messaging_heard")
    analyst, head = signs_in("analyst"), signs_in("outlet_head")
    template = writes_the_text(analyst)
    approves_the_text_and_opens_the_channels(signs_in("compliance"), template)
    address = draws_up(analyst)
    ref = address.strip("/").split("/")[-1]
    supervisor = signs_in("supervisor", phone=True)
    approves(supervisor, address)

    left_alone = first_texts_are_answered(bank, town, ref, known)
    assert left_alone
    analyst.opens(address)
    assert "其中退订" in analyst.words("#funnel")
    analyst.picture("campaign-running")
    supervisor.opens(address)
    supervisor.picture("campaign-running-phone")
    party, customer, token = bank.row(WILLING, ref, WORDS, bank.unit("outlet_head"))
    number = bank.in_clear(token)
    reads_answers_and_goes_there(head, customer)
    wants_no_more(phone, town.link(number, "/messaging/p/"))
    left_alone.add(number)
    before = len(town.lines("message"))
    (refused_by,) = bank.row(LAST_REFUSAL)

    the_night_after(bank)
    second_texts_are_settled(bank, ref)
    later = {line["address"] for line in town.lines("message")[before:] if "拒收请回复R" in line["text"]}
    assert later
    assert not later & left_alone  # no offer was handed over for who had refused
    answers(phone, questionnaire(bank, town, party, number))

    forgotten, wrongly = bank.row(CALLED_BACK, refused_by, f"campaign:{ref}:%", ref)
    assert (forgotten, wrongly) == (0, 0)
    head.opens(address)
    head.picture("campaign-head")
    analyst.goes_to("营销", "活动效果")
    analyst.clicks(analyst.page.get_by_role("link", name=NAME))
    assert "尚无法判断" in analyst.words()
    analyst.picture("campaign-effect")


def questionnaire(bank: Bank, town: Counterparts, party: int, number: str) -> str:
    """Wait for the service's text after the visit, which a refusal of marketing does not stop; the link in it."""

    def delivered() -> bool:
        """The questionnaire's text is delivered."""
        states = bank.rows(
            "SELECT state FROM messaging_message WHERE origin = 'survey' AND party_id = %s", party
        )
        return states == [("delivered",)]

    waits(delivered)
    return town.link(number, "/surveys/l/")
