"""Lists written for PostgreSQL come back as they were, whatever stands in them."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.crm import arrays

pytestmark = pytest.mark.django_db
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
HARD = ["", "NULL", "null", '"', "\\", '\\"', "{}", ",", " a ", "\n", "定期", "'", "%s", "%(x)s", "𠮷"]


def read(kind: str, written: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [written])  # a type's name
        ((told,),) = cursor.fetchall()
    return told


@settings(max_examples=30)
@given(st.lists(st.none() | TEXTS | st.sampled_from(HARD), max_size=8))
def test_texts(values) -> None:
    assert read("text", arrays.texts(values)) == values


def test_hard_texts_numbers_and_instants() -> None:
    assert read("text", arrays.texts([*HARD, None])) == [*HARD, None]
    assert read("bigint", arrays.numbers([1, None, -(2**63), 2**63 - 1])) == [1, None, -(2**63), 2**63 - 1]
    moments = [datetime(2026, 11, 22, 10, 30, 0, 5, UTC), None]
    assert read("timestamptz", arrays.instants(moments)) == moments
    assert read("date", arrays.instants([date(2026, 2, 28)])) == [date(2026, 2, 28)]
    assert read("bigint", arrays.numbers([])) == []
