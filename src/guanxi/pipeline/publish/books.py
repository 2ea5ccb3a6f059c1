"""Publishing of keepers' books month by month, of the four indices by book, of standings, and of what a tier loses."""

from __future__ import annotations

from guanxi.pipeline.publish.reports import Replaced, count_of, fen_of, sums_by_unit

BOOK_TABLES = (
    sums_by_unit(
        "scores_bookflow",
        "past.report_book_flow",
        {"keeper_id": "keeper.id"},
        count_of(
            "customers_before", "customers", "kept", "arrived", "opened", "left_book", "closed", "contribution_unknown"
        )
        | fen_of(
            "aum_before", "aum_kept_before", "aum_grown", "aum_arrived", "aum_opened", "aum_left", "aum_closed", "aum",
            "contribution_before", "contribution_grown", "contribution_arrived", "contribution_opened",
            "contribution_left", "contribution_closed", "contribution",
        ),
        keeper=True,
    ),
    sums_by_unit(
        "scores_bookindex",
        "past.report_book_index",
        {"keeper_id": "keeper.id", "measure": "report.measure"},
        count_of("customers", "known", "points", "low", "middle", "high"),
        keeper=True,
    ),
    Replaced(
        "scores_standing",
        ("month", "kind", "scheme", "standing", "customers", "aum_fen", "contribution_fen"),
        "SELECT month, kind, scheme, standing, customers, fen(aum), fen(contribution) FROM past.report_standing",
    ),
    Replaced(
        "scores_lifetimecell",
        ("month", "segment", "tier_rank", "customers", "months", "monthly_mean_fen", "survivors", "losses",
         "loss_rate"),
        "SELECT month, segment, tier_rank, customers, months, fen(monthly_mean), survivors, losses, loss_rate "
        "FROM feature.lifetime_cell",
    ),
)  # fmt: skip
