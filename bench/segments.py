"""Counting a segment while somebody waits: random rules over the facts file, as it is and multiplied to 17 million."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp

from bench.figures import Section
from bench.lake import BenchLake
from guanxi.insight.segments import Context, Fact, Group, Kind, Leaf, Not, Rule, expression, offered
from guanxi.insight.segments.facts import WIDE
from guanxi.insight.segments.rule import Value
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.interactive import FactsFile, LakeReach, facts_path, write_facts

RULES, THREADS, SEED = 200, 2, 7
BARS = {459_067: 0.3, 17_000_000: 1.0}
LARGE = 17_000_000
# Units and keepers get whole numbers here, as the published store would give them.
OF_LAKE = """
    SELECT wide.* EXCLUDE (bucket), DENSE_RANK() OVER (ORDER BY unit_no) AS unit_id,
           DENSE_RANK() OVER (ORDER BY keeper_no NULLS LAST) AS keeper_id
    FROM {table} AS wide
"""
# Copies of every row under other keys, at other units, with amounts that differ from copy to copy.
MULTIPLIED = """
    SELECT * EXCLUDE (copy) REPLACE (
        party_key + copy * 100000000000 AS party_key, unit_id + CAST(copy * 1000 AS BIGINT) AS unit_id,
        keeper_id + copy * 100000 AS keeper_id, unit_no || '-' || copy AS unit_no,
        CAST(aum * (0.9 + copy * 0.005) AS DECIMAL(18,2)) AS aum,
        CAST(daily_average * (0.9 + copy * 0.005) AS DECIMAL(18,2)) AS daily_average
    )
    FROM small.fact CROSS JOIN (SELECT UNNEST(RANGE({copies})) AS copy) AS copies
"""


@dataclass(frozen=True)
class Asked:
    """How long the questions of one kind took, in milliseconds."""

    name: str
    rows: int
    times: Sequence[float]
    cpu: Sequence[float]

    def at(self, share: float) -> float:
        """The time that this share of the questions stayed below."""
        return _at(self.times, share)

    def cpu_at(self, share: float) -> float:
        """The same of the processor's time, both cores together."""
        return _at(self.cpu, share)


