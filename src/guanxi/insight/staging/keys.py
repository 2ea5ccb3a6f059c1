"""The keys of a customer: made from the source's name and the source's customer number, the same everywhere for ever.

`party_uuid` is UUIDv5 of "<source>:<customer_no>" in Guanxi's own namespace, `party_key` its first 63 bits (what tables
join by), `bucket` the first byte of the MD5 of the customer number (what work is split by). Where millions are read
the SQL twins are used; a test holds both to the same answers.
"""

from __future__ import annotations

import hashlib
import uuid

NAMESPACE = uuid.UUID("7b0f6f0c-5d53-5d0e-9a53-6775616e7869")


def party_uuid(source: str, customer_no: str) -> uuid.UUID:
    """The customer's UUID, used in addresses."""
    return uuid.uuid5(NAMESPACE, f"{source}:{customer_no}")


def party_key(source: str, customer_no: str) -> int:
    """The customer's key, 0 .. 2^63 - 1."""
    return party_uuid(source, customer_no).int >> 65


def bucket(customer_no: str) -> int:
    """The customer's bucket, 0 .. 255."""
    return hashlib.md5(customer_no.encode(), usedforsecurity=False).digest()[0]


def key_columns_sql(source: str, customer_no: str) -> tuple[str, str, str]:
    """(party_key, party_uuid, bucket) as DuckDB expressions; `customer_no` is an expression, `source` a plain text."""
    label = f"{source}:".replace("'", "''")
    blob = "".join(f"\\x{byte:02X}" for byte in NAMESPACE.bytes)
    digest = f"SHA1('{blob}'::BLOB || ENCODE('{label}' || {customer_no}))"
    variant = f"SUBSTR('89ab', CAST(('0x' || SUBSTR({digest}, 17, 1)) AS INTEGER) % 4 + 1, 1)"
    text = (
        f"CONCAT(SUBSTR({digest}, 1, 8), '-', SUBSTR({digest}, 9, 4), '-5', SUBSTR({digest}, 14, 3), '-', "
        f"{variant}, SUBSTR({digest}, 18, 3), '-', SUBSTR({digest}, 21, 12))"
    )
    first = f"SUBSTR({digest}, 1, 12) || '5' || SUBSTR({digest}, 14, 3)"
    key = f"CAST(CAST('0x' || {first} AS UBIGINT) // 2 AS BIGINT)"
    return key, text, f"CAST(MD5_NUMBER_UPPER({customer_no}) & 255 AS SMALLINT)"
