"""What closed months stand on (往月口径): what the bank says without a date, as known to the night that closed them.

A night inherits closed months with what they stand on. It makes one again only for what the bank itself dates: rows
of a day, a rate of a day, an account opened or closed on a day. Of a month made again all that carries no date stays
as it was known; only customers and accounts that were not known yet come in, with all that is said of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from guanxi.insight.months import month_end, month_of
from guanxi.insight.staging.contract import FILES
from guanxi.insight.tables import DATED_FILES, TABLES
from guanxi.lake.engine import LakeEngine, parquet_files
from guanxi.lake.store import WHOLE, Known, Manifest, Part, Store
from guanxi.pipeline.walk import IDENTITY, Parts

UNDATED = tuple(f"staged.{file.name}" for file in FILES if file.name not in DATED_FILES)
RATES = ("staged.fx_rates", "staged.ftp_rates")  # every row is of a day and corrects the months from it on
ACCOUNT_DAYS = ("opened_on", "closed_on")
# Of files that speak about somebody, the column that says whom: rows come in with a customer or account that does.
ABOUT = {
    "staged.account_parties": "account_no",
    "staged.attributions": "account_no",
    "staged.contact_points": "customer_no",
    "staged.consents": "customer_no",
    "staged.relations": "customer_no",
    "staged.credit": "customer_no",
}
# Lists that known accounts and customers may name already: what they lacked then, they lack still.
NAMED = {
    "staged.products": (("staged.accounts", "product_code"),),
    "staged.units": (("staged.accounts", "unit_no"), ("staged.customers", "unit_no")),
}
WHOM = {"account_no": "staged.accounts", "customer_no": "staged.customers"}
IN_ORDER = (
    "staged.accounts",
    "staged.account_parties",
    "staged.customers",
)  # those first that bring others in


def stood_before(before: Manifest | None, open_from: date) -> dict[str, Known]:
    """What the closed months of the run before stand on; months of an older lake on what that run read."""
    if before is None:
        return {}
    read = _whole(before.parts)
    closed = [month for month in before.months("feature.wealth_month") if month < open_from]
    return {
        month.isoformat(): before.known.get(month.isoformat()) or Known(before.business_date, read)
        for month in closed
    }


def _whole(parts: Mapping[str, Mapping[str, Part]]) -> dict[str, Part]:
    """What carries no date: the bank's snapshots and what people decided; and who was one person."""
    return {
        name: held[WHOLE]
        for name, held in parts.items()
        if WHOLE in held and (name in UNDATED or name.startswith("ops.") or name == IDENTITY)
    }


def corrected_months(engine: LakeEngine, store: Store, parts: Parts, before: Manifest | None) -> list[date]:
    """Closed or open months up to the business date before that a rate or an account's day reaches tonight."""
    if before is None:
        return []
    days = []
    for name in (*RATES, "staged.accounts"):
        stood, now = before.part(name, None), parts.get(name, {}).get(WHOLE)
        if stood and now and stood.sha256 != now.sha256:
            sides = parquet_files(store.paths(now)), parquet_files(store.paths(stood))
            asked = _account_day(*sides) if name == "staged.accounts" else _rate_day(name, *sides)
            days += engine.local.rows(f"{asked} AND moved.day <= DATE '{before.business_date}'")
    return [month_of(day) for (day,) in days if day]


def _rate_day(name: str, now: str, stood: str) -> str:
    """The first day of which another rate is said than before, or one for the first time."""
    said = ", ".join(f'"{column}"' for column in (*TABLES[name].grain, TABLES[name].column_names[-1]))
    return (
        f"SELECT MIN(moved.day) FROM (SELECT {said} FROM {now} EXCEPT SELECT {said} FROM {stood}) AS moved "
        "WHERE TRUE"
    )


def _account_day(now: str, stood: str) -> str:
    """The first day on which an account opens or closes by one side alone; a new account opens."""
    days = " UNION ALL ".join(
        f"SELECT UNNEST([now.{column}, stood.{column}]) AS day FROM {now} AS now "
        f"LEFT JOIN {stood} AS stood ON stood.account_no = now.account_no "
        f"WHERE now.{column} IS DISTINCT FROM stood.{column}"
        for column in ACCOUNT_DAYS
    )
    return f"SELECT MIN(moved.day) FROM ({days}) AS moved WHERE TRUE"


