"""Linkage of persons alone: `python -m bench.identity [--persons N] [--home DIR]`.

Customers are made as they stand behind the door (names in clear, everything else tokens): one in eleven is a second
number of another, with slips. Only the steps of linkage are measured: comparison inputs, pairs, persons.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.figures import Cost, costing
from bench.lake import ROOT
from guanxi.insight.policies import load_policy
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import WHOLE, Store
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.demo.identity import area_codes, mobiles, person_names, resident_ids, surnames
from guanxi.pipeline.linking import Linked, link_staged
from guanxi.pipeline.walk import Parts

SECOND = 1 / 11  # of all numbers: the second number of somebody
SLIP, OTHER_PHONE, NO_DOCUMENT, WITH_ADDRESS = 0.12, 0.3, 0.45, 0.35
SEED = 20_261_122
BAR = 30.0
# Parts as the door makes them, with a hash that needs no key.
_PART = "SUBSTR(MD5({0}), 1, 16)"
_CUSTOMERS = f"""
SELECT number AS customer_no, CAST(number AS BIGINT) AS party_key, 'u' || number AS party_uuid,
       CAST(CAST(number AS BIGINT) % 256 AS SMALLINT) AS bucket, 'person' AS kind, name, 'resident_id' AS id_type, sex,
       birth AS birth_date, MD5(id) AS id_no_token, TRUE AS id_no_valid,
       {_PART.format("'i' || SUBSTR(id, 1, 6) || SUBSTR(id, 9, 9)")} || ' ' ||
       {_PART.format("'a' || SUBSTR(id, 1, 14)")} || ' ' || {_PART.format("'b' || SUBSTR(id, 9, 9)")} || ' ' ||
       {_PART.format("'c' || SUBSTR(id, 1, 6) || SUBSTR(id, 15, 3)")} AS id_no_parts, 'active' AS state
FROM made
"""
_CONTACTS = f"""
SELECT number AS customer_no, 'mobile' AS kind, MD5(phone) AS value_token, TRUE AS value_valid, TRUE AS is_primary,
       {_PART.format("'a' || SUBSTR(phone, 1, 7)")} || ' ' || {_PART.format("'b' || SUBSTR(phone, 4)")} || ' ' ||
       {_PART.format("'c' || SUBSTR(phone, 1, 3) || SUBSTR(phone, 8)")} AS value_parts
FROM made
UNION ALL
SELECT number, 'address', MD5('x' || street || house), NULL, FALSE,
       {_PART.format("'city'")} || ' ' || {_PART.format("'s' || street")} || ' ' || {_PART.format("'h' || house")}
FROM made WHERE street IS NOT NULL
"""


def main() -> None:
    """Make the persons, link them, print what it took and how right it was."""
    parser = argparse.ArgumentParser(prog="bench.identity")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="where the temporary lake lies")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.home, prefix="bench-identity-") as scratch:
        print("\n".join(measure(asked.persons, Path(scratch))))


def measure(persons: int, scratch: Path) -> list[str]:
    """What linking so many numbers took, in lines."""
    bank = open_bank(ROOT / "banks" / "demo", scratch)
    policy = load_policy("identity", bank.policy_payloads()["identity"])
    store, found = Store(scratch / "lake"), Linked()
    with DuckEngine(scratch / "spill") as engine:
        parts, truth = _staged(engine, store, persons)
        with costing() as cost:
            link_staged(engine, store, parts, policy.tables(), found)
    return _lines(found, truth, cost, _peak())


def _lines(found: Linked, truth: set[tuple[str, str]], cost: Cost, peak: float) -> list[str]:
    alone, helped = found.against(truth)
    compared = sum(kept for kept, _ in found.blocks.values())
    return [
        f"{found.customers:,} numbers, {len(truth):,} true pairs, {compared:,} comparisons by rule with repeats",
        f"{cost.wall:.1f} s on the clock, {cost.cpu:.1f} s of processor, peak memory {peak:.2f} GiB (bar {BAR:.0f} s)",
        ", ".join(f"{name} {spent}" for name, spent in found.seconds.items()),
        f"merged by itself: precision {alone.precision:.5f} (at least {alone.precision_at_least:.5f}), "
        f"recall {alone.recall:.4f}; with people {helped.recall:.4f}",
        *(f"  {rule:<18} {kept:>12,} [{dropped:,}]" for rule, (kept, dropped) in found.blocks.items()),
    ]


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def _staged(engine: DuckEngine, store: Store, persons: int) -> tuple[Parts, set[tuple[str, str]]]:
    made, truth = _made(persons, np.random.default_rng(SEED))
    engine.connection.register("made", made)
    parts: Parts = {}
    for name, select in (("staged.customers", _CUSTOMERS), ("staged.contact_points", _CONTACTS)):
        table = TABLES[name]
        given = {row[0] for row in engine.rows(f"DESCRIBE {select}")}
        rest = "".join(
            f', CAST(NULL AS {kind}) AS "{column}"' for column, kind in table.columns if column not in given
        )
        path = store.part_path("linking", name, None)
        rows = engine.write(f"SELECT *{rest} FROM ({select})", table, path)
        parts[name] = {WHOLE: store.keep("linking", name, None, [path], rows, 0.0)}
    engine.connection.unregister("made")
    return parts, truth


def _made(persons: int, rng: np.random.Generator) -> tuple[pa.Table, set[tuple[str, str]]]:
    """Numbers and what is known of each; the last ones are second numbers of some of the others."""
    seconds = int(persons * SECOND)
    firsts = persons - seconds
    who = np.concatenate([np.arange(firsts), rng.permutation(firsts)[:seconds]])
    second = np.arange(persons) >= firsts
    male = rng.random(firsts) < 0.5
    birth = rng.integers(-14_600, 14_000, firsts)
    names = person_names(rng, surnames(rng, firsts, 0.7), male)
    order = rng.integers(0, 500, firsts) * 2 + male
    ids = resident_ids(area_codes(rng, firsts), birth, order)
    other = person_names(rng, surnames(rng, persons, 0.7), male[who])
    slips = second & (rng.random(persons) < SLIP)
    written = pc.if_else(pa.array(slips), pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(names.take(pa.array(who)), 0, 1), pc.utf8_slice_codeunits(other, 1, 4), ""
    ), names.take(pa.array(who)))  # fmt: skip
    phone = pc.if_else(
        pa.array(second & (rng.random(persons) < OTHER_PHONE)), mobiles(rng, persons),
        mobiles(rng, firsts).take(pa.array(who)),
    )  # fmt: skip
    known = ~(second & (rng.random(persons) < NO_DOCUMENT))
    lives = rng.random(firsts) < WITH_ADDRESS
    street, house = rng.integers(0, 4_000, firsts), rng.integers(1, 400, firsts)
    made = pa.table({
        "number": pa.array((1_000_000_000 + np.arange(persons)).astype(str)),
        "name": written,
        "sex": pc.if_else(pa.array(male[who]), "male", "female"),
        "birth": pa.array(birth[who].astype("datetime64[D]")),
        "id": pc.if_else(pa.array(known), ids.take(pa.array(who)), pa.scalar(None, pa.string())),
        "phone": phone,
        "street": pa.array(np.where(lives, street, 0)[who].astype(str), mask=~lives[who]),
        "house": pa.array(house[who].astype(str)),
    })  # fmt: skip
    numbers = made["number"].to_pylist()
    truth = {(numbers[who[place]], numbers[place]) for place in range(firsts, persons)}
    return made, truth


if __name__ == "__main__":
    main()