def _at(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(lake: BenchLake, times: int, large: int = LARGE) -> Section:
    """Counts at the lake's own size and at `large` rows made from it."""
    folder = lake.home / "segments"
    small = own_file(lake, folder)
    rows = [*asked(small, times)]
    rows += asked(large_file(small, folder, lake.home / "spill", large), times)
    return section(rows, times, large)


def section(rows: Sequence[Asked], times: int, large: int = LARGE) -> Section:
    """The table of the page."""
    return Section(
        "segments: counting while one edits",
        ("what", "rows", "p50 ms", "p95 ms", "slowest ms", "p95 CPU ms"),
        [_row(one) for one in rows],
        (
            f"Bars, p95 on {THREADS} threads: {', '.join(f'{bar:g} s at {size:,}' for size, bar in BARS.items())}. "
            f"{RULES} rules at random of 2 to 6 conditions over all facts, each asked {times} times, compiling "
            f"included; customers and AUM of those who fulfil it, within the reach. The {large:,} rows are synthetic: "
            "copies of the made-up bank's rows at other units with other amounts.",
        ),
    )  # fmt: skip


def _row(one: Asked) -> tuple[str, ...]:
    walls = (f"{one.at(share):.0f}" for share in (0.5, 0.95, 1.0))
    return (one.name, f"{one.rows:,}", *walls, f"{one.cpu_at(0.95):.0f}")


def own_file(lake: BenchLake, folder: Path) -> FactsFile:
    """The facts file of the lake's run."""
    path = facts_path(folder, "own")
    part = lake.manifest.part(WIDE, None)
    if not path.exists():
        with DuckEngine(lake.home / "spill", threads=THREADS) as engine:
            select = OF_LAKE.format(table=parquet_files(lake.store.paths(part)))
            write_facts(engine.connection, select, path, business_date=lake.on, run="own")
    return FactsFile(path.resolve(), threads=THREADS, seconds=60)


def large_file(small: FactsFile, folder: Path, spill: Path, large: int = LARGE) -> FactsFile:
    """The file of `large` rows made from the small one."""
    path = facts_path(folder, "large" if large == LARGE else f"large-{large}")
    if not path.exists():
        ((rows,),) = small.read_for(LakeReach(whole_bank=True), "SELECT COUNT(*) FROM fact")
        with DuckEngine(spill, threads=THREADS) as engine:
            small.close()
            engine.connection.execute(f"ATTACH '{small.path}' AS small (READ_ONLY)")
            select = f"SELECT * FROM ({MULTIPLIED.format(copies=-(-large // rows))}) AS made LIMIT {large}"
            write_facts(engine.connection, select, path, business_date=small.business_date, run="large")
    return FactsFile(path.resolve(), threads=THREADS, seconds=60)


def asked(facts: FactsFile, times: int) -> Iterator[Asked]:
    """The questions as an analyst, the head of one outlet and one keeper ask them."""
    whole = LakeReach(whole_bank=True)
    ((rows, unit, keeper),) = facts.read_for(whole, "SELECT COUNT(*), MIN(unit_id), MIN(keeper_id) FROM fact")
    rules = list(random_rules(facts, whole))
    reaches = (
        ("whole bank", whole),
        ("one outlet", LakeReach(unit_ids=frozenset({unit}))),
        ("one keeper", LakeReach(keeper_ids=frozenset({keeper}))),
    )
    for name, reach in reaches:
        taken = [_time(facts, reach, rule) for _ in range(times) for rule in rules]
        yield Asked(name, rows, [wall for wall, _cpu in taken], [cpu for _wall, cpu in taken])


def _time(facts: FactsFile, reach: LakeReach, rule: Rule) -> tuple[float, float]:
    began, worked = time.perf_counter(), time.process_time()
    condition = expression(rule, Context(facts.business_date))
    facts.read_for(reach, exp.select("COUNT(*)", "SUM(aum)").from_("fact").where(condition))
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


def random_rules(facts: FactsFile, reach: LakeReach) -> Iterator[Rule]:
    """Rules of 2 to 6 conditions whose values stand in the data."""
    chance = random.Random(SEED)  # noqa: S311  # the same rules each time, nothing secret
    known = [fact for fact in offered(facts.columns).values() if fact.kind not in (Kind.UNIT, Kind.TIER)]
    samples = {fact.code: _sample(facts, reach, fact) for fact in known}
    usable = [fact for fact in known if samples[fact.code] or fact.kind in (Kind.SET, Kind.FLAG)]
    for _ in range(RULES):
        leaves: list[Rule] = [
            _leaf(chance, fact, samples[fact.code]) for fact in chance.sample(usable, chance.randint(2, 6))
        ]
        leaves[-1] = Not(leaves[-1]) if chance.random() < 0.3 else leaves[-1]
        inner = Group("any", tuple(leaves[1:]))
        yield Group("all", (leaves[0], inner)) if chance.random() < 0.5 else Group("all", tuple(leaves))


def _sample(facts: FactsFile, reach: LakeReach, fact: Fact) -> list[Any]:
    if fact.kind in (Kind.SET, Kind.FLAG):
        return []
    (column,) = fact.columns
    query = f'SELECT DISTINCT "{column}" FROM fact WHERE "{column}" IS NOT NULL ORDER BY 1 LIMIT 5000'
    return [row[0] for row in facts.read_for(reach, query)]


def _leaf(chance: random.Random, fact: Fact, sample: list[Any]) -> Leaf:
    values: tuple[Value, ...]
    if fact.kind is Kind.FLAG:
        return Leaf(fact.code, chance.choice(("yes", "no")))
    if fact.kind is Kind.SET:
        return Leaf(fact.code, "any_of", tuple(chance.sample(sorted(fact.members), 2)))
    if fact.kind in (Kind.CODE, Kind.TEXT):
        return Leaf(fact.code, "one_of", tuple(chance.sample(sample, min(2, len(sample)))))
    if fact.kind is Kind.EVENT:
        return Leaf(fact.code, chance.choice(("done", "not_done")), (chance.choice((30, 90, 180)),))
    if fact.kind is Kind.DAY:
        return Leaf(fact.code, chance.choice(("before", "after")), (chance.choice(sample),))
    values = (chance.choice(sample),)
    return Leaf(fact.code, chance.choice(("at_least", "at_most")), values)
