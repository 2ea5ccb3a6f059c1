"""What people decided in the operational store, as a run read it: merges, overrides, switches.

Each is filled by one SELECT in `pipeline/registers.py` and is empty in a bank where nobody decided anything yet.
"""

from guanxi.insight.tables.shape import Table, table

OPS: tuple[Table, ...] = (
    table(
        "ops.party_link",
        "source_no",
        "source_no text; own_key key; party_key key; party_uuid text; decided_by text",
        "Which number belonged to which party when the business date began (客户归并登记), for parties of several "
        "numbers; what keeps a public key alive.",
    ),
    table(
        "ops.party_decision",
        "left_no right_no",
        "left_no text; right_no text; verdict text; decided_by text",
        "What persons decided on a pair, the latest word each: merge | apart.",
    ),
    table(
        "ops.household",
        "left_no right_no",
        "left_no text; right_no text; decided_by text",
        "Two numbers whose persons somebody confirmed to be one household.",
    ),
    table(
        "ops.tier_override",
        "party_key valid_from",
        "party_key key; scheme text; tier_rank int; valid_from day; valid_to day; proposed_by text; decided_by text",
        "Tiers set by hand (人工调整) that a second person approved, both days included; NULL tier_rank: a protection "
        "(保护期) that only stops the count of months below.",
    ),
    table(
        "ops.restriction",
        "party_key",
        "party_key key",
        "Customers under a restriction (限制处理): kept because the law demands it, and neither scored nor learnt from nor "
        "counted in segments. Their accounts stay in the bank's totals.",
    ),
    table(
        "ops.erased",
        "customer_no",
        "customer_no text",
        "Numbers of customers who were erased (已删除): what the bank still delivers of them is emptied on arrival, of name, "
        "papers, addresses and cards.",
    ),
    table(
        "ops.contact",
        "contact_id",
        """contact_id key; customer_no text; day day; channel text; outcome text; staff_no text; intent_family text
        intent_amount money""",
        "Contacts people logged (客户跟进) in the 400 days up to the business date, by customer number. `outcome` is a "
        "code of the policy; `staff_no` is empty where the author of an import is nobody we know.",
    ),
    table(
        "ops.promise",
        "promise_id",
        """promise_id key; customer_no text; staff_no text; step text; made_on day; due_on day; kept_on day
        withdrawn_on day""",
        "Promises made to customers (承诺) in those days, and the day each was kept or withdrawn by the business date. "
        "Whether one is broken follows from its due day and the policy's grace.",
    ),
    table(
        "ops.campaign",
        "campaign",
        """campaign text; name text; kind text; family text; measure text; unit text; horizon_days int; planned_n int
        launched_on day; ended_on day; arms int; cost money; hoped number""",
        "Campaigns (营销活动) launched by the business date. `measure`: aum | product | retention | contribution, `family` "
        "where it is about a product family; `unit`: unit of assignment (customer | household | employer | manager); "
        "`arms`: treated arms; `ended_on`: stopped or ended by then; `cost`: as planned; `hoped`: the lift written "
        "down before the launch.",
    ),
    table(
        "ops.assignment",
        "campaign party_key",
        """campaign text; party_key key; cluster text; arm text; wave int; assigned_on day; exposed_on day
        contaminated_on day; control_share DECIMAL(12,8)""",
        "Who was assigned to which arm of these campaigns by the business date; `control` is held out (对照组). "
        "`exposed_on`: first message accepted or task opened; `contaminated_on`: held out and contacted all the same. "
        "`control_share`: the chance to be held out, which managed customers may have another of; NULL: nothing was drawn.",
    ),
    table(
        "ops.behaviour_month",
        "customer_no month event_kind",
        "customer_no text; month day; event_kind text; times int; last_on day",
        "How often a customer did what on the bank's own channels (线上行为) in a month, in the 400 days up to the business "
        "date, by customer number; `event_kind` is a code of the policy.",
    ),
)
