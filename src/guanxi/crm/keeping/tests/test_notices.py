"""Letters to customers: only of what was decided, with nothing of the bank's own counting, recorded when taken."""

from datetime import timedelta

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.keeping import notices, selectors
from guanxi.crm.keeping.models import ExitProposal, HandOver
from guanxi.crm.keeping.tests.bank import TODAY, Bank, make_bank, make_customer, make_exit
from guanxi.crm.keeping.tests.test_exits import decide
from guanxi.crm.keeping.tests.test_handover import draw, sign
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(settings) -> Bank:
    settings.GUANXI_TODAY = TODAY.isoformat()
    return make_bank()


def letter(bank: Bank, row: ExitProposal) -> notices.Letter | None:
    with acting_as(bank.ann, today=TODAY) as reach:
        return notices.exit_letter(selectors.exits(reach).get(pk=row.pk), TODAY)


def test_a_customer_is_told_of_an_exit_only_once_a_person_has_decided(bank) -> None:
    row = make_exit(bank, bank.ann)
    assert letter(bank, row) is None
    assert testing.client_of(bank.ann).get(f"/keeping/exits/{row.pk}/notice.pdf").status_code == 404
    (decided,) = decide(bank.head, row)
    told = letter(bank, row)
    assert told is not None
    assert (told.before, told.from_day, told.outlet) == ("安", decided.leaves_on, "观前支行")


def test_the_letter_is_chinese_names_no_amount_and_taking_it_is_recorded(bank) -> None:
    row = make_exit(bank, bank.ann)
    decide(bank.head, row)
    client = testing.client_of(bank.ann)
    answer = client.get(f"/keeping/exits/{row.pk}/notice.pdf", headers={"Accept-Language": "en"})
    assert answer.content.startswith(b"%PDF")
    assert (ExportLog.objects.get().what, ExportLog.objects.get().rows) == ("exit_notice", 1)
    far = testing.client_of(bank.far).get(f"/keeping/exits/{row.pk}/notice.pdf")
    assert far.status_code == 404


def test_each_customer_of_a_finished_hand_over_has_a_page_and_before_it_nobody(bank) -> None:
    woman = make_customer(bank, bank.ann, name="周晓", sex="female")
    make_customer(bank, bank.ann, name="清源商贸", kind="company")
    case = draw(bank)
    for by in (bank.ann, bank.ben):
        sign(case, by)
        assert letters(bank, case) == []
    sign(case, bank.head)
    made = letters(bank, case)
    assert {one.customer for one in made} == {"周晓女士", "清源商贸"}
    assert {(one.before, one.after, one.from_day) for one in made} == {("安", "本", TODAY)}
    assert woman.name in made[0].customer or woman.name in made[1].customer
    answer = testing.client_of(bank.head).get(f"/keeping/handovers/{case.pk}/notices.pdf")
    assert answer.content.startswith(b"%PDF")
    assert ExportLog.objects.get().rows == 2


def letters(bank: Bank, case: HandOver) -> list[notices.Letter]:
    with acting_as(bank.head, today=TODAY) as reach:
        return notices.handover_letters(selectors.handovers(reach).get(pk=case.pk), TODAY + timedelta(days=0))
