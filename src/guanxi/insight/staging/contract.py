"""The input contract (数据接口): every file a bank hands over, column by column.

This module is the one source: the reader types columns by it, `guanxi mapping check` explains by it, the demo
generator writes by it and `docs/how-to/extracts.md` is printed from it.
"""

from __future__ import annotations

from guanxi.insight.staging.columns import SQL_TYPE, Column, ExtractFile, Kind
from guanxi.insight.staging.contract_dated import BALANCES, CHANNEL_EVENTS, SERVICE_EVENTS, TRANSACTIONS
from guanxi.insight.staging.protection import PARTED

__all__ = [
    "BY_NAME",
    "FILES",
    "NEEDS_ONE_OF",
    "SQL_TYPE",
    "Column",
    "ExtractFile",
    "Kind",
    "staged_columns",
    "staged_key",
]

T, C, D, M, R, S, N, F, P = (
    Kind.TEXT,
    Kind.CODE,
    Kind.DAY,
    Kind.MONEY,
    Kind.RATE,
    Kind.SHARE,
    Kind.COUNT,
    Kind.FLAG,
    Kind.PERSONAL,
)

UNITS = ExtractFile(
    "units",
    "机构",
    "The organisation tree: legal entities, branches, outlets.",
    ("unit_no",),
    (
        Column("unit_no", T, "机构号", needed=True),
        Column("name", T, "机构名称", needed=True),
        Column("parent_no", T, "上级机构号", "Empty for the legal entity at the root.", of="units.unit_no"),
        Column("kind", C, "机构类型", needed=True, values=("legal_entity", "branch", "outlet")),
        Column("area", C, "区域", values=("urban", "county", "township")),
    ),
    without="One unit named after the bank stands for all; no drill-down by outlet.",
)

STAFF = ExtractFile(
    "staff",
    "员工",
    "People with their post; one row per person and post, dated.",
    ("staff_no", "post", "valid_from"),
    (
        Column("staff_no", T, "工号", needed=True),
        Column("name", T, "姓名", needed=True),
        Column("unit_no", T, "所在机构", needed=True, of="units.unit_no"),
        Column(
            "post",
            C,
            "岗位",
            needed=True,
            values=(
                "relationship_manager",
                "corporate_manager",
                "planner",
                "teller",
                "lobby",
                "outlet_head",
                "supervisor",
                "analyst",
                "administrator",
                "compliance",
                "other",
            ),
        ),
        Column("valid_from", D, "任职日期", needed=True),
        Column("valid_to", D, "离任日期", "First day no longer in post; empty while it lasts."),
    ),
    without="No keepers (管户) from the extract; logins are made by hand.",
)

CUSTOMERS = ExtractFile(
    "customers",
    "客户",
    "Persons and companies as the core system numbers them.",
    ("customer_no",),
    (
        Column("customer_no", T, "客户号", needed=True),
        Column(
            "kind",
            C,
            "客户类型",
            needed=True,
            values=("person", "sole_trader", "company", "government", "interbank"),
        ),
        Column("name", T, "姓名/名称"),
        Column(
            "id_type", C, "证件类型", values=("resident_id", "resident_id_15", "uscc", "passport", "other")
        ),
        Column("id_no", P, "证件号码"),
        Column("sex", C, "性别", values=("male", "female")),
        Column("birth_date", D, "出生日期"),
        Column("since", D, "开户日期", "First day as a customer; the oldest account's opening when absent."),
        Column("unit_no", T, "客户归属机构", "The managing outlet (管户机构).", of="units.unit_no"),
        Column("keeper_no", T, "管户人工号", of="staff.staff_no"),
        Column("area", C, "城乡标识", values=("urban", "rural")),
        Column("village", T, "居住村/社区"),
        Column("occupation", T, "职业"),
        Column("employer_name", T, "单位"),
        Column(
            "resident_type",
            C,
            "居民类型",
            values=("farmer", "sole_trader", "micro_owner", "employee", "retired", "other"),
        ),
        Column("size_class", C, "企业规模", values=("large", "medium", "small", "micro")),
        Column("industry", T, "行业"),
        Column("risk_grade", C, "风险承受等级", values=("C1", "C2", "C3", "C4", "C5")),
        Column("risk_expires_on", D, "风险测评到期日"),
        Column(
            "professional",
            F,
            "专业投资者",
            "Recognised as a professional investor; the usual limits of suitability differ.",
            default="false",
        ),
        Column(
            "no_offers",
            F,
            "不作产品推荐",
            "No product is to be recommended, for whatever reason: the customer's wish, the bank's own.",
            default="false",
        ),
        Column(
            "control",
            C,
            "业务管控",
            "What the bank's anti-money-laundering system lets be done; never a reason, a report or a score.",
            values=("allow", "limit", "stop"),
            default="allow",
        ),
        Column(
            "due_diligence_on",
            D,
            "身份资料更新到期日",
            "When what is known of the customer is to be renewed.",
        ),
        Column(
            "renown_kind",
            C,
            "知名度依据",
            values=("village_cadre", "business_owner", "deputy", "committee_member", "listed", "other"),
        ),
        Column("renown_source", T, "知名度来源"),
        Column("renown_on", D, "知名度登记日"),
        Column("state", C, "客户状态", values=("active", "closed", "deceased"), default="active"),
        Column(
            "updated_on",
            D,
            "资料更新日期",
            "Where one person stands under several numbers, the younger entry of a field counts.",
        ),
    ),
    required=True,
)

