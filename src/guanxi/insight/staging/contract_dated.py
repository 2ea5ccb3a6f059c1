"""The files that grow day by day (数据接口，按日文件): balances, postings, channel and service events."""

from __future__ import annotations

from guanxi.insight.staging.columns import Column, ExtractFile, Kind

T, C, D, M, N, F, P = Kind.TEXT, Kind.CODE, Kind.DAY, Kind.MONEY, Kind.COUNT, Kind.FLAG, Kind.PERSONAL


BALANCES = ExtractFile(
    "balances",
    "余额",
    "Day-end balances: one row when the balance changed, and for every open account at month end. "
    "Loans are positive amounts owed.",
    ("account_no", "day"),
    (
        Column("account_no", T, "账号", needed=True, of="accounts.account_no"),
        Column("day", D, "日期", needed=True),
        Column("balance", M, "余额", needed=True),
        Column("in_transit", M, "在途资金", "Subscription frozen or redemption under way.", default="0"),
        Column("balance_days", M, "月积数", "Month-to-date sum of day-end balances, when the bank keeps it."),
    ),
    without="Balances are rebuilt from the transactions' balance after posting.",
    totals=("balance",),
)

TRANSACTIONS = ExtractFile(
    "transactions",
    "交易流水",
    "Postings in file order.",
    ("transaction_no",),
    (
        Column("transaction_no", T, "流水号", needed=True),
        Column("account_no", T, "账号", needed=True, of="accounts.account_no"),
        Column("day", D, "交易日", needed=True),
        Column("direction", C, "借贷", "credit = into the account.", needed=True, values=("credit", "debit")),
        Column("amount", M, "金额", needed=True),
        Column("balance_after", M, "交易后余额"),
        Column(
            "purpose",
            C,
            "摘要类别",
            "The bank's summary codes (摘要码) mapped to these.",
            values=(
                "salary",
                "pension",
                "social_security",
                "subsidy",
                "cash",
                "transfer",
                "payment",
                "investment",
                "loan",
                "card",
                "interest",
                "fee",
                "tax",
                "other",
            ),
            default="other",
        ),
        Column(
            "by_customer",
            F,
            "客户发起",
            "False for interest, fees and other system postings.",
            default="true",
        ),
        Column(
            "channel",
            C,
            "渠道",
            values=("counter", "atm", "mobile", "web", "phone", "pos", "third_party", "system"),
        ),
        Column("counter_bank", T, "对手行名"),
        Column("counter_name", P, "对手户名"),
        Column("same_name", F, "同名标志"),
        Column("paid_by_no", T, "付款单位客户号", "For payroll: the company's customer number."),
    ),
    without="No activity, RFM or sleep evidence; stages fall back to balances.",
    totals=("amount",),
)

CHANNEL_EVENTS = ExtractFile(
    "channel_events",
    "渠道事件",
    "Sign-ups and log-ins, summed per customer, day, channel and event.",
    ("customer_no", "day", "channel", "event"),
    (
        Column("customer_no", T, "客户号", needed=True, of="customers.customer_no"),
        Column("day", D, "日期", needed=True),
        Column("channel", C, "渠道", needed=True, values=("mobile", "web", "wechat", "phone")),
        Column("event", C, "事件", needed=True, values=("sign_up", "log_in", "cancel")),
        Column("times", N, "次数", default="1"),
    ),
    without="No channel profile and no age × channel table.",
)

SERVICE_EVENTS = ExtractFile(
    "service_events",
    "客户服务事件",
    "What a customer asked for, cancelled or complained of, at the counter or elsewhere.",
    ("event_no",),
    (
        Column("event_no", T, "事件编号", needed=True),
        Column("customer_no", T, "客户号", needed=True, of="customers.customer_no"),
        Column("day", D, "日期", "The day it was recorded.", needed=True),
        Column(
            "kind",
            C,
            "事件类型",
            "Complaint 投诉, direct debit 代扣签约 / 解约, early withdrawal 提前支取, closing 销户申请, cash 大额取现预约.",
            needed=True,
            values=(
                "complaint",
                "direct_debit_signed",
                "direct_debit_cancelled",
                "early_withdrawal",
                "closing_request",
                "large_cash_request",
            ),
        ),
        Column("account_no", T, "账号", of="accounts.account_no"),
        Column("channel", C, "渠道", values=("counter", "mobile", "web", "phone", "wechat", "other")),
        Column("amount", M, "金额"),
        Column("about", T, "事项", "The bank's own word for what it was about: a service, a payee."),
        Column("unit_no", T, "受理机构", of="units.unit_no"),
        Column(
            "settled_on",
            D,
            "办结日",
            "Empty while a complaint is open; hand the row over again when it is settled.",
        ),
    ),
    without="Complaints, cancelled direct debits, early withdrawals and closing requests give no warning.",
)
