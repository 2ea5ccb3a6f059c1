"""Pages by key against the plain order: whatever the values, every row once, in order, there and back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.desk.keyset import Order, decode, encode, page_of
from guanxi.crm.desk.sealed import seal, unseal
from guanxi.crm.scores.models import PartyScore


@pytest.mark.django_db
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_walking_the_pages_gives_the_whole_order_and_back_again(descending, size) -> None:
    unit, run = testing.make_unit(), testing.make_run()
    for value in (5, None, 3, 3, None, 9, 0, -2, 3, None, 9):
        testing.make_score(testing.make_party(unit), run, aum_change_fen=value)
    order = Order("aum_change_fen", descending)
    with testing.everything():
        rows = PartyScore.objects.all()
        expected = sorted(
            rows,
            key=lambda row: (
                row.aum_change_fen is None,
                (row.aum_change_fen or 0) * (-1 if descending else 1),
                row.pk if descending else -row.pk,
            ),
        )
        page = page_of(rows, order, size=size)
        pages = [page]
        while page.next:
            page = page_of(rows, order, after=page.next, size=size)
            pages.append(page)
        assert [party for page in pages for party in page.parties] == [row.pk for row in expected]
        back = [page]
        while page.previous:
            page = page_of(rows, order, before=page.previous, size=size)
            back.append(page)
    assert [page.parties for page in back[::-1]] == [page.parties for page in pages]
    assert pages[0].previous is None
    assert pages[-1].next is None


@pytest.mark.django_db
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("size", [1, 3, 8])
def test_walking_the_names_gives_the_same_pages_as_sorting_the_rows(descending, size) -> None:
    unit, run = testing.make_unit(), testing.make_run()
    for at in range(40):
        party = testing.make_party(unit, name=f"王{at % 7}")
        testing.make_score(party, run, tier_scheme="person", tier_rank=1 + at % 3)
    order = Order("party__name_pinyin", descending)
    with testing.everything():
        rows, walk = PartyScore.objects.filter(tier_rank=2), Party.objects.filter(unit=unit)
        told = {"before": "", "after": ""}
        while True:
            sorted_page, walked = (page_of(rows, order, size=size, walk=way, **told) for way in (None, walk))
            assert walked == sorted_page
            if sorted_page.previous:
                back = {"before": sorted_page.previous}
                assert page_of(rows, order, size=size, walk=walk, **back) == page_of(
                    rows, order, size=size, **back
                )
            if not sorted_page.next:
                break
            told = {"before": "", "after": sorted_page.next}


@given(
    st.tuples(
        st.none()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        st.integers(1, 2**62),
    )
)
def test_a_key_survives_its_address(key) -> None:
    assert decode(encode(key)) == key


def test_a_day_travels_as_its_text() -> None:
    assert decode(encode((date(2026, 10, 31), 7))) == ("2026-10-31", 7)


@given(st.text(max_size=40))
def test_what_is_no_key_of_ours_shows_the_first_page(text) -> None:
    found = decode(text)
    assert found is None or (isinstance(found[1], int) and isinstance(found, tuple))


@given(st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_sealed_text_opens_again_and_shows_nothing_of_itself(text) -> None:
    token = seal(text)
    assert unseal(token) == text
    assert token == seal(text)
    assert len(text) < 4 or text not in token


@given(st.text(max_size=60))
def test_a_token_that_is_not_ours_opens_to_nothing(token) -> None:
    assert unseal(token) == ""
