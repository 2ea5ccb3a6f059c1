"""Keeping: a customer of the pool gets a keeper; a hand-over signed by three; an exit proposed, appealed, decided."""

import re

import pytest

pytestmark = pytest.mark.browser

UNKEPT = """
SELECT id FROM customers_party WHERE unit_id = %s AND keeper_id IS NULL AND kind = 'person' AND state = 'active'
AND merged_into_id IS NULL AND NOT EXISTS (SELECT 1 FROM keeping_poolentry AS e WHERE e.party_id = customers_party.id)
ORDER BY id LIMIT 1
"""
WAITS = """
INSERT INTO keeping_poolentry (party_id, unit_id, since, due_on, why, hints, reason, closed_how)
VALUES (%s, %s, DATE '2026-10-20', DATE '2026-10-27', 'entered', '{}', '{}', '') RETURNING id
"""
PROPOSED = """
INSERT INTO keeping_exitproposal (party_id, unit_id, keeper_id, book_id, state, proposed_on, months_below, measure_fen,
    decision_note, appeal_note, heard_note)
SELECT id, unit_id, keeper_id, keeper_id, 'proposed', DATE '2026-10-31', 6, 15000000, '', '', '' FROM customers_party
WHERE keeper_id = %s AND unit_id = %s AND NOT EXISTS (
    SELECT 1 FROM keeping_exitproposal AS e WHERE e.party_id = customers_party.id
) ORDER BY id LIMIT 1 RETURNING id
"""


def agrees(person, button: str, *, note: str = "") -> None:
    """Press a button that asks first, give the reason it asks for, and say yes."""
    person.page.locator(".page-actions").get_by_role("button", name=button, exact=True).click()
    dialog = person.page.locator("dialog[open]")
    if note:
        dialog.locator("[name=note]").fill(note)
    dialog.locator("button[type=submit]").click()
    dialog.wait_for(state="detached") if dialog.count() == 0 else person.page.wait_for_load_state("load")
    person.settled()


def test_the_head_gives_a_waiting_customer_the_keeper_that_the_program_proposes(bank, signs_in):
    head, unit = signs_in("outlet_head"), bank.unit("outlet_head")
    party = bank.number(UNKEPT, unit)
    entry = bank.number(WAITS, party, unit)
    head.opens("/keeping/pool")
    assert "逾期" in head.words()
    head.page.get_by_role("button", name="建议分配").click()
    head.settled()
    row = head.page.locator("tr", has=head.page.locator(f"[name=chosen][value='{entry}']"))
    assert re.search("负荷|揽存人|主办网点", row.inner_text())
    head.picture("keeping-pool")
    row.locator("[name=chosen]").check()
    head.page.get_by_role("button", name="分配", exact=True).click()
    head.settled()
    assert "已分配 1 户" in head.words("body")
    keeper, how = bank.row(
        "SELECT party.keeper_id, entry.closed_how FROM keeping_poolentry AS entry "
        "JOIN customers_party AS party ON party.id = entry.party_id WHERE entry.id = %s", entry,
    )  # fmt: skip
    assert keeper is not None
    assert how == "assigned"


def test_a_hand_over_is_signed_by_giver_taker_and_supervisor(bank, signs_in):
    head, unit = signs_in("outlet_head"), bank.unit("outlet_head")
    giver, taker = bank.staff("relationship_manager"), bank.staff("teller")
    head.opens(f"/keeping/handovers/new?giver={giver}&unit={unit}")
    head.page.select_option("[name=taker]", str(taker))
    head.page.uncheck("[name=whole]")
    box = head.page.locator("[name=chosen]:enabled").last
    party = int(box.get_attribute("value"))
    box.check()
    head.clicks(head.page.get_by_role("button", name="生成移交"))
    path = head.page.url.removeprefix(bank.address)
    for role in ("relationship_manager", "teller", "outlet_head"):
        signer = signs_in(role)
        signer.opens(path)
        agrees(signer, "签收")
        assert "已签收" in signer.words("body")
    head.opens(path)
    assert "已移交" in head.words()
    head.picture("keeping-handover")
    assert bank.number("SELECT keeper_id FROM customers_party WHERE id = %s", party) == taker
    sheet = head.page.request.get(f"{bank.address}{path}/print")
    assert sheet.body().startswith(b"%PDF-")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_exit_is_decided_appealed_and_answered_by_another_person(bank, signs_in, phone):
    unit, keeper = bank.unit("outlet_head"), bank.staff("relationship_manager")
    number = bank.number(PROPOSED, keeper, unit)
    head = signs_in("outlet_head", phone=phone)
    head.opens(f"/keeping/exits/{number}")
    agrees(head, "决定退出", note="连续六个月低于起点")
    assert "告知期" in head.words("body")
    manager = signs_in("relationship_manager", phone=phone)
    manager.opens(f"/keeping/exits/{number}")
    agrees(manager, "申诉", note="年底房款到账")
    head.opens(f"/keeping/exits/{number}")
    assert head.page.get_by_role("button", name="采纳申诉").count() == 0
    other = signs_in("supervisor", phone=phone)
    other.opens(f"/keeping/exits/{number}")
    agrees(other, "采纳申诉", note="同意保留")
    other.picture(f"keeping-exit-{'phone' if phone else 'desktop'}")
    state, decided, heard = bank.row(
        "SELECT state, decided_by_id, heard_by_id FROM keeping_exitproposal WHERE id = %s", number
    )
    assert (state, decided, heard) == ("kept", bank.staff("outlet_head"), bank.staff("supervisor"))
