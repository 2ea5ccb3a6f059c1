"""A customer's keys are the same in Python and in SQL, whatever the customer number holds."""

import hashlib
import uuid

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.staging.keys import NAMESPACE, bucket, key_columns_sql, party_key, party_uuid

numbers = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=60)
@given(st.sampled_from(["core", "o'brien", "核心"]), st.lists(numbers, min_size=1, max_size=30))
def test_sql_and_python_make_the_same_keys(source: str, customers: list[str]) -> None:
    key, text, group = key_columns_sql(source, "no")
    made = (
        duckdb.connect()
        .execute(f"SELECT {key}, {text}, {group} FROM (SELECT UNNEST(?) AS no)", [customers])
        .fetchall()
    )
    assert made == [(party_key(source, no), str(party_uuid(source, no)), bucket(no)) for no in customers]


@given(numbers)
def test_a_key_is_the_first_63_bits_of_the_uuid_and_a_bucket_the_first_byte_of_md5(number: str) -> None:
    whole = uuid.uuid5(NAMESPACE, f"core:{number}")
    assert party_uuid("core", number) == whole
    assert party_key("core", number) == int.from_bytes(whole.bytes[:8]) // 2 < 2**63
    assert bucket(number) == int(hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()[:2], 16)