CONTACT_POINTS = ExtractFile(
    "contact_points",
    "联系方式",
    "Phones, e-mail and postal addresses.",
    ("customer_no", "kind", "value"),
    (
        Column("customer_no", T, "客户号", needed=True, of="customers.customer_no"),
        Column("kind", C, "类型", needed=True, values=("mobile", "phone", "email", "wecom", "address")),
        Column("value", P, "号码/地址", needed=True),
        Column("is_primary", F, "首选", default="false"),
    ),
    without="No phone search and no contact points on the customer page.",
)

CONSENTS = ExtractFile(
    "consents",
    "授权同意",
    "What a customer has agreed to or refused, per purpose and channel.",
    ("customer_no", "purpose", "channel", "given_on"),
    (
        Column("customer_no", T, "客户号", needed=True, of="customers.customer_no"),
        Column("purpose", C, "用途", needed=True, values=("marketing", "profiling", "sharing", "service")),
        Column("channel", C, "渠道", needed=True, values=("sms", "phone", "email", "wecom", "any")),
        Column("agreed", F, "是否同意", needed=True),
        Column("given_on", D, "日期", needed=True),
        Column("source", T, "来源"),
    ),
    without="Nobody counts as reachable for marketing.",
)

RELATIONS = ExtractFile(
    "relations",
    "客户关系",
    "Declared relations; a relation never carries wealth.",
    ("customer_no", "other_no", "kind"),
    (
        Column("customer_no", T, "客户号", needed=True, of="customers.customer_no"),
        Column("other_no", T, "对方客户号", needed=True, of="customers.customer_no"),
        Column(
            "kind",
            C,
            "关系",
            "`customer_no` is the <kind> of `other_no`.",
            needed=True,
            values=(
                "spouse",
                "parent",
                "child",
                "guardian",
                "agent",
                "authorised",
                "employee",
                "owner",
                "legal_person",
                "guarantor",
            ),
        ),
        Column("valid_from", D, "起始日"),
        Column("valid_to", D, "终止日"),
    ),
    without="No relations panel; relatedness (关联度) has no input.",
)

FAMILIES = (
    "demand",
    "time",
    "cd",
    "structured",
    "wealth",
    "fund",
    "insurance",
    "bond",
    "metal",
    "trust",
    "loan",
    "card",
)

