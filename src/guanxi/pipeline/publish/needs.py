"""Publishing of what would help next, of peers, of problem customers, and of how true the lifetime value was."""

from __future__ import annotations

from guanxi.pipeline.copying import Target
from guanxi.pipeline.publish.reports import Replaced, count_of, fen_of, sums_by_unit

PARTY_NEED = (
    Target(
        "scores_partyneed",
        ("party_id",),
        (
            "party_id", "age_band", "area", "tier_rank", "needs", "peers", "peer_low_fen", "peer_middle_fen",
            "peer_high_fen", "sent_elsewhere_fen",
        ),
    ),
    """
    SELECT potential.party_key, COALESCE(behaviour.age_band, ''), COALESCE(party.area, ''),
           COALESCE(tier.held_rank, -1), COALESCE(CAST(need.needs AS VARCHAR), '[]'), potential.peers,
           fen(potential.peer_low), fen(potential.peer_middle), fen(potential.peer_high), fen(potential.sent_elsewhere)
    FROM score.potential AS potential
    JOIN core.party AS party ON party.party_key = potential.party_key
    LEFT JOIN score.behaviour AS behaviour ON behaviour.party_key = potential.party_key
    LEFT JOIN score.tier AS tier ON tier.party_key = potential.party_key
    LEFT JOIN (
        SELECT next.party_key, to_json(LIST(json_object(
                   'family', next.family, 'product_code', next.product_code, 'product_name', next.product_name,
                   'product_grade', next.product_grade, 'customer_grade', next.customer_grade,
                   'professional', person.professional, 'answer', next.answer, 'own_reason', next.own_reason,
                   'own_amount_fen', fen(next.own_amount), 'own_day', CAST(next.own_day AS VARCHAR),
                   'chance', next.chance
               ) ORDER BY next.place)) AS needs
        FROM score.next_need AS next
        JOIN core.party AS person ON person.party_key = next.party_key
        GROUP BY next.party_key
    ) AS need ON need.party_key = potential.party_key
    """,
)  # fmt: skip

NEED_TABLES = (
    Replaced(
        "scores_peerneed",
        ("age_band", "area", "tier_rank", "family", "whole_bank", "exposed", "takers", "rate"),
        "SELECT age_band, area, tier_rank, family, whole_bank, exposed, takers, rate FROM feature.need_cell",
    ),
    Replaced(
        "scores_lifetimecheck",
        ("month", "decile", "customers", "predicted_fen", "last_year_fen", "actual_fen", "error_predicted_fen",
         "error_last_year_fen"),
        "SELECT month, decile, customers, fen(predicted), fen(last_year), fen(actual), fen(error_predicted), "
        "fen(error_last_year) FROM report.lifetime_check",
    ),
    sums_by_unit(
        "scores_problem", "report.problem", {"cause": "report.cause"},
        count_of("customers") | fen_of("contribution", "aum"),
    ),
)  # fmt: skip
