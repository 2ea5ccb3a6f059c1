"""How two customer numbers are compared, field by field: the condition of each level of agreement, and how often
strangers reach it (u), counted from the bank's own customers.

Conditions are written in the house dialect over columns `<name>_l` and `<name>_r` of core.link_key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.insight.engine import Engine

SAMPLE = 1_200
"""Customers whose pairs tell how often strangers are near each other; taken at equal distances by number."""

_WORDS = "STRING_SPLIT(address_words_{0}, ' ')"
_SHARED = f"ARRAY_LENGTH(ARRAY_INTERSECT({_WORDS.format('l')}, {_WORDS.format('r')}))"
_LONGER = f"GREATEST(ARRAY_LENGTH({_WORDS.format('l')}), ARRAY_LENGTH({_WORDS.format('r')}))"
_PHONES = (
    "phone_l = phone_r OR phone_l = phone_other_r OR phone_other_l = phone_r OR phone_other_l = phone_other_r"
)
_SWAPPED = (
    "(SUBSTRING(birth_l, 1, 4) = SUBSTRING(birth_r, 1, 4) AND SUBSTRING(birth_l, 6, 2) = SUBSTRING(birth_r, 9, 2) "
    "AND SUBSTRING(birth_l, 9, 2) = SUBSTRING(birth_r, 6, 2))"
)
_DATE_PARTS = ("1, 7", "6, 5")  # year and month, month and day; year and day stand apart
_TWO_OF_DATE = " OR ".join(
    [
        *(f"SUBSTRING(birth_l, {part}) = SUBSTRING(birth_r, {part})" for part in _DATE_PARTS),
        "SUBSTRING(birth_l, 1, 4) = SUBSTRING(birth_r, 1, 4) "
        "AND SUBSTRING(birth_l, 9, 2) = SUBSTRING(birth_r, 9, 2)",
    ]
)
UNKNOWN: dict[str, str] = {
    "name": "name_key_l IS NULL OR name_key_r IS NULL OR name_key_l = '' OR name_key_r = ''",
    "birth": "birth_l IS NULL OR birth_r IS NULL",
    "id": "id_key_l IS NULL OR id_key_r IS NULL OR id_kind_l <> id_kind_r",
    "phone": "phone_l IS NULL OR phone_r IS NULL",
    "address": "address_l IS NULL OR address_r IS NULL",
    "employer": "employer_l IS NULL OR employer_r IS NULL",
    "email": "email_l IS NULL OR email_r IS NULL",
    "sex": "sex_l IS NULL OR sex_r IS NULL",
}
CONDITIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "name": (
        ("exact", "name_key_l = name_key_r"),
        ("sound", "name_sound_l = name_sound_r"),
        ("order", "name_order_l = name_order_r"),
        ("near", "LENGTH(name_sound_l) >= 6 AND LEVENSHTEIN(name_sound_l, name_sound_r) <= "
                 "CASE WHEN LENGTH(name_sound_l) >= 12 THEN 2 ELSE 1 END"),
        ("part", "(name_first_l <> '' AND (name_first_l = name_first_r OR name_first_l = name_last_r)) "
                 "OR (name_last_l <> '' AND (name_last_l = name_last_r OR name_last_l = name_first_r))"),
    ),
    "birth": (
        ("exact", "birth_l = birth_r"),
        ("near", f"LEVENSHTEIN(birth_l, birth_r) <= 1 OR {_SWAPPED}"),
        ("part", _TWO_OF_DATE),
    ),
    "id": (
        ("exact", "id_key_l = id_key_r"),
        ("near", "id_a_l = id_a_r OR id_b_l = id_b_r OR id_c_l = id_c_r"),
    ),
    "phone": (
        ("exact", _PHONES),
        ("near", "phone_a_l = phone_a_r OR phone_b_l = phone_b_r OR phone_c_l = phone_c_r"),
    ),
    "address": (
        ("exact", "address_l = address_r"),
        ("most", f"{_SHARED} * 3 >= {_LONGER} * 2"),
        ("some", f"{_SHARED} * 3 >= {_LONGER}"),
    ),
    "employer": (("exact", "employer_l = employer_r"),),
    "email": (
        ("exact", "email_l = email_r"),
        ("near", "email_local_l = email_local_r OR email_domain_l = email_domain_r "
                 "AND (email_head_l = email_head_r OR email_tail_l = email_tail_r)"),
    ),
    "sex": (("exact", "sex_l = sex_r"),),
}  # fmt: skip
FREQUENT: dict[tuple[str, str], str] = {
    # levels whose weight follows how common the very value is
    ("name", "exact"): "name_key",
    ("name", "sound"): "name_sound",
    ("birth", "exact"): "birth",
    ("employer", "exact"): "employer",
}
COLUMNS = (
    "customer_no", "party_key", "kind", "name_key", "name_sound", "name_order", "name_first", "name_last", "birth",
    "sex", "employer", "id_kind", "id_key", "id_valid", "id_a", "id_b", "id_c", "phone", "phone_other", "phone_a",
    "phone_b", "phone_c", "email", "email_local", "email_domain", "email_head", "email_tail", "address",
    "address_words",
)  # fmt: skip
_EQUAL = {  # levels told by equal values of one column each; a better level's pairs are taken off
    ("name", "exact"): ("name_key",),
    ("name", "sound"): ("name_sound",),
    ("birth", "exact"): ("birth",),
    ("id", "exact"): ("id_key",),
    ("id", "near"): ("id_a", "id_b", "id_c"),
    ("phone", "exact"): ("phone",),
    ("phone", "near"): ("phone_a", "phone_b", "phone_c"),
    ("address", "exact"): ("address",),
    ("employer", "exact"): ("employer",),
    ("email", "exact"): ("email",),
    ("sex", "exact"): ("sex",),
}


def strangers(
    engine: Engine, m: Mapping[tuple[str, str], float], doubles: float
) -> dict[tuple[str, str], float]:
    """How often two strangers among the bank's persons agree, by (field, level), "differs" included.

    Levels of equal values are counted over all pairs, less the pairs of one person that are expected (`doubles` of
    them, agreeing as `m` says); the others come from the pairs of a fixed sample, less the same. No level is rarer than
    one customer.
    """
    told = engine.arrow(_sample_query()).to_pylist()[0]
    found: dict[tuple[str, str], float] = {}
    for field, levels in CONDITIONS.items():
        better = 0.0
        for level, _ in levels:
            chance, floor = _chance(engine, field, level, told, m[field, level] * doubles, better)
            found[field, level] = min(max(chance, floor), 0.9)
            better += found[field, level]
        found[field, "differs"] = max(1.0 - better, 0.01)
    return found


def _chance(
    engine: Engine, field: str, level: str, told: Mapping[str, Any], doubles: float, better: float
) -> tuple[float, float]:
    """(how often strangers reach this level, the least that counts)."""
    columns = _EQUAL.get((field, level))
    if columns is None:
        pairs = told[f"{field}_known"] or 0
        persons = told["persons"]
        same = (
            doubles * pairs / max(persons * (persons - 1) / 2, 1)
        )  # pairs of one person expected in the sample
        seen = (told[f"{field}_{level}"] or 0) - same
        return seen / max(pairs, 1), 1.0 / max(pairs, SAMPLE)
    agreeing, known = 0, 1
    for column in columns:
        known, same = _same_pairs(engine, column)
        agreeing += same
    pairs = max(known * (known - 1) / 2, 1.0)
    return (agreeing - doubles) / pairs - better * len(columns), 1.0 / max(known, 10)


def _same_pairs(engine: Engine, column: str) -> tuple[int, int]:
    """(persons with a value, pairs of them that have the same one)."""
    row = engine.arrow(
        f"SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) AS known, "
        f"CAST(COALESCE(SUM(n * (n - 1)), 0) AS BIGINT) AS twice "
        f"FROM (SELECT {column}, COUNT(*) AS n FROM core.link_key "
        f"WHERE kind = 'person' AND {column} IS NOT NULL GROUP BY {column}) AS held"
    ).to_pylist()[0]
    return int(row["known"]), int(row["twice"]) // 2


def _sample_query() -> str:
    """One row: per field the pairs of the sample where it is known, and those at each level that needs the sample."""
    counts = ["MAX(held_l) AS persons"]
    for field, levels in CONDITIONS.items():
        known = f"NOT ({UNKNOWN[field]})"
        counts.append(f"CAST(SUM(CASE WHEN {known} THEN 1 ELSE 0 END) AS BIGINT) AS {field}_known")
        passed = ""
        for level, condition in levels:
            if (field, level) not in _EQUAL:
                counts.append(
                    f"CAST(SUM(CASE WHEN {known}{passed} AND ({condition}) THEN 1 ELSE 0 END) AS BIGINT) "
                    f"AS {field}_{level}"
                )
            passed += f" AND NOT COALESCE({condition}, FALSE)"
    sides = [", ".join(f"{column} AS {column}_{side}" for column in (*COLUMNS, "held")) for side in "lr"]
    return (
        "WITH placed AS (SELECT *, ROW_NUMBER() OVER (ORDER BY customer_no) AS place, COUNT(*) OVER () AS held "
        "FROM core.link_key WHERE kind = 'person'), "
        f"chosen AS (SELECT * FROM placed WHERE held <= {SAMPLE} OR place % (held // {SAMPLE} + 1) = 0) "
        f"SELECT {', '.join(counts)} FROM (SELECT {sides[0]} FROM chosen) AS l, (SELECT {sides[1]} FROM chosen) AS r "
        "WHERE customer_no_l < customer_no_r"
    )