PRODUCTS = ExtractFile(
    "products",
    "产品",
    "The product list with the family each belongs to.",
    ("product_code",),
    (
        Column("product_code", T, "产品代码", needed=True),
        Column("name", T, "产品名称", needed=True),
        Column("family", C, "产品大类", needed=True, values=FAMILIES),
        Column("risk_grade", C, "产品风险等级", values=("R1", "R2", "R3", "R4", "R5")),
        Column(
            "issuer_risk_grade",
            C,
            "发行方风险等级",
            "Of the bank's grade and the issuer's the higher counts",
            values=("R1", "R2", "R3", "R4", "R5"),
        ),
        Column("sold_from", D, "起售日"),
        Column("sold_to", D, "停售日"),
        Column("issuer", T, "发行机构", "Empty for the bank's own."),
        Column("currency", T, "币种", "ISO 4217; the terms below are in it."),
        Column("min_amount", M, "起购金额"),
        Column("term_days", N, "期限（天）", "Empty for products without a fixed end."),
        Column("rate", R, "年利率 / 业绩比较基准", "Of a range its lower end; a benchmark promises nothing."),
        Column("rate_to", R, "利率上限", "The upper end, when the bank states a range."),
        Column("note", T, "条款说明", "Further terms in the bank's words: who may buy, redemption, fees."),
    ),
    without="Every account counts as a demand deposit unless the mapping names a family.",
)

ACCOUNTS = ExtractFile(
    "accounts",
    "账户",
    "Every account, open or closed: deposits, wealth, loans, cards.",
    ("account_no",),
    (
        Column("account_no", T, "账号", needed=True),
        Column("product_code", T, "产品代码", of="products.product_code"),
        Column("family", C, "产品大类", "Only when there is no product list.", values=FAMILIES),
        Column("unit_no", T, "账户开户机构", of="units.unit_no"),
        Column("currency", T, "币种", "ISO 4217; the bank's base currency when absent."),
        Column("opened_on", D, "开户日", needed=True),
        Column("closed_on", D, "销户日"),
        Column(
            "state", C, "账户状态", values=("open", "frozen", "stopped", "dormant", "closed"), default="open"
        ),
        Column("started_on", D, "起息日"),
        Column("matures_on", D, "到期日"),
        Column("term_days", N, "存期（天）"),
        Column("rate", R, "执行利率"),
        Column("rolls_over", F, "约定转存标志", default="false"),
        Column("account_class", C, "账户分类", values=("I", "II", "III")),
        Column("open_channel", T, "开户渠道"),
        Column("acquired_by", T, "揽存人工号", of="staff.staff_no"),
        Column("card_no", P, "卡号"),
        Column("loan_class", C, "五级分类", values=("normal", "watch", "substandard", "doubtful", "loss")),
        Column("overdue_days", N, "逾期天数", default="0"),
        Column(
            "card_expires_on",
            D,
            "卡片到期日",
            "Last day the card counts; without it no reminder of a new card.",
        ),
        Column(
            "due_on",
            D,
            "下一扣款日",
            "Of a loan its next instalment; of a deposit account the next direct debit or standing order from it.",
        ),
        Column(
            "due_amount",
            M,
            "下期扣款金额",
            "In the account's currency; unreadable, the account stays without it.",
        ),
        Column(
            "paid_from_no",
            T,
            "扣款账号",
            "The account that pays; a deposit account pays by itself when empty, of a loan it is then not known.",
            of="accounts.account_no",
        ),
    ),
    required=True,
)

ACCOUNT_PARTIES = ExtractFile(
    "account_parties",
    "账户当事人",
    "Who stands behind an account and as what. Personal accounts belong to their holder alone (实名制).",
    ("account_no", "customer_no", "role"),
    (
        Column("account_no", T, "账号", needed=True, of="accounts.account_no"),
        Column("customer_no", T, "客户号", needed=True, of="customers.customer_no"),
        Column("role", C, "角色", needed=True, values=("holder", "joint", "agent", "guardian", "authorised")),
        Column("share", S, "份额", "Only for holder and joint; shares of one account sum to 1."),
    ),
    required=True,
)

ATTRIBUTIONS = ExtractFile(
    "attributions",
    "账户业绩归属",
    "Whose performance an account counts for (揽存人 / 营销人).",
    ("account_no", "staff_no", "kind", "valid_from"),
    (
        Column("account_no", T, "账号", needed=True, of="accounts.account_no"),
        Column("staff_no", T, "工号", needed=True, of="staff.staff_no"),
        Column("kind", C, "归属类型", needed=True, values=("deposit", "marketing")),
        Column("share", S, "份额", needed=True),
        Column("valid_from", D, "起始日", needed=True),
        Column("valid_to", D, "终止日"),
    ),
    without="Performance counts for the keeper only.",
)

