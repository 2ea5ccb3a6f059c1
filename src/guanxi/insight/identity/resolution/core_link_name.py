"""core.link_name · grain: name · scope: whole · months: none

Every name that occurs, once, as linkage compares it: folded, in pinyin, its words in any order, its family name.
"""

from __future__ import annotations

import pyarrow as pa

from guanxi.insight.engine import Engine
from guanxi.insight.identity.resolution.letters import Written, han_letters, written
from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema

READS = ("staged.customers",)


def make(engine: Engine) -> pa.Table:
    """One row per name; the pinyin of a character is looked up once, its usual reading."""
    from pypinyin import Style, pinyin

    found = engine.arrow("SELECT DISTINCT name FROM staged.customers WHERE name IS NOT NULL ORDER BY name")
    names = found["name"].to_pylist()
    syllables = {letter: pinyin(letter, style=Style.NORMAL)[0][0].lower() for letter in han_letters(names)}
    forms = [written(name, syllables) for name in names]
    columns = [names, *([form[place] for form in forms] for place in range(len(Written._fields)))]
    return pa.table(columns, schema=arrow_schema(TABLES["core.link_name"]))
