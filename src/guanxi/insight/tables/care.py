"""What was done for customers, as the next night reads it: cases, keepers, entitlements; and the two reports of it."""

from guanxi.insight.tables.shape import Table, table

CARE: tuple[Table, ...] = (
    table(
        "ops.case",
        "case_id",
        """case_id key; customer_no text; source text; opened_on day; due_on day; opening_wealth money; amount money
        tier_rank int; offers int; closed_on day; outcome text; reason text; place text""",
        "Retention cases (挽留任务) opened in the 400 days up to the business date, with `outcome` (saved | lost | "
        "false_alarm), reason and place once a person has ended one. The ledger's own judgement is no input.",
    ),
    table(
        "ops.keeper_term",
        "customer_no staff_no valid_from",
        "customer_no text; staff_no text; is_primary flag; valid_from day; valid_to day",
        "Who kept a customer and when (管户), as it stood when the business date began; `valid_to` is the first day no "
        "longer counted. Terms that ended more than 400 days before are left out.",
    ),
    table(
        "ops.entitlement_use",
        "use_id",
        "use_id key; customer_no text; code text; day day; staff_no text",
        "Entitlements used at the counter (权益台账) in the 400 days up to the business date; uses taken back are left out.",
    ),
    table(
        "report.care",
        "month unit_no tier_rank",
        """month day; unit_no text; tier_rank int; customers big; kept_days big; contacts big; reached_customers big
        entitlement_uses big""",
        "Care given (维护密度) to customers with a primary keeper, by managing outlet and tier held: days kept, contacts "
        "logged, customers reached, entitlements used in the month.",
        monthly=True,
    ),
    table(
        "report.save_rate",
        "month opened_month unit_no score_decile aum_band",
        """month day; opened_month day; unit_no text; score_decile int; aum_band int; worked big; worked_kept big
        alike big; alike_kept big""",
        "Customers for whom a retention case was opened from a warning, and their look-alikes for whom none was, with "
        "how many of each kept their wealth: a comparison in cells, no effect (cases are not drawn by lot).",
        monthly=True,
    ),
)