CREDIT = ExtractFile(
    "credit",
    "评级授信",
    "Credit grade, line, use and expiry per customer.",
    ("customer_no",),
    (
        Column("customer_no", T, "客户号", needed=True, of="customers.customer_no"),
        Column("grade", T, "信用等级"),
        Column("credit_line", M, "授信额度"),
        Column("used", M, "用信余额"),
        Column("expires_on", D, "授信到期日"),
        Column("pd", R, "违约概率"),
        Column("lgd", R, "违约损失率"),
    ),
    without="No credit panel; expected loss uses the policy's defaults.",
    totals=("credit_line", "used"),
)

FTP_RATES = ExtractFile(
    "ftp_rates",
    "内部资金转移价格",
    "Transfer prices by product family, currency and tenor; the newest row on or before the start day counts.",
    ("family", "currency", "tenor_days", "day"),
    (
        Column("family", C, "产品大类", needed=True, values=FAMILIES),
        Column("currency", T, "币种", needed=True),
        Column(
            "tenor_days",
            N,
            "期限（天）",
            "The row covers tenors up to this many days; 0 for demand.",
            needed=True,
        ),
        Column("day", D, "生效日", needed=True),
        Column("rate", R, "转移价格", needed=True),
    ),
    without="Contribution (贡献度) is not computed.",
)

FX_RATES = ExtractFile(
    "fx_rates",
    "汇率",
    "Mid rate of one unit of the currency in the base currency, at day end.",
    ("currency", "day"),
    (
        Column("currency", T, "币种", needed=True),
        Column("day", D, "日期", needed=True),
        Column("mid", R, "中间价", needed=True),
    ),
    without="Accounts in other currencies are refused by name.",
)

FILES: tuple[ExtractFile, ...] = (
    UNITS,
    STAFF,
    CUSTOMERS,
    CONTACT_POINTS,
    CONSENTS,
    RELATIONS,
    PRODUCTS,
    ACCOUNTS,
    ACCOUNT_PARTIES,
    ATTRIBUTIONS,
    BALANCES,
    TRANSACTIONS,
    CHANNEL_EVENTS,
    SERVICE_EVENTS,
    CREDIT,
    FTP_RATES,
    FX_RATES,
)
BY_NAME: dict[str, ExtractFile] = {file.name: file for file in FILES}
NEEDS_ONE_OF = ("balances", "transactions")


def staged_columns(file: ExtractFile) -> tuple[tuple[str, str], ...]:
    """(name, DuckDB type) of the staged table: origin first, then the contract's columns.

    A personal column `x` becomes `x_token` (keyed token of the whole value), `x_masked` (what a list may show) and
    `x_valid` (whether its form and check digit hold); those that linkage compares also `x_parts`. Customers also carry
    their keys, made where they are read.
    """
    columns: list[tuple[str, str]] = [("file", "VARCHAR"), ("line", "BIGINT")]
    if file.name == "customers":
        columns += [("party_key", "BIGINT"), ("party_uuid", "VARCHAR"), ("bucket", "SMALLINT")]
    for column in file.columns:
        if column.kind is Kind.PERSONAL:
            columns += [
                (f"{column.name}_token", "VARCHAR"),
                (f"{column.name}_masked", "VARCHAR"),
                (f"{column.name}_valid", "BOOLEAN"),
            ]
            if (file.name, column.name) in PARTED:
                columns.append((f"{column.name}_parts", "VARCHAR"))
        else:
            columns.append((column.name, SQL_TYPE[column.kind]))
    return tuple(columns)


def staged_key(file: ExtractFile) -> tuple[str, ...]:
    """The key as named in the staged table: a personal column is known there by its token."""
    personal = {column.name for column in file.columns if column.kind is Kind.PERSONAL}
    return tuple(f"{name}_token" if name in personal else name for name in file.key)