@dataclass
class ClosedMonths:
    """The closed months of one run, by their ISO day: the night that closed each and the parts it stands on."""

    engine: LakeEngine
    store: Store
    run: str
    on: date
    nights: dict[str, date]
    parts: dict[str, dict[str, Part]]
    before: dict[str, Part] = field(default_factory=dict)  # what the month under way stood on

    @classmethod
    def of(
        cls, engine: LakeEngine, store: Store, run: str, on: date, before: Mapping[str, Known]
    ) -> ClosedMonths:
        """Those the run before closed, as they stand."""
        parts = {month: dict(held.parts) for month, held in before.items()}
        return cls(engine, store, run, on, {month: held.on for month, held in before.items()}, parts)

    def lay(self, now: Parts, compute: Iterable[date]) -> None:
        """Close those that end by tonight; into those made again let in what was not known of them and has its day."""
        whole = {name: part for name, part in _whole(now).items() if name != IDENTITY}
        for month in compute:
            key = month.isoformat()
            if key in self.parts:
                self.before = dict(self.parts[key])
                for name in (*IN_ORDER, *(name for name in UNDATED if name not in IN_ORDER)):
                    self._let_in(name, whole.get(name), month)
            elif month_end(month) <= self.on:
                self.nights[key] = self.on
                self.parts[key] = dict(whole)

    def identify(self, now: Parts, compute: Iterable[date], *, regrouped: bool) -> None:
        """Who was one person: as known then, with who came in; and for all months anew when numbers were regrouped."""
        member = now[IDENTITY][WHOLE]
        for month in compute:
            held = self.parts.get(month.isoformat())
            if held is None:
                continue
            if regrouped:  # keys of parties moved, so what people decided about them is read as it stands now
                held |= {name: part for name, part in _whole(now).items() if name.startswith("ops.")}
            self._let_in(IDENTITY, member, month, anew=regrouped)

    def standing(self) -> dict[str, Known]:
        """What the manifest keeps."""
        return {month: Known(self.nights[month], parts) for month, parts in sorted(self.parts.items())}

    def _let_in(self, name: str, now: Part | None, month: date, *, anew: bool = False) -> None:
        """A table's part with the rows that come in, if any do."""
        held = self.parts[month.isoformat()]
        stood = held.get(name)
        if now is None or stood is None or now.sha256 == stood.sha256:
            if now and name == IDENTITY:
                held[name] = now
            return
        kept = self.store.kept(self.run, name, month)
        held[name] = kept or self._written(name, month, now, stood, anew=anew)

    def _written(self, name: str, month: date, now: Part, stood: Part, *, anew: bool) -> Part:
        started, local = time.perf_counter(), self.engine.local
        rows = self._rows(name, month, now, stood, anew=anew)
        other = local.rows(f"SELECT 1 FROM ({rows} EXCEPT SELECT * FROM {self._files(stood)}) LIMIT 1")
        if not other:
            return stood
        path = self.store.part_path(self.run, name, month)
        count = local.write(rows, TABLES[name], path)
        return self.store.keep(self.run, name, month, [path], count, time.perf_counter() - started)

    def _rows(self, name: str, month: date, now: Part, stood: Part, *, anew: bool) -> str:
        """The SELECT of what the month then stands on."""
        said, known = f"{self._files(now)} AS said", f"{self._files(stood)} AS known"
        same = " AND ".join(f'said."{column}" = known."{column}"' for column in TABLES[name].grain)
        columns = {column: f'known."{column}"' for column in TABLES[name].column_names}
        fresh = ", ".join(f'said."{column}"' for column in columns)
        if anew or name in RATES:
            if anew:  # the keys of now, but nobody's keeper reaches back
                fresh = fresh.replace('said."keeper_no"', "COALESCE(known.keeper_no, said.keeper_no)")
            older = f"SELECT {', '.join(columns.values())} FROM {known} ANTI JOIN {said} ON {same}"
            return f"SELECT {fresh} FROM {said} LEFT JOIN {known} ON {same} UNION ALL {older}"
        if name == "staged.accounts":
            day = "CASE WHEN said.account_no IS NULL THEN known.{0} ELSE said.{0} END AS {0}"
            columns |= {name: day.format(name) for name in ACCOUNT_DAYS}
        older = f"SELECT {', '.join(columns.values())} FROM {known} LEFT JOIN {said} ON {same}"
        entering = f"SELECT {fresh} FROM {said} ANTI JOIN {known} ON {same} WHERE {self._enters(name, month)}"
        return f"{older} UNION ALL {entering}"

    def _enters(self, name: str, month: date) -> str:
        """Which rows of an unknown key come in, as a condition on `said`."""
        key, end = month.isoformat(), f"DATE '{month_end(month)}'"
        if name == "staged.accounts":
            return f"said.opened_on <= {end}"
        if name == "staged.customers":
            parties = self.parts[key]["staged.account_parties"]
            named = f"SELECT customer_no FROM {self._files(parties)}"
            return f"(said.since <= {end} OR said.customer_no IN ({named}))"
        if name == IDENTITY:
            return f"said.customer_no IN ({self._named('customer_no', self.parts[key])})"
        if name in ABOUT:
            whom = ABOUT[name]
            there, before = (self._named(whom, held) for held in (self.parts[key], self.before))
            return f"said.{whom} IN ({there}) AND said.{whom} NOT IN ({before})"
        unnamed = (
            f"NOT EXISTS (SELECT 1 FROM {self._files(self.before[table])} AS one WHERE one.{column} = said.{column})"
            for table, column in NAMED.get(name, ())
        )
        return " AND ".join(unnamed) or "TRUE"

    def _named(self, column: str, held: Mapping[str, Part]) -> str:
        return f"SELECT {column} FROM {self._files(held[WHOM[column]])}"

    def _files(self, part: Part) -> str:
        return parquet_files(self.store.paths(part))
