"""Products, transfer prices and exchange rates of the demo bank."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

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

_LIVES_ON = "主险为终身保障，无固定到期日；犹豫期 15 天。"
_ANYTIME = "开放式，交易日 15:00 前申购按当日净值确认，赎回 T+1 到账。"
_ONCE_IN = "封闭运作，到期前不可赎回；到期次日本金与收益入账。"
# Issuer, least amount (yuan), term (days), rate and the upper end of a range (hundredths of a percent), further words.
Terms = tuple[str | None, int | None, int | None, int | None, int | None, str | None]
_LISTED: dict[str, Terms] = {
    "DM-PERS": (None, None, None, 5, None, "随存随取，按季结息。"),
    "DM-FIRM": (None, None, None, 5, None, "单位结算账户，按季结息。"),
    "DM-USD": (None, None, None, 5, None, "仅限个人；外汇局规定内结售汇。"),
    "FD-BOND": ("稳债基金管理公司", 10, None, None, None, _ANYTIME),
    "FD-MIX": ("均衡基金管理公司", 10, None, None, None, _ANYTIME),
    "FD-STOCK": ("沪深基金管理公司", 10, None, None, None, _ANYTIME),
    "IN-LIFE": (
        "福满人寿保险公司",
        10_000,
        1_826,
        None,
        None,
        "五年期交，犹豫期 15 天；提前退保可能有损失。",
    ),
    "IN-ANNU": (
        "安享养老保险公司",
        20_000,
        None,
        None,
        None,
        "55 至 60 岁起领，犹豫期 15 天；提前退保可能有损失。",
    ),
    "IN-LINK": ("福满人寿保险公司", 50_000, None, None, None, _LIVES_ON),
    "ST-GOLD": (None, 10_000, 90, 85, 265, "保本浮动收益，收益与上海金基准价挂钩；到期前不可提前支取。"),
    "WM-NEW": (None, 10_000, 60, 230, 290, "仅限首次购买本行理财的客户，每人限购 50 万元。" + _ONCE_IN),
    "WM-EQTY": ("城商理财公司", 10_000, 1_096, 380, 560, _ONCE_IN),
    "WM-NEXT": (None, 10_000, 180, 240, 280, _ONCE_IN),
    "WM-OLD": (None, 50_000, 360, 360, 420, _ONCE_IN),
    "MT-GOLD": (None, 700, None, None, None, "以 1 克起购，按实时金价；可提取实物，提取另收加工费。"),
    "TR-PRIV": ("国信信托公司", 1_000_000, 1_826, None, None, "仅限合格投资者；存续期内不开放赎回。"),
}


def _terms_of(code: str) -> Terms:
    """What the list says of a product: the deposits and closed-end products by their term, the others each."""
    family, _dash, term = code.partition("-")
    if family in ("TD", "CD"):
        months = int(term.removesuffix("M"))
        rate = round(float(shapes.TIME_RATES[list(shapes.TIME_TERMS).index(months)]) * 10_000)
        least = 50 if family == "TD" else 200_000
        words = "提前支取按活期计息。" if family == "TD" else "可转让；提前支取按活期计息。"
        return None, least, round(months * 365.25 / 12), rate + (0 if family == "TD" else 10), None, words
    if code.startswith("WM-") and term.removesuffix("D").isdigit():
        days_ = int(term.removesuffix("D"))
        rate = round(float(shapes.WEALTH_RATES[list(shapes.WEALTH_TERMS).index(days_)]) * 10_000)
        return None, 10_000, days_, rate, rate + 40, _ONCE_IN
    return _LISTED.get(code, (None, None, None, None, None, "以审批结果为准；利率按最新 LPR 加减点执行。"))


def products(over: Span) -> pa.Table:
    """The products file: most sold always, some in a window around the business date, before it or after."""
    terms = list(zip(*map(_terms_of, CODES), strict=True))
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
            "issuer": pa.array(terms[0], pa.string()),
            "currency": pa.array(["USD" if code == "DM-USD" else "CNY" for code in CODES], pa.string()),
            "min_amount": pa.array(terms[1], pa.int64()),
            "term_days": pa.array(terms[2], pa.int64()),
            "rate": _share(terms[3]),
            "rate_to": _share(terms[4]),
            "note": pa.array(terms[5], pa.string()),
        }
    )


def _share(hundredths: Sequence[int | None]) -> pa.Array:
    """Hundredths of a percent as the shares a rate is delivered in."""
    return pa.array(
        [None if each is None else Decimal(each) / 10_000 for each in hundredths], pa.decimal128(18, 8)
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
