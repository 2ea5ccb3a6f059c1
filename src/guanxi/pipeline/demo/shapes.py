"""The shapes the demo bank is drawn from: shares, medians and calendars of a Chinese city and rural bank.

They describe a made-up bank, not a policy of a real one; `banks/demo/README.md` says where each comes from.
Money is in yuan here and turned into fen where amounts are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEN = 100
WAN = 10_000 * FEN  # 1万 in fen

# The documents' bank: persons per month-end band, and AUM per band in yuan.
S_BANK = 459_067
S_MIDDLE = 39_200
S_VIP = 8_467
S_PRIVATE = 7  # at 600万 and above
SMALL_BANK = 20_000
SMALL_PRIVATE = 2  # planted, where the shares would give none

LINE_MIDDLE = 5 * WAN
LINE_VIP = 20 * WAN
LINE_PRIVATE = 600 * WAN
ABOVE_LINE = 1_000  # fen: nobody stands so near a band's line that rounding decides

LOW_EMPTY = 0.175  # hold 0-10 yuan
LOW_MEAN = 4_823.0
LOW_SIGMA = 1.9
MIDDLE_ALPHA = 0.82
VIP_ALPHA = 2.10

AREAS = ("urban", "county", "township")

AGE_BANDS = ((0, 17), (18, 30), (31, 40), (41, 50), (51, 60), (61, 88))
AGE_COUNT = {
    "urban": np.array([2.0, 15.0, 20.0, 20.0, 21.0, 22.0]),
    "county": np.array([2.0, 13.5, 17.0, 21.0, 22.0, 24.5]),
    "township": np.array([2.5, 9.5, 10.5, 20.0, 21.5, 36.0]),
}
AGE_ASSET = {
    "urban": np.array([0.1, 3.0, 11.0, 19.0, 28.0, 39.0]),
    "county": np.array([0.1, 3.2, 9.5, 20.0, 27.0, 40.0]),
    "township": np.array([0.1, 2.8, 3.7, 19.5, 23.5, 50.0]),
}

# Mobile active by age band (17 and under never), urban and rural.
MOBILE = {
    "2026": {"urban": (0.0, 0.78, 0.82, 0.70, 0.50, 0.22), "rural": (0.0, 0.65, 0.68, 0.48, 0.28, 0.08)},
    # The documents' year: 8.9 % of customers activated, of these 34 % by mobile, the young first.
    "seed": {
        "urban": (0.0, 0.088, 0.055, 0.030, 0.015, 0.004),
        "rural": (0.0, 0.06, 0.035, 0.018, 0.008, 0.002),
    },
}
WEB = {"2026": 0.12, "seed": 0.0680}  # active by web bank: share of adults
WECHAT = {"2026": 0.30, "seed": 0.0}
PHONE = {"2026": 0.02, "seed": 0.004}
PROFILES = tuple(MOBILE)

# Share of AUM by family, and how many people of the band hold it: demand is the rest.
FAMILIES = ("time", "wealth", "fund", "insurance")
BAND_EDGES = (LINE_MIDDLE, LINE_VIP, 50 * WAN, 100 * WAN)  # five bands for the mix
MIX = np.array(
    [
        [0.42, 0.03, 0.00, 0.00],
        [0.70, 0.10, 0.01, 0.01],
        [0.62, 0.20, 0.02, 0.04],
        [0.54, 0.25, 0.035, 0.07],
        [0.45, 0.30, 0.05, 0.10],
    ]
)
HOLDERS = np.array(
    [
        [0.62, 0.05, 0.00, 0.00],
        [0.90, 0.19, 0.04, 0.03],
        [0.93, 0.38, 0.09, 0.12],
        [0.93, 0.52, 0.16, 0.20],
        [0.93, 0.68, 0.26, 0.32],
    ]
)
TOWNSHIP_SHIFT = 0.15  # time deposits up, wealth down

TIME_TERMS = np.array([3, 6, 12, 24, 36, 60])  # months
TIME_WEIGHTS = np.array([8.0, 10.0, 32.0, 18.0, 28.0, 4.0])
TIME_RATES = np.array([0.0085, 0.0105, 0.0125, 0.0130, 0.0155, 0.0160])
CD_EXTRA = 0.0020
WEALTH_TERMS = np.array([30, 90, 180, 365])  # days
WEALTH_WEIGHTS = np.array([10.0, 35.0, 35.0, 20.0])
WEALTH_RATES = np.array([0.0195, 0.0215, 0.0235, 0.0255])
ROLLS_OVER = 0.65
WHOLE_WAN = 0.80
DEMAND_RATE = 0.0005
EARLY_A_YEAR = 0.04

SALARY = {"urban": 6_500.0, "county": 5_200.0, "township": 4_300.0}
PAYROLL_SHARE = 0.48  # hired when history begins; with those between two jobs about 43 % are paid in a month
PAYDAYS = np.array([10, 15, 25])
PENSION = {"urban": 3_000.0, "county": 1_600.0, "township": 220.0}
PENSION_DAY = 15
EMPLOYER_MEDIAN = 28.0
EMPLOYER_SIGMA = 1.45  # 90 % of employers have at most 180
EMPLOYER_MAX = 3_000
PAYMENT_MEDIAN = 28.0
PAYMENTS_A_MONTH = 3.6  # thinned: a real wallet pays more often

NEW_MONEY_A_MONTH = 0.0090  # share of the sums held at the business date that came in any one month
BATCHES_STOP_EVERY = 6  # months: how often an employer moves its payroll to another bank

TRADER_SHARE = (
    0.018  # of those who own: sole traders (个体工商户), natural persons in law, with wealth and a band
)
COMPANY_SHARE = 0.017
DEPARTED_SHARE = 0.012
POTENTIAL_SHARE = 0.010

STORIES = (
    "steady",
    "growing",
    "new",
    "dormant",
    "leaving",
    "going",
    "lost",
    "won_back",
    "empty",
    "departed",
    "potential",
)
STORY = {name: code for code, name in enumerate(STORIES)}
STAGE_OF_STORY = {
    "steady": "mature",
    "growing": "growing",
    "new": "growing",
    "dormant": "declining",
    "leaving": "declining",
    "going": "mature",
    "lost": "lost",
    "won_back": "won_back",
    "empty": "mature",
    "departed": "lost",
    "potential": "potential",
}
STORY_WEIGHTS = {  # by band: low, middle, VIP
    0: {
        "steady": 62.0,
        "growing": 10.0,
        "new": 8.0,
        "dormant": 1.8,
        "leaving": 14.0,
        "going": 1.6,
        "won_back": 0.8,
    },
    1: {"steady": 66.0, "growing": 13.0, "new": 3.5, "leaving": 13.0, "going": 2.5, "won_back": 1.2},
    2: {"steady": 71.0, "growing": 12.0, "new": 2.5, "leaving": 11.0, "going": 3.0, "won_back": 0.8},
}
# Of those with next to nothing most use their account as a way through; a few let it sleep, some had money here once.
EMPTY_WEIGHTS = {"empty": 70.0, "dormant": 4.0, "lost": 16.0, "steady": 10.0}

REASONS = (
    "better_rate_elsewhere",
    "brokerage",
    "house",
    "early_repayment",
    "payroll_stopped",
    "moved",
    "service",
)
REASON_WEIGHTS = np.array([38.0, 17.0, 14.0, 8.0, 9.0, 8.0, 6.0])
OWN_NAME = np.array([True, True, False, False, True, True, True])  # money goes to an account of the same name
DESTINATIONS = (
    "工商银行",
    "农业银行",
    "建设银行",
    "中国银行",
    "邮储银行",
    "招商银行",
    "微众银行",
    "华泰证券",
    "东方财富证券",
    "房产交易资金监管户",
)
WALLETS = ("财付通", "支付宝")
COUNTER_BANKS = (*WALLETS, *DESTINATIONS, "本行")


@dataclass(frozen=True)
class Kind:
    """A kind of posting: the contract's purpose, whether the customer began it, and its usual channels by weight."""

    purpose: str
    by_customer: bool
    channels: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "salary": Kind("salary", False, ("system",)),
    "pension": Kind("pension", False, ("system",)),
    "subsidy": Kind("subsidy", False, ("system",)),
    "payment": Kind("payment", True, ("third_party", "third_party", "third_party", "pos")),
    "cash_in": Kind("cash", True, ("counter", "atm")),
    "cash_out": Kind("cash", True, ("atm", "atm", "counter")),
    "transfer_in": Kind("transfer", True, ("mobile", "third_party", "counter")),
    "transfer_out": Kind("transfer", True, ("mobile", "mobile", "counter")),
    "interest": Kind("interest", False, ("system",)),
    "fee": Kind("fee", False, ("system",)),
    "invest_out": Kind("investment", True, ("mobile", "counter")),
    "invest_in": Kind("investment", False, ("system",)),
    "repayment": Kind("loan", False, ("system",)),
    "drawn": Kind("loan", True, ("counter",)),
    "payroll_batch": Kind("salary", True, ("web",)),
    "business_in": Kind("transfer", True, ("web", "counter", "third_party")),
    "business_out": Kind("transfer", True, ("web", "counter")),
    "tax": Kind("tax", False, ("system",)),
}
KIND = {name: code for code, name in enumerate(KINDS)}
CHANNELS = ("counter", "atm", "mobile", "web", "phone", "pos", "third_party", "system")
CHANNEL = {name: code for code, name in enumerate(CHANNELS)}
