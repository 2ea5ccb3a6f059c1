"""Identity resolution alone, measured against known truth: a folder's customers and contact points are read through
the bank's mapping and the door, the steps of linkage run over them, and pairs are compared with who is who.

Nothing is published and nothing kept: the lake of a measurement is a temporary folder.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from guanxi.insight.identity.resolution.core_link import LOOSE_PART
from guanxi.insight.linkage_score import Scored, score_pairs
from guanxi.insight.months import RunMonth, month_of
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.mapping import read_mapping
from guanxi.insight.tables.identity import LOOSE
from guanxi.insight.way import Step, the_way
from guanxi.lake.door import Door, MemoryVault, fresh_keys
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.extracts import load_extract
from guanxi.lake.store import WHOLE, Store
from guanxi.pipeline.bank import Bank
from guanxi.pipeline.progress import Silent
from guanxi.pipeline.walk import Parts, Walk

READ = frozenset({"customers", "contact_points"})
STEPS = (
    "core.link_name", "core.link_key", "core.link_block", "core.link", "core.cluster", "core.party_member",
)  # fmt: skip
Pair = tuple[str, str]


@dataclass
class Linked:
    """What linkage made of a folder: pairs that became one person, pairs left to people, and what it cost.

    `blocks`: comparisons a blocking rule would make, those left out because their value is too common.
    """

    customers: int = 0
    merged: set[Pair] = field(default_factory=set)
    asked: set[Pair] = field(default_factory=set)
    stopped: int = 0
    blocks: dict[str, tuple[int, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_gib: float = 0.0

    def against(self, truth: set[Pair]) -> tuple[Scored, Scored]:
        """(what the program did alone, with every pair left to people judged rightly)."""
        return score_pairs(self.merged, truth), score_pairs(self.merged | (self.asked & truth), truth)


def link_folder(bank: Bank, folder: Path, scratch: Path, *, memory: str = "4GiB", threads: int = 2) -> Linked:
    """Read a folder as the bank's mapping says and link it; `scratch` holds the temporary lake."""
    policies = {kind: load_policy(kind, body) for kind, body in bank.policy_payloads().items()}
    quality = policies["quality"]
    assert isinstance(quality, QualityPolicy)
    mapping = read_mapping(bank.mapping_file.read_text(encoding="utf8"))
    found = Linked()
    with DuckEngine(scratch / "spill", memory=memory, threads=threads) as engine:
        with _timed(found, "reading and the door"):
            load_extract(
                folder, mapping, Door(fresh_keys()), MemoryVault(), connection=engine.connection,
                into=scratch / "arrived", policy=quality, only=READ,
            )  # fmt: skip
        tables = {name: table for policy in policies.values() for name, table in policy.tables().items()}
        store = Store(scratch / "lake")
        link_staged(engine, store, _staged(scratch / "arrived", store), tables, found)
    found.peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return found


def link_staged(
    engine: DuckEngine, store: Store, parts: Parts, policies: Mapping[str, object], found: Linked
) -> None:
    """Run the steps of linkage over staged parts and read what they found."""
    by_name: dict[str, Step] = {step.name: step for step in the_way()}
    month = month_of(date(2026, 10, 31))
    walk = Walk(
        engine=engine, store=store, run="linking", parts=parts, policies=policies,  # type: ignore[arg-type]
        months={month: RunMonth(month, date(2026, 10, 31), True, "CNY", "daily")}, watcher=Silent(),
    )  # fmt: skip
    for name in STEPS:
        with _timed(found, name):
            walk.go([by_name[name]], [month])
    where = {name: parquet_files(store.paths(parts[name][WHOLE])) for name in STEPS}
    found.customers = int(engine.rows(f"SELECT COUNT(*) FROM {where['core.party_member']}")[0][0])
    found.stopped = int(engine.rows(f"SELECT COUNT(DISTINCT stopped_key) FROM {where['core.cluster']}")[0][0])
    found.merged = _same_party(engine, where["core.party_member"])
    asked = engine.rows(f"SELECT left_no, right_no FROM {where['core.link']}")
    found.asked = {(str(left), str(right)) for left, right in asked} - found.merged
    found.blocks = _compared(engine, where["core.link_block"])


def _compared(engine: DuckEngine, blocks: str) -> dict[str, tuple[int, int]]:
    """By rule: pairs that its values bring together, pairs of values too common to do so."""
    most = int(engine.rows("SELECT block_most FROM policy.identity")[0][0])
    rows = engine.rows(
        f"SELECT rule, records, COUNT(*) FROM {blocks} GROUP BY rule, records ORDER BY rule, records"
    )
    found: dict[str, tuple[int, int]] = {}
    for rule, records, values in rows:
        pairs = int(records) * (int(records) - 1) // 2 * int(values)
        kept, dropped = found.get(str(rule), (0, 0))
        allowed = records <= (most // LOOSE_PART if rule in LOOSE else most)
        found[str(rule)] = (kept + pairs, dropped) if allowed else (kept, dropped + pairs)
    return found


def truth_by_person(person_of: Mapping[str, str]) -> set[Pair]:
    """All pairs of numbers of one person, from number → person."""
    groups: dict[str, list[str]] = {}
    for number, person in person_of.items():
        groups.setdefault(person, []).append(number)
    return {pair for numbers in groups.values() for pair in _pairs(sorted(numbers))}


def truth_by_links(links: Iterable[Pair]) -> set[Pair]:
    """All pairs of numbers of one person, from (number, the same person's other number); chains are followed."""
    leader: dict[str, str] = {}
    for one, other in links:
        first, second = _leader(leader, one), _leader(leader, other)
        leader[max(first, second)] = min(first, second)
    return truth_by_person({number: _leader(leader, number) for number in list(leader)})


def _leader(leader: dict[str, str], number: str) -> str:
    while leader.setdefault(number, number) != number:
        number = leader[number]
    return number


def _same_party(engine: DuckEngine, members: str) -> set[Pair]:
    rows = engine.rows(
        f"SELECT party_key, customer_no FROM {members} WHERE members > 1 ORDER BY party_key, customer_no"
    )
    return truth_by_person({str(number): str(party) for party, number in rows})


def _pairs(numbers: list[str]) -> Iterator[Pair]:
    for place, one in enumerate(numbers):
        for other in numbers[place + 1 :]:
            yield one, other


def _staged(arrived: Path, store: Store) -> Parts:
    parts: Parts = {}
    for name in sorted(READ):
        files = sorted((arrived / f"staged.{name}").glob("*.parquet"))
        linked = []
        for file in files:
            path = store.part_path("linking", f"staged.{name}", None)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(file)
            linked.append(path)
        parts[f"staged.{name}"] = {WHOLE: store.keep("linking", f"staged.{name}", None, linked, 0, 0.0)}
    return parts


@contextmanager
def _timed(found: Linked, name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    found.seconds[name] = round(time.perf_counter() - started, 2)
