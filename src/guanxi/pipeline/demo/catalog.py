"""Products, transfer prices and exchange rates of the demo bank."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.columns import NO_DAY, RATE, days, scaled
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.loans import PRODUCTS as LOAN_PRODUCTS
from guanxi.pipeline.demo.streams import Streams

SCALE = 10**8
TERM_WORDS = ("三个月", "六个月", "一年", "二年", "三年", "五年")
DEMAND_PERSON, DEMAND_FIRM, DEMAND_USD = 0, 1, 2
FIRST_TIME = 3
FIRST_CD = FIRST_TIME + len(TERM_WORDS)
FIRST_WEALTH = FIRST_CD + len(TERM_WORDS)
FIRST_FUND = FIRST_WEALTH + len(shapes.WEALTH_TERMS)
FUNDS = 3
FIRST_INSURANCE = FIRST_FUND + FUNDS
INSURANCES = 2
FIRST_LOAN = FIRST_INSURANCE + INSURANCES

_LOAN_NAMES = ("个人住房贷款", "个人消费贷款", "惠农贷", "个人经营贷款", "流动资金贷款")
CATALOG: tuple[tuple[str, str, str, str | None], ...] = (
    ("DM-PERS", "个人活期存款", "demand", None),
    ("DM-FIRM", "单位活期存款", "demand", None),
    ("DM-USD", "个人美元活期", "demand", None),
    *(
        (f"TD-{months}M", f"整存整取{word}", "time", None)
        for months, word in zip(shapes.TIME_TERMS, TERM_WORDS, strict=True)
    ),
    *(
        (f"CD-{months}M", f"大额存单{word}", "cd", None)
        for months, word in zip(shapes.TIME_TERMS, TERM_WORDS, strict=True)
    ),
    *(
        (f"WM-{term}D", f"稳盈封闭式理财{term}天", "wealth", grade)
        for term, grade in zip(shapes.WEALTH_TERMS, ("R1", "R2", "R2", "R3"), strict=True)
    ),
    ("FD-BOND", "稳债基金A", "fund", "R2"),
    ("FD-MIX", "均衡配置混合基金", "fund", "R3"),
    ("FD-STOCK", "沪深指数基金", "fund", "R4"),
    ("IN-LIFE", "福满年年两全保险", "insurance", "R1"),
    ("IN-ANNU", "安享养老年金", "insurance", "R2"),
    *((code, name, "loan", None) for code, name in zip(LOAN_PRODUCTS, _LOAN_NAMES, strict=True)),
    # On the shelf, before it or no longer: nobody holds these yet.
    ("ST-GOLD", "金价挂钩结构性存款90天", "structured", "R2"),
    ("WM-NEW", "稳盈新客专享60天", "wealth", "R2"),
    ("WM-EQTY", "进取权益类理财三年", "wealth", "R4"),
    ("WM-NEXT", "稳盈新年特供180天", "wealth", "R2"),
    ("WM-OLD", "稳盈五周年纪念360天", "wealth", "R3"),
    ("MT-GOLD", "积存金", "metal", "R3"),
    ("IN-LINK", "投资连结终身寿险", "insurance", "R4"),
    ("TR-PRIV", "私募股权投资集合信托", "trust", "R5"),
)
CODES = [code for code, *_ in CATALOG]
# Products of others: what their issuer says; of two grades the higher counts.
ISSUERS = {
    "FD-BOND": "R2",
    "FD-MIX": "R4",
    "FD-STOCK": "R4",
    "TR-PRIV": "R5",
    "IN-LINK": "R3",
    "WM-EQTY": "R4",
}
RISKS = np.array(  # R1..R5 as 1..5, the higher of both grades; 0: none
    [
        max(int(grade[1]) for grade in (risk, ISSUERS.get(code)) if grade) if risk else 0
        for code, *_, risk in CATALOG
    ]
)
ALWAYS = 16_436  # 2015-01-01
# First and last day of sale, in days from the business date; products without a row are sold always.
WINDOWS = {
    "WM-NEW": (-20, 40),
    "WM-EQTY": (-400, None),
    "WM-NEXT": (35, 95),
    "WM-OLD": (-2_200, -1_800),
    "ST-GOLD": (-3, 4),
    "TR-PRIV": (-90, 90),
}


def products(over: Span) -> pa.Table:
    """The products file: most sold always, some in a window around the business date, before it or after."""
    columns = list(zip(*CATALOG, strict=True))
    rows = len(CATALOG)
    begins, ends = np.full(rows, ALWAYS), np.full(rows, NO_DAY)
    for code, (first, last) in WINDOWS.items():
        begins[CODES.index(code)] = over.until + first
        ends[CODES.index(code)] = NO_DAY if last is None else over.until + last
    return pa.table(
        {
            "product_code": pa.array(columns[0], pa.string()),
            "name": pa.array(columns[1], pa.string()),
            "family": pa.array(columns[2], pa.string()),
            "risk_grade": pa.array(columns[3], pa.string()),
            "issuer_risk_grade": pa.array([ISSUERS.get(code) for code in CODES], pa.string()),
            "sold_from": days(begins),
            "sold_to": days(ends),
        }
    )


# What head office pays for deposits and asks for loans, by tenor in days, in hundredths of a percent.
_DEPOSIT_PRICES = ((0, 118), (92, 168), (184, 186), (366, 204), (731, 212), (1_096, 232), (3_700, 240))
_LOAN_PRICES = ((366, 225), (1_096, 250), (10_000, 238))


def ftp_rates(over: Span) -> pa.Table:
    """The transfer prices: a set before history and a new one each half year, a little lower every time."""
    issued = [over.first - 2_600, over.first - 900, *(int(day) for day in over.starts[::6])]
    rows: list[tuple[str, str, int, int, int]] = []
    for place, day in enumerate(issued):
        lower = -2 * place
        rows += [("demand", currency, 0, day, 118 + lower) for currency in ("CNY", "USD")]
        for family in ("time", "cd", "structured"):
            rows += [(family, "CNY", tenor, day, price + lower) for tenor, price in _DEPOSIT_PRICES[1:]]
        rows += [("loan", "CNY", tenor, day, price + lower) for tenor, price in _LOAN_PRICES]
    columns = list(zip(*rows, strict=True))
    return pa.table(
        {
            "family": pa.array(columns[0], pa.string()),
            "currency": pa.array(columns[1], pa.string()),
            "tenor_days": pa.array(columns[2], pa.int64()),
            "day": days(np.array(columns[3])),
            "rate": scaled(np.array(columns[4], np.int64) * (SCALE // 10_000), RATE),
        }
    )


def usd_mid(streams: Streams, over: Span) -> np.ndarray:
    """Mid rate of the dollar for every calendar day of history, in hundred-millionths."""
    rng = streams.of("dollar")
    count = over.until - over.first + 1
    path = 71_000 + np.cumsum(rng.integers(-60, 61, count))
    weekend = (np.arange(over.first, over.until + 1) + 3) % 7 > 4
    steps = np.where(weekend, 0, np.diff(path, prepend=path[0]))
    return (71_000 + np.cumsum(steps)) * (SCALE // 10_000)


def fx_rates(mid: np.ndarray, over: Span) -> pa.Table:
    """The exchange rates file: weekends carry Friday's rate."""
    return pa.table(
        {
            "currency": pa.array(["USD"] * len(mid), pa.string()),
            "day": days(np.arange(over.first, over.until + 1)),
            "mid": scaled(mid, RATE),
        }
    )
