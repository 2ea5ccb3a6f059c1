"""What the contact log tells the lake, month by month."""

from guanxi.insight.tables.shape import Table, table

CONTACTS: tuple[Table, ...] = (
    table(
        "feature.contact_month",
        "party_key month",
        """party_key key; month day; bucket bucket; contacts int; reached int; met int; intents int
        promises_kept int; promises_broken int; last_contact_on day; last_reached_on day""",
        "How often staff contacted a customer in the month, how often he was reached and met, what was promised and "
        "kept or broken; the last days carry over. Customers nobody ever contacted have no row.",
        monthly=True,
    ),
)
