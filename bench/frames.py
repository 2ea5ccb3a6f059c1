"""A month in pandas: wealth, tiers, activity and one percentile rank, as an analyst would write it, in floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

LINES = (50_000, 200_000, 1_000_000, 6_000_000)


def month(inputs: Mapping[str, Sequence[Path]]) -> pd.DataFrame:
    """One row a customer: wealth, average, tier held, postings, percentile of the average."""
    accounts = _read(inputs["account"], ["account_no", "party_key", "component", "in_aum", "aum_weight"])
    table = _wealth(inputs, accounts)
    table = table.join(_activity(inputs, accounts), how="left")
    table["held"] = _tiers(inputs, table)
    table["percentile"] = table["daily_average"].rank(pct=True)
    return table


def _read(paths: Sequence[Path], columns: list[str]) -> pd.DataFrame:
    frame = pd.concat([pd.read_parquet(path, columns=columns) for path in paths])
    for column in ("balance", "in_transit", "amount", "aum_weight", "daily_average"):
        if column in frame:
            frame[column] = frame[column].astype(float)
    return frame


def _wealth(inputs: Mapping[str, Sequence[Path]], accounts: pd.DataFrame) -> pd.DataFrame:
    before = _read(inputs["prev_account"], ["account_no", "balance", "in_transit"]).assign(day=0)
    changes = _read(inputs["balances"], ["account_no", "day", "balance", "in_transit"])
    changes["day"] = pd.to_datetime(changes["day"]).dt.day - 1
    days = int(changes["day"].max()) + 1
    spans = pd.concat([before, changes]).sort_values(["account_no", "day"], kind="stable")
    spans["until"] = spans.groupby("account_no")["day"].shift(-1).fillna(days)
    spans["held"] = spans["balance"] + spans["in_transit"].fillna(0)
    spans["weight"] = spans["held"] * (spans["until"] - spans["day"])
    months = spans.groupby("account_no").agg(held=("held", "last"), weight=("weight", "sum"))
    joined = accounts.merge(months, left_on="account_no", right_index=True)
    counted = joined[joined["in_aum"].fillna(False)]
    table = counted.groupby("party_key").agg(aum=("held", "sum"), weight=("weight", "sum"))
    parts = counted.pivot_table(
        index="party_key", columns="component", values="held", aggfunc="sum", fill_value=0
    )
    table["daily_average"] = table.pop("weight") / days
    return table.join(parts)


def _activity(inputs: Mapping[str, Sequence[Path]], accounts: pd.DataFrame) -> pd.DataFrame:
    columns = ["account_no", "day", "direction", "amount", "purpose", "channel"]
    postings = _read(inputs["transactions"], columns).merge(
        accounts[["account_no", "party_key"]], on="account_no"
    )
    postings["inflow"] = np.where(postings["direction"] == "credit", postings["amount"], 0)
    postings["outflow"] = np.where(postings["direction"] == "debit", postings["amount"], 0)
    postings["salary"] = postings["purpose"] == "salary"
    for channel in ("counter", "mobile", "web", "atm"):
        postings[channel] = postings["channel"] == channel
    return postings.groupby("party_key").agg(
        postings=("day", "size"), active_days=("day", "nunique"), last_on=("day", "max"), inflow=("inflow", "sum"),
        outflow=("outflow", "sum"), salary=("salary", "sum"), counter=("counter", "sum"), mobile=("mobile", "sum"),
        web=("web", "sum"), atm=("atm", "sum"),
    )  # fmt: skip


def _tiers(inputs: Mapping[str, Sequence[Path]], table: pd.DataFrame) -> pd.Series:
    before = _read(inputs["prev_tier"], ["party_key", "held_rank", "months_below"]).set_index("party_key")
    reached = pd.Series(np.searchsorted(LINES, table["daily_average"], side="right") + 1, index=table.index)
    held, below = (before[column].reindex(table.index) for column in ("held_rank", "months_below"))
    falls = below.fillna(0) + 1 >= np.where(held >= 4, 6, 3)
    return pd.Series(np.where(held.isna() | (reached >= held) | falls, reached, held), index=table.index)
