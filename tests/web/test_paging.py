"""Walking pages forth and back shows every row once, in order."""

from hypothesis import given
from hypothesis import strategies as st

from guanxi.web.paging import cut_falling, cut_rising, key_in


def same(row):
    return row


@given(st.sets(st.integers(1, 300), max_size=60), st.integers(1, 9))
def test_walking_to_the_end_and_back_shows_every_row_once(keys, size):
    rows = sorted(keys, reverse=True)
    seen, page = [], cut_falling(rows[: size + 1], size, same, first=True)
    seen += page.rows
    while page.older is not None:
        older = [row for row in rows if row < page.older]
        page = cut_falling(older[: size + 1], size, same, first=False)
        seen += page.rows
    assert seen == rows
    while page.newer is not None:
        newer = sorted(row for row in rows if row > page.newer)
        before = page.rows
        page = cut_rising(newer[: size + 1], size, same)
        assert rows.index(page.rows[-1]) == rows.index(before[0]) - 1
    assert list(page.rows[:1]) == rows[:1]


def test_the_addresses_keep_the_filters_and_change_only_the_key():
    page = cut_falling([9, 8, 7], 2, same, first=False)
    assert page.addresses({"verb": "viewed", "after": "10"}) == (
        "?verb=viewed&before=9",
        "?verb=viewed&after=8",
    )


def test_a_mangled_key_is_no_key():
    mangled = ["", "x", "-1", "1e3", "\u0663", "9" * 40, "1;drop"]
    assert {key_in({"after": text}, "after") for text in mangled} == {None}
    assert key_in({"after": "17"}, "after") == 17
