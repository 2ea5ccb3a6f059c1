"""Names cut for search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.customers import rules


@pytest.mark.parametrize(
    ("name", "grams"),
    [
        ("王建国", {"王", "王建", "建国"}),
        ("王", {"王"}),
        ("欧阳　娜娜", {"欧", "欧阳", "阳娜", "娜娜"}),
        ("ＡＢ公司", {"a", "ab", "b公", "公司"}),
        ("", set()),
        ("·—", set()),
    ],
)
def test_a_name_is_cut_into_neighbouring_pairs(name, grams) -> None:
    assert rules.grams_of(name) == grams


@given(st.text(min_size=1), st.data())
def test_any_part_of_a_name_of_two_letters_or_more_asks_for_grams_the_name_has(name, data) -> None:
    letters = rules.folded(name)
    if len(letters) < 2:
        return
    start = data.draw(st.integers(0, len(letters) - 2))
    end = data.draw(st.integers(start + 2, len(letters)))
    asked = rules.grams_asked(letters[start:end])
    assert asked
    assert set(asked) <= rules.grams_of(name)


@given(st.text())
def test_no_gram_is_longer_than_its_column(name) -> None:
    assert all(0 < len(gram) <= rules.GRAM for gram in rules.grams_of(name))


def test_one_letter_typed_finds_names_that_begin_with_it() -> None:
    assert rules.grams_asked("王") == ["王"]
    assert rules.grams_asked(" ") == []
