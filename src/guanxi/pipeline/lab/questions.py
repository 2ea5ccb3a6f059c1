"""What the lab asks of months cut twice, in the house dialect.

A customer's standing is his tier, whether he is in managed scope (1 or 0), or his tenth of the value card (10 is best).
`{rows}` is a named set of rows, `{lines}` the lines of its tenths.
"""

from __future__ import annotations

STANDINGS = {
    "tier": "SELECT r.party_key, r.scheme, r.held_rank AS standing FROM {rows} AS r",
    "scope": """SELECT r.party_key, 'scope' AS scheme, CASE WHEN r.in_scope THEN 1 ELSE 0 END AS standing
        FROM {rows} AS r""",
    "value": """SELECT r.party_key, r.segment AS scheme, t.tenth AS standing FROM {rows} AS r
        LEFT JOIN {lines} AS t
          ON t.segment = r.segment AND r.composite_score >= t.lower_bound AND r.composite_score < t.upper_bound""",
}
# The month before, where the month's own row does not know it.
STEPS_OF_MONTH = {
    "tier": "SELECT r.party_key, r.scheme, r.past_rank AS earlier, r.held_rank AS standing FROM {rows} AS r",
    "scope": """SELECT r.party_key, 'scope' AS scheme, CASE WHEN r.turn = 'entered' THEN 0 ELSE 1 END AS earlier,
        CASE WHEN r.in_scope THEN 1 ELSE 0 END AS standing FROM {rows} AS r""",
    "value": """SELECT now.party_key, now.scheme, before.standing AS earlier, now.standing
        FROM ({now}) AS now LEFT JOIN ({before}) AS before ON before.party_key = now.party_key""",
}
# Everybody under the active policy and under a draft; a standing nobody gave is NULL.
MOVES = """
SELECT p.party_key, m.scheme, m.from_rank, m.to_rank, p.area, b.age_band, p.unit_no, p.keeper_no,
       {tier_columns}, w.aum, v.contribution_12m AS contribution
FROM (
    SELECT COALESCE(drafted.party_key, active.party_key) AS party_key,
           COALESCE(drafted.scheme, active.scheme) AS scheme,
           COALESCE(active.standing, {absent}) AS from_rank, COALESCE(drafted.standing, {absent}) AS to_rank
    FROM ({after}) AS drafted
    FULL OUTER JOIN ({before}) AS active ON active.party_key = drafted.party_key
) AS m
INNER JOIN core.party AS p ON p.party_key = m.party_key
LEFT JOIN feature.wealth_month AS w ON w.party_key = m.party_key
LEFT JOIN score.value_card AS v ON v.party_key = m.party_key
LEFT JOIN score.behaviour AS b ON b.party_key = m.party_key
{tier_join}
WHERE {somewhere}
"""
# Managed scope costs minutes by the tier beside it; the other kinds know the tier themselves or send nobody anywhere.
TIER_COLUMNS = {
    "tier": "CAST(NULL AS VARCHAR) AS tier_scheme, CAST(NULL AS INTEGER) AS tier_rank",
    "value": "CAST(NULL AS VARCHAR) AS tier_scheme, CAST(NULL AS INTEGER) AS tier_rank",
    "scope": "k.scheme AS tier_scheme, k.held_rank AS tier_rank",
}
TIER_JOIN = {"tier": "", "value": "", "scope": "LEFT JOIN score.tier AS k ON k.party_key = m.party_key"}
# Who is in no row of managed scope stands outside of it; else no row means no standing.
ABSENT = {"tier": "NULL", "value": "NULL", "scope": "0"}
SOMEWHERE = {
    "tier": "m.from_rank IS NOT NULL OR m.to_rank IS NOT NULL",
    "value": "m.from_rank IS NOT NULL OR m.to_rank IS NOT NULL",
    "scope": "m.from_rank = 1 OR m.to_rank = 1",
}
# Two sums in one pass: who moves, by place and age (`of_keeper` 0), and what every keeper would have (1).
SUMS = """
SELECT GROUPING(area) AS of_keeper, scheme, from_rank, to_rank, area, age_band, unit_no, keeper_no, tier_scheme,
       tier_rank, COUNT(*) AS customers, SUM(aum) AS aum, SUM(contribution) AS contribution
FROM ({moves}) AS m
GROUP BY GROUPING SETS (
    (scheme, from_rank, to_rank, area, age_band),
    (scheme, from_rank, to_rank, unit_no, keeper_no, tier_scheme, tier_rank)
)
"""
NAMED = """
SELECT party_key, scheme, from_rank, to_rank, aum, contribution
FROM ({moves}) AS m
WHERE {moved}
ORDER BY aum DESC NULLS LAST, party_key ASC
LIMIT {most:d}
"""
MOVED = "from_rank IS DISTINCT FROM to_rank"
# Of the value card's tenths only who comes to the top one or leaves it is named.
TOP_MOVED = "COALESCE(from_rank = 10, FALSE) <> COALESCE(to_rank = 10, FALSE)"
MONTH = """
SELECT s.scheme, s.earlier, s.standing, COUNT(*) AS customers, SUM(w.aum) AS aum
FROM ({steps}) AS s
LEFT JOIN feature.wealth_month AS w ON w.party_key = s.party_key
WHERE s.earlier IS NOT NULL OR s.standing IS NOT NULL
GROUP BY s.scheme, s.earlier, s.standing
ORDER BY s.scheme, s.earlier NULLS FIRST, s.standing NULLS FIRST
"""
# Who moved this month just back to where he had come from the month before.
FLIPS = """
SELECT COUNT(*) AS flips
FROM ({now}) AS n
INNER JOIN ({before}) AS b ON b.party_key = n.party_key AND b.scheme = n.scheme
WHERE n.earlier <> n.standing AND b.earlier <> b.standing AND b.earlier = n.standing AND b.standing = n.earlier
"""
LINES = (("segment", "VARCHAR"), ("tenth", "INTEGER"), ("lower_bound", "DOUBLE"), ("upper_bound", "DOUBLE"))
# Value-card points as hundredths, so that the lines of the tenths come from a small table.
BINS = """
SELECT segment, CAST(FLOOR(composite_score * 1e2) AS INTEGER) AS bin, COUNT(*) AS customers
FROM {rows}
WHERE composite_score IS NOT NULL
GROUP BY segment, CAST(FLOOR(composite_score * 1e2) AS INTEGER)
ORDER BY segment, bin
"""
PAIRS = """
SELECT b.segment, b.composite_score AS before_score, a.composite_score AS after_score
FROM effect.active_rows AS b
INNER JOIN effect.draft_rows AS a ON a.party_key = b.party_key
WHERE b.composite_score IS NOT NULL AND a.composite_score IS NOT NULL AND b.segment = a.segment
ORDER BY b.segment, b.party_key
"""
