"""docs/how-to/extracts.md, printed from the contract so that the page and the reader cannot differ."""

from __future__ import annotations

from guanxi.insight.staging.contract import FILES, NEEDS_ONE_OF, Column, ExtractFile, Kind
from guanxi.insight.staging.contract_words import without_zh
from guanxi.insight.staging.expressions import FUNCTIONS

EXAMPLES: dict[str, str] = {
    "units": """unit_no,name,parent_no,kind,area
0000,示例农商银行,,legal_entity,
0100,城区支行,0000,branch,urban
0101,人民路分理处,0100,outlet,urban
""",
    "staff": """staff_no,name,unit_no,post,valid_from,valid_to
90001,李晓梅,0101,relationship_manager,2019-07-01,
90002,陈建国,0101,teller,2021-03-01,2025-09-01
""",
    "customers": """customer_no,kind,name,id_type,id_no,sex,birth_date,since,unit_no,keeper_no,area,state
81000001,person,王小明,resident_id,11010519491231002X,female,1949-12-31,2008-05-06,0101,90001,urban,active
82000001,company,示例食品有限公司,uscc,91350100M000100Y43,,,2015-02-03,0101,,,active
""",
    "contact_points": """customer_no,kind,value,is_primary
81000001,mobile,13800138000,true
81000001,address,江苏省南京市玄武区示例路1号,false
""",
    "consents": """customer_no,purpose,channel,agreed,given_on,source
81000001,marketing,sms,true,2024-06-01,counter
""",
    "relations": """customer_no,other_no,kind,valid_from,valid_to
81000001,82000001,legal_person,2015-02-03,
""",
    "products": """product_code,name,family,risk_grade,sold_from,sold_to,currency,min_amount,term_days,rate,rate_to
D001,活期储蓄,demand,,,,CNY,,,0.0005,
T012,整存整取一年,time,,,,CNY,50.00,365,0.0125,
W180,稳享180天,wealth,R2,2026-01-05,2026-12-31,CNY,10000.00,180,0.0220,0.0260
""",
    "accounts": """account_no,product_code,unit_no,opened_on,state,started_on,matures_on,rate,rolls_over,card_no
6200010001,D001,0101,2008-05-06,open,,,0.0005,false,6222020000000000000
6200010002,T012,0101,2026-02-10,open,2026-02-10,2027-02-10,0.0155,true,
""",
    "account_parties": """account_no,customer_no,role,share
6200010001,81000001,holder,
6200010002,81000001,holder,
""",
    "attributions": """account_no,staff_no,kind,share,valid_from,valid_to
6200010002,90001,deposit,1,2026-02-10,
""",
    "balances": """account_no,day,balance,in_transit,balance_days
6200010001,2026-10-15,12000.50,0,
6200010001,2026-10-31,9800.00,5000.00,
6200010002,2026-10-31,200000.00,0,
""",
    "transactions": """transaction_no,account_no,day,direction,amount,balance_after,purpose,by_customer,counter_name
T2610150001,6200010001,2026-10-15,credit,6500.00,12000.50,salary,false,示例食品有限公司
T2610310009,6200010001,2026-10-31,debit,2200.50,9800.00,payment,true,某商户
""",
    "channel_events": """customer_no,day,channel,event,times
81000001,2026-10-15,mobile,log_in,3
""",
    "service_events": """event_no,customer_no,day,kind,account_no,channel,amount,about,unit_no,settled_on
E2610120003,81000001,2026-10-12,complaint,,phone,,手机银行转账,0101,2026-10-15
E2610200001,81000001,2026-10-20,direct_debit_cancelled,6200010001,counter,,电费,0101,
""",
    "credit": """customer_no,grade,credit_line,used,expires_on,pd,lgd
82000001,AA,3000000.00,1200000.00,2027-06-30,0.012,0.45
""",
    "ftp_rates": """family,currency,tenor_days,day,rate
demand,CNY,0,2026-01-01,0.0120
time,CNY,365,2026-01-01,0.0185
""",
    "fx_rates": """currency,day,mid
USD,2026-10-31,7.1015
""",
}

_TYPES = {
    Kind.TEXT: "text",
    Kind.CODE: "code",
    Kind.DAY: "date",
    Kind.MONEY: "amount, 2 decimals",
    Kind.RATE: "rate: 0.0155 is 1.55 %",
    Kind.SHARE: "share 0..1",
    Kind.COUNT: "whole number",
    Kind.FLAG: "yes or no",
    Kind.PERSONAL: "personal: enters as token and mask only",
}


def extracts_page() -> str:
    """The whole page as Markdown."""
    lines = [
        _OPENING,
        _files_table(),
        _MAPPING.replace("{functions}", FUNCTIONS),
        _MANIFEST,
        "## The files column by column",
        "",
    ]
    return "\n".join([*lines, *(_file(file) for file in FILES)])


