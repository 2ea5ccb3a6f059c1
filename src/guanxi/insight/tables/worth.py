"""What a relationship may still bring, what may be held elsewhere, and who costs more than he brings."""

from guanxi.insight.tables.shape import Table, table

WORTH: tuple[Table, ...] = (
    table(
        "feature.lifetime_cell",
        "segment tier_rank month",
        """segment text; tier_rank int; month day; customers big; months int; monthly_mean money; survivors big; losses big
        loss_rate DECIMAL(9,8)""",
        "By segment and tier held (-1: none): mean contribution a month over the `months` known of the last year, and the share of customers lost "
        "a month, with half a customer added so that a small tier is never quite safe.",
        monthly=True,
    ),
    table(
        "score.lifetime",
        "party_key month",
        """party_key key; month day; bucket bucket; segment text; tier_rank int; contribution_12m money; months_known int
        expected_month money; loss_rate DECIMAL(9,8); next_12m money; lifetime_value money""",
        "Lifetime value (客户终身价值): expected contribution of the coming months times the chance to be still a customer, "
        "discounted. `next_12m`: the same for one year without discount, which a later month checks. NULL where the "
        "contribution is not known.",
        monthly=True,
    ),
    table(
        "score.potential",
        "party_key",
        """party_key key; month day; bucket bucket; aum money; peers big; peer_low money; peer_middle money
        peer_high money; gap_low money; gap_middle money; gap_high money; sent_elsewhere money""",
        "Potential (潜在资产): what peers who bank with us in full have (quarter, half and three quarters of them less), and "
        "how far this customer is below. A range of peers, not a measurement: NULL with too few peers. `sent_elsewhere`: "
        "what went to the customer's own accounts at other banks in 12 months.",
    ),
    table(
        "report.lifetime_check",
        "month decile",
        """month day; decile int; customers big; predicted money; last_year money; actual money
        error_predicted money; error_last_year money""",
        "What was expected 12 months ago beside what came, by decile of what was expected, and beside the simplest guess: "
        "last year again. Errors are sums of absolute differences over customers.",
        monthly=True,
    ),
    table(
        "report.problem",
        "month unit_no cause",
        """month day; unit_no text; cause text; customers big; contribution money; aum money""",
        "Customers who cost more than they bring (问题客户) in 12 months, by managing outlet and the largest cause: loss "
        "(expected loss), margin (a negative margin), service (the cost to serve).",
        monthly=True,
    ),
)
