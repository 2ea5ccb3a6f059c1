"""Whether data may leave on a day, against an oracle that walks the days one by one."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.processors.rules import Entry, supervision_due, why_not

FIRST = date(2026, 1, 1)
DAYS = 12


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


entries = st.lists(
    st.builds(
        lambda state, country, since, length, ended: Entry(
            state, country, day(since), None if length is None else day(since + length),
            day(ended) if state == "ended" else None,
        ),
        st.sampled_from(["approved", "proposed", "rejected", "ended", "to_confirm"]), st.sampled_from(["CN", "HK"]),
        st.integers(0, DAYS), st.none() | st.integers(0, DAYS), st.integers(0, DAYS),
    ),
    max_size=4,
)  # fmt: skip


def holds(entry: Entry, on: date) -> bool:
    last = entry.until or date.max
    return any(entry.since + timedelta(days=n) == on for n in range(400)) and on <= last


@given(entries, st.integers(0, 2 * DAYS))
def test_data_leave_only_under_an_approved_contract_at_home_or_while_it_may_still_be_confirmed(
    known: list[Entry], number: int
) -> None:
    on = day(number)
    home = [one for one in known if one.state == "approved" and holds(one, on) and one.country == "CN"]
    abroad = [one for one in known if one.state == "approved" and holds(one, on) and one.country != "CN"]
    waiting = [one for one in known if one.state == "to_confirm" and holds(one, on)]
    ever = [one for one in known if one.state == "approved"]
    may = (bool(home) and not abroad) or (bool(waiting) and not ever)
    assert (why_not(known, on, "CN") == "") is may
    assert why_not([*known, Entry("approved", "HK", day(0), None)], on, "CN") == "abroad"


def test_each_reason_has_its_own_code() -> None:
    on = day(5)
    past, ahead = Entry("approved", "CN", day(0), day(4)), Entry("approved", "CN", day(6), day(9))
    assert (
        why_not([], on, "CN") == why_not([Entry("proposed", "CN", day(0), None)], on, "CN") == "no_processor"
    )
    assert why_not([past], on, "CN") == "contract_over"
    assert why_not([past, ahead], on, "CN") == "contract_early"
    assert why_not([Entry("to_confirm", "", day(0), day(4))], on, "CN") == "processor_unconfirmed"
    assert why_not([Entry("approved", "CN", day(0), day(9))], on, None) == "no_protection"
    assert why_not([Entry("ended", "CN", day(0), day(9), day(5))], on, "CN") == "contract_over"


def test_supervision_comes_a_year_after_the_last() -> None:
    assert not supervision_due(date(2025, 11, 2), FIRST, 12, date(2026, 11, 1))
    assert supervision_due(date(2025, 11, 1), FIRST, 12, date(2026, 11, 1))
    assert supervision_due(None, date(2025, 11, 1), 12, date(2026, 11, 1))
