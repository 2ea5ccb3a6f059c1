"""What segments (客群) ask: when a customer last did each thing, and one wide row a customer."""

from guanxi.insight.tables.shape import Table, table

SEGMENTS: tuple[Table, ...] = (
    table(
        "feature.event_month",
        "party_key month",
        """party_key key; month day; bucket bucket; salary_on day; transfer_out_on day; own_name_out_on day
        cash_out_on day; cash_in_on day; payment_on day; invested_on day; loan_drawn_on day; counter_on day
        mobile_on day; web_on day; log_in_on day; sign_up_on day; cancel_on day""",
        "When the customer last did each thing, as known at the month's last day counted; a day carries over from the "
        "month before. `own_name_out_on`: sent money to an account of the same name.",
        monthly=True,
    ),
    table(
        "score.segment_fact",
        "party_key",
        """party_key key; bucket bucket; business_date day; unit_no text; keeper_no text; kind text; state text
        is_owner flag; sex text; age int; age_band text; birth_month int; since day; area text; village text
        resident_type text; size_class text; industry text; risk_grade text; risk_expires_on day; renown_kind text
        tier_scheme text; tier_rank int; tier_watch flag; tier_months int; next_gap money; tier_move text; stage text
        months_in_stage int; preference text; channel_profile text; recency_rank int; frequency_rank int
        money_rank int; families_held int; value_score int; risk_level text; contribution_12m money
        employees_count int; accounts_open int; aum money; daily_average money; demand_balance money
        time_balance money; wealth_balance money; fund_balance money; insurance_balance money; deposits money
        loans money; aum_change_1m money; aum_change_3m money; aum_change_12m money; postings big; log_ins big
        inflow money; outflow money; holds_demand flag; holds_time flag; holds_cd flag; holds_structured flag
        holds_wealth flag; holds_fund flag; holds_insurance flag; holds_bond flag; holds_metal flag; holds_trust flag
        holds_loan flag; holds_card flag; uses_counter flag; uses_self_service flag; uses_mobile flag; uses_web flag
        uses_phone flag; uses_third_party flag; knows_spouse flag; knows_parent flag; knows_child flag
        knows_employee flag; knows_owner flag; knows_legal_person flag; knows_guarantor flag; has_mobile flag
        agreed_marketing flag; no_profiling flag; matures_on day; loan_ends_on day; overdue_days big
        last_opened_on day; last_closed_on day; last_initiated_on day; salary_on day; transfer_out_on day
        own_name_out_on day; cash_out_on day; cash_in_on day; payment_on day; invested_on day; loan_drawn_on day
        counter_on day; mobile_on day; web_on day; log_in_on day; sign_up_on day; cancel_on day""",
        "Every fact a segment may ask for, one row a customer at the business date. `holds_*`: owns an open account of "
        "the family; `uses_*`: in the profile months of policy behaviour; `knows_*`: is, to another customer, a spouse, "
        "a child, an employee, ...; `matures_on`: the next maturity of an asset; `no_profiling`: refused profiling "
        "(个性化分析).",
    ),
)