def _files_table() -> str:
    head = [
        "## What a bank hands over",
        "",
        "| file | 文件 | needed | without it | 缺少时 |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_file_row(file) for file in FILES), ""])


def _file_row(file: ExtractFile) -> str:
    needed = "yes" if file.required else "one of these two" if file.name in NEEDS_ONE_OF else "no"
    without = "the night stops" if file.required else file.without
    absent = "停止跑批" if file.required else without_zh(file.name)
    return f"| [{file.name}](#{file.name}) | {file.label} | {needed} | {without} | {absent} |"


def _file(file: ExtractFile) -> str:
    lines = [
        f"### {file.name}",
        "",
        f"{file.label}. {file.about}",
        "",
        f"Key: {', '.join(f'`{name}`' for name in file.key)}.",
    ]
    if file.totals:
        lines[-1] += f" Totals are kept of {', '.join(f'`{name}`' for name in file.totals)}, per currency."
    lines += ["", "| column | 列 | type | needed | values and meaning |", "|---|---|---|---|---|"]
    lines += [_column(column) for column in file.columns]
    return "\n".join([*lines, "", "```csv", EXAMPLES[file.name].rstrip(), "```", ""])


def _column(column: Column) -> str:
    said = [column.about] if column.about else []
    if column.values:
        said.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    if column.of:
        said.append(f"found in `{column.of}`")
    if column.default is not None:
        said.append(f"`{column.default}` when absent")
    needed = "yes" if column.needed else ""
    return f"| `{column.name}` | {column.label} | {_TYPES[column.kind]} | {needed} | {'; '.join(said)} |"


_OPENING = """# Handing over extracts (数据接口)

<!-- Printed from the contract (src/guanxi/insight/staging). After a change there:
     GUANXI_WRITE_DOCS=1 pytest tests/insight/staging/test_pages.py -->

A bank hands over one folder per business date, `DIR/2026-10-31/`, with the files below, or files of its own that a
mapping turns into these. `guanxi mapping check` reads such a folder and says in plain words what fits and what does
not, before anything is loaded.

- **CSV**: UTF-8 (with or without BOM) or GB18030, plain, `.gz` or `.zst`; separated by `,` `;` `|` or tab; quoted or
  not; with a header line or with the columns named in the mapping. The order of columns does not matter; further
  columns are ignored.
- **Parquet**: dates, decimals and whole numbers may keep their types.
- Rows of **balances**, **transactions**, **channel_events** and **service_events** carry a `day` and are kept from run
  to run: hand over the new days, and again those that were corrected. Every other file is a whole snapshot.
- Amounts are exact, in the account's currency, with at most two decimals; one with more is refused and not rounded.
- Dates are `2026-10-31`, `20261031` or `2026/10/31` unless the mapping says otherwise. Yes and no are `true`/`false`,
  `1`/`0`, `y`/`n`, `是`/`否`.
- A row with the key of an earlier row replaces it; a row that cannot be used goes to quarantine and the rest goes on.
  Every rule is listed in [data quality](../insight/quality.md).
"""

_MAPPING = """## The mapping file

`mapping.toml` in the bank's folder. `banks/berka/mapping.toml` is one of a real bank.

```toml
[bank]
source = "core"              # name of the core system; customers' keys are made from it, so it never changes
base_currency = "CNY"
scale = 2
balance_basis = "daily"      # daily | month_end | accumulated (月积数) | transactions
calendar = "cn"
standard_names = true        # files not mapped below carry the contract's own names

[format]                     # for every file; a [[file]] may say otherwise in its own [file.format]
encoding = "gb18030"         # auto | utf-8 | gb18030
delimiter = "|"
quote = '"'                  # "" when nothing is quoted
trailing_delimiter = true    # each line ends with a separator
skip_lines = 0               # lines before the header
columns = ["客户号", "姓名"]  # only when there is no header line
dates = ["%Y%m%d"]
decimal_point = "."
thousands = ","
sign = "leading"             # leading | trailing (5-) | parentheses
minor_units = false          # true: amounts are whole fen
empty = ["", "NULL", "99991231"]
true = ["Y"]
false = ["N"]

[[file]]
to = "customers"             # the contract file
from = "KHXX_*.txt"          # the bank's file or files
where = "客户状态 <> '9'"     # rows to take
percent = []                 # rates written as 1.55 for 1.55 %
distinct = false             # true: of rows with the same key the first stands, silently
[file.columns]               # contract column = bank column
customer_no = "客户号"
name = "姓名"
[file.values.kind]           # bank's code = contract's code; "*" is any other, "" nothing
1 = "person"
2 = "company"
[file.constants]
area = "rural"
[file.expressions]           # contract column = expression over the bank's columns
kind = "CASE WHEN LENGTH(证件号) = 18 THEN 'person' ELSE 'company' END"
[file.dates]
since = ["%d.%m.%Y"]
[[file.lookup]]              # a second file beside the first, one row per key; read as org.机构名
name = "org"
from = "JGXX.txt"
key = "机构号"
on = "开户机构"
```

One bank file may feed several contract files and several bank files one contract file; fixed rows stand in
`rows = [{ unit_no = "B", name = "…" }]` without `from`. Expressions are columns, comparisons, arithmetic and
{functions}; there are no subqueries and no other tables. A cast that fails gives nothing.
"""

_MANIFEST = """## The manifest of control totals (控制总数)

`manifest.toml` or `manifest.json` in the folder, by the bank's own file and column names. Everything stated is checked
over all records of the file, to the fen; a difference, or an amount that cannot be read, stops the night.

```toml
business_date = 2026-10-31   # optional; a folder of another date is refused
[files."YE20261031.txt"]
rows = 1048576
sha256 = "…"                 # optional
[files."YE20261031.txt".sums]
"余额" = "3227123456.78"
```
"""
