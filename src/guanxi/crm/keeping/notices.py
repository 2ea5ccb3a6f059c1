"""What customers are told on paper (客户告知书): of a hand-over that is done, of an exit whose notice runs.

Always in Chinese, whoever prints it: the customer reads it. Nothing of tiers, amounts or reasons stands in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import translation

from guanxi.crm.customers.models import Party
from guanxi.crm.keeping import selectors
from guanxi.crm.keeping.models import ExitProposal, ExitState, HandOver, HandOverState
from guanxi.web.pdf import pdf_bytes

TOLD_OF_EXIT = (ExitState.NOTICED, ExitState.APPEALED, ExitState.LEFT)
LANGUAGE = "zh-hans"
MALE, FEMALE = "male", "female"


@dataclass(frozen=True)
class Letter:
    """One letter: to whom, by which outlet, on which day, and the names that stand in it."""

    customer: str
    outlet: str
    day: date
    before: str
    after: str = ""  # of a hand-over: who keeps from now on
    from_day: date | None = None
    visit: bool = False
    party: int | None = None  # whose letter it is


def exit_letter(row: ExitProposal, today: date) -> Letter | None:
    """The letter of an exit that a person has decided; None while nobody has, or when it was undone."""
    if row.state not in TOLD_OF_EXIT:
        return None
    return Letter(
        address_of(row.party), row.unit.name, today, row.book.name, from_day=row.leaves_on, party=row.party_id
    )


def handover_letters(case: HandOver, today: date) -> list[Letter]:
    """A letter to each customer whose keeper has changed by it; none before all three have signed."""
    if case.state != HandOverState.DONE or case.taker is None:
        return []
    giver, taker, outlet = case.giver.name, case.taker.name, case.unit.name
    return [
        Letter(
            address_of(line.party),
            outlet,
            today,
            giver,
            taker,
            case.done_on,
            line.visit_together,
            line.party_id,
        )
        for line in selectors.lines_of(case).select_related("party").filter(moved=True)
    ]


def sheet(letters: Sequence[Letter]) -> bytes:
    """The letters as a file, one page each; without the mark of who printed it."""
    with translation.override(LANGUAGE):
        return pdf_bytes("keeping/notice_print.html", {"letters": letters})


def address_of(party: Party) -> str:
    """尊敬的王建国先生: the whole name, and what goes with it when the sex is known; a firm by its name."""
    if party.kind != "person":
        return party.name
    return party.name + {MALE: "先生", FEMALE: "女士"}.get(party.sex or "", "客户")
