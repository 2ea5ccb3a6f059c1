-- report.book_flow · grain: month, unit_no, keeper_no · scope: whole · months: each · prev: yes
-- What became of a keeper's book in the month (管户资产轨迹): what the customers kept grew by stands apart from what came with
-- customers from other hands or with new ones, and from what went. A customer is one with an open account; who has none any
-- more counts with what stood there before. Empty for the first month of the lake.
WITH subject AS (
    SELECT
        p.party_key,
        COALESCE(p.unit_no, '') AS unit_no,
        h.keeper_before,
        h.keeper_now,
        COALESCE(b.accounts_open, 0) > 0 AS was_open,
        COALESCE(n.accounts_open, 0) > 0 AS is_open,
        COALESCE(b.aum, 0) AS aum_before,
        COALESCE(n.aum, 0) AS aum_now,
        COALESCE(e.contribution, 0) AS earned_before,
        COALESCE(c.contribution, 0) AS earned_now,
        CASE WHEN c.contribution IS NULL THEN 1 ELSE 0 END AS unknown
    FROM core.party AS p
    INNER JOIN feature.keeper_month AS h ON h.party_key = p.party_key
    CROSS JOIN run.month AS r
    LEFT JOIN prev.feature_wealth_month AS b ON b.party_key = p.party_key
    LEFT JOIN feature.wealth_month AS n ON n.party_key = p.party_key
    LEFT JOIN prev.feature_contribution_month AS e ON e.party_key = p.party_key
    LEFT JOIN feature.contribution_month AS c ON c.party_key = p.party_key
    WHERE NOT r.first
),
told AS (
    SELECT
        s.unit_no,
        s.keeper_before AS keeper_no,
        CASE
            WHEN NOT s.is_open THEN 'closed'
            WHEN s.keeper_now = s.keeper_before THEN 'kept'
            ELSE 'left'
        END AS turn,
        s.aum_before,
        s.aum_now,
        s.earned_before,
        s.earned_now,
        s.unknown
    FROM subject AS s
    WHERE s.was_open
    UNION ALL
    SELECT
        s.unit_no,
        s.keeper_now AS keeper_no,
        CASE WHEN s.was_open THEN 'arrived' ELSE 'opened' END AS turn,
        s.aum_before,
        s.aum_now,
        s.earned_before,
        s.earned_now,
        s.unknown
    FROM subject AS s
    WHERE s.is_open AND (NOT s.was_open OR s.keeper_now <> s.keeper_before)
)
SELECT
    r.month,
    t.unit_no,
    t.keeper_no,
    SUM(CASE WHEN t.turn IN ('kept', 'left', 'closed') THEN 1 ELSE 0 END) AS customers_before,
    SUM(CASE WHEN t.turn IN ('kept', 'arrived', 'opened') THEN 1 ELSE 0 END) AS customers,
    SUM(CASE WHEN t.turn = 'kept' THEN 1 ELSE 0 END) AS kept,
    SUM(CASE WHEN t.turn = 'arrived' THEN 1 ELSE 0 END) AS arrived,
    SUM(CASE WHEN t.turn = 'opened' THEN 1 ELSE 0 END) AS opened,
    SUM(CASE WHEN t.turn = 'left' THEN 1 ELSE 0 END) AS left_book,
    SUM(CASE WHEN t.turn = 'closed' THEN 1 ELSE 0 END) AS closed,
    SUM(CASE WHEN t.turn IN ('kept', 'left', 'closed') THEN t.aum_before ELSE 0 END) AS aum_before,
    SUM(CASE WHEN t.turn = 'kept' THEN t.aum_before ELSE 0 END) AS aum_kept_before,
    SUM(CASE WHEN t.turn = 'kept' THEN t.aum_now - t.aum_before ELSE 0 END) AS aum_grown,
    SUM(CASE WHEN t.turn = 'arrived' THEN t.aum_now ELSE 0 END) AS aum_arrived,
    SUM(CASE WHEN t.turn = 'opened' THEN t.aum_now ELSE 0 END) AS aum_opened,
    SUM(CASE WHEN t.turn = 'left' THEN t.aum_before ELSE 0 END) AS aum_left,
    SUM(CASE WHEN t.turn = 'closed' THEN t.aum_before ELSE 0 END) AS aum_closed,
    SUM(CASE WHEN t.turn IN ('kept', 'arrived', 'opened') THEN t.aum_now ELSE 0 END) AS aum,
    SUM(CASE WHEN t.turn IN ('kept', 'left', 'closed') THEN t.earned_before ELSE 0 END) AS contribution_before,
    SUM(CASE WHEN t.turn = 'kept' THEN t.earned_now - t.earned_before ELSE 0 END) AS contribution_grown,
    SUM(CASE WHEN t.turn = 'arrived' THEN t.earned_now ELSE 0 END) AS contribution_arrived,
    SUM(CASE WHEN t.turn = 'opened' THEN t.earned_now ELSE 0 END) AS contribution_opened,
    SUM(CASE WHEN t.turn = 'left' THEN t.earned_before ELSE 0 END) AS contribution_left,
    SUM(CASE WHEN t.turn = 'closed' THEN t.earned_before ELSE 0 END) AS contribution_closed,
    SUM(CASE WHEN t.turn IN ('kept', 'arrived', 'opened') THEN t.earned_now ELSE 0 END) AS contribution,
    SUM(CASE WHEN t.turn IN ('kept', 'arrived', 'opened') THEN t.unknown ELSE 0 END) AS contribution_unknown
FROM told AS t
CROSS JOIN run.month AS r
GROUP BY r.month, t.unit_no, t.keeper_no
