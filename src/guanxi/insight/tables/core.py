"""The single customer, the accounts and who stands how to whom: one row each, without a month."""

from guanxi.insight.tables.shape import Table, table

CORE: tuple[Table, ...] = (
    table(
        "core.party",
        "party_key",
        """party_key key; party_uuid text; bucket bucket; customer_no text; kind text; name text; sex text
        birth_date day; since day; unit_no text; keeper_no text; area text; village text; occupation text
        employer_name text; resident_type text; size_class text; industry text; risk_grade text; risk_expires_on day; professional flag
        offers_paused flag; due_diligence_on day
        renown_kind text; renown_source text; renown_on day; state text
        id_type text; id_token text; id_masked text; id_valid flag; is_owner flag""",
        "The single customer (客户). `is_owner`: holds at least one account as holder or joint holder, or none at all; "
        "false for authorised persons, agents and guardians only.",
    ),
    table(
        "core.account",
        "account_no",
        """account_no text; bucket bucket; party_key key; product_code text; product_name text; family text
        unit_no text; currency text; opened_on day; closed_on day; state text; started_on day; matures_on day
        term_days big; rate DECIMAL(18,8); rolls_over flag; account_class text; acquired_by text
        loan_class text; overdue_days big; card_token text; card_masked text
        card_expires_on day; due_on day; due_amount money; paid_from_no text; in_aum flag; aum_weight DECIMAL(9,8); component text; holders int""",
        "Accounts (账户) with their primary holder (the key wealth is bucketed by) and AUM membership by policy; "
        "`component`: the part of AUM it is shown under, `loan`, or NULL.",
    ),
    table(
        "core.holding",
        "account_no party_key",
        "account_no text; party_key key; bucket bucket; share DECIMAL(9,8); is_primary flag",
        "Who owns which share of an account; shares of an account sum to 1.",
    ),
    table(
        "core.account_role",
        "account_no party_key role",
        "account_no text; party_key key; role text",
        "Agents, guardians, authorised persons: relations to an account without wealth.",
    ),
    table(
        "core.balance_change",
        "account_no day",
        "account_no text; bucket bucket; day day; balance money; in_transit money; balance_days money",
        "Day-end balances where they changed, in the account's currency; rebuilt from transactions when a bank "
        "has none.",
        monthly=True,
    ),
    table(
        "core.unit_scope",
        "unit_no member_no",
        "unit_no text; member_no text; depth int",
        "Every unit with itself and all units below it, so that a report sums any level of the tree.",
    ),
    table(
        "core.relation",
        "party_key other_key kind",
        "party_key key; other_key key; kind text; valid_from day; valid_to day; evidence text",
        "Declared relations, and employers seen in salary postings (evidence: declared | payroll).",
    ),
)
