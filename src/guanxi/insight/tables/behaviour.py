"""What customers do on the bank's own channels, month by month."""

from guanxi.insight.tables.shape import Table, table

BEHAVIOUR: tuple[Table, ...] = (
    table(
        "feature.behaviour_month",
        "party_key month",
        """party_key key; month day; bucket bucket; online_events int; online_log_ins int; interests int
        left_half_way int; redemptions_viewed int; loans_calculated int; online_on day; interest_on day; left_on day
        redeem_on day; borrow_on day""",
        "What a customer did on the mobile and online bank in the month, by what the kinds of event mean; the last days "
        "carry over. Customers of whom no event was ever kept have no row.",
        monthly=True,
    ),
)
