-- report.standing · grain: month, kind, scheme, standing · scope: whole · months: each
-- Who stands where under the value card and under managed scope (政策效果跟踪), whole bank: tenths within the segment over
-- hundredths of a point, equal points in one tenth, as the lab's simulations part them; in scope (1) and out of it in this
-- month (0). What a simulation foretold is held against these figures.
WITH binned AS (
    SELECT
        c.party_key,
        c.segment,
        c.contribution_12m,
        CAST(FLOOR(c.composite_score * 1e2) AS INTEGER) AS bin
    FROM score.value_card AS c
    WHERE c.segment IS NOT NULL
),
counted AS (
    SELECT b.segment, b.bin, COUNT(*) AS customers
    FROM binned AS b
    WHERE b.bin IS NOT NULL
    GROUP BY b.segment, b.bin
),
ranked AS (
    SELECT
        c.segment,
        c.bin,
        c.customers,
        SUM(c.customers) OVER (
            PARTITION BY c.segment ORDER BY c.bin ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS up_to,
        SUM(c.customers) OVER (PARTITION BY c.segment) AS everyone
    FROM counted AS c
),
stood AS (
    SELECT
        b.party_key,
        'value' AS kind,
        b.segment AS scheme,
        CASE
            WHEN b.bin IS NULL THEN -1
            ELSE LEAST(10, 1 + (10 * (2 * t.up_to - t.customers)) // (2 * t.everyone))
        END AS standing,
        b.contribution_12m
    FROM binned AS b
    LEFT JOIN ranked AS t ON t.segment = b.segment AND t.bin = b.bin
    UNION ALL
    SELECT
        s.party_key,
        'scope' AS kind,
        'scope' AS scheme,
        CASE WHEN s.in_scope THEN 1 ELSE 0 END AS standing,
        c.contribution_12m
    FROM score.scope AS s
    LEFT JOIN score.value_card AS c ON c.party_key = s.party_key
)
SELECT
    r.month,
    s.kind,
    s.scheme,
    CAST(s.standing AS INTEGER) AS standing,
    COUNT(*) AS customers,
    SUM(COALESCE(w.aum, 0)) AS aum,
    SUM(COALESCE(s.contribution_12m, 0)) AS contribution
FROM stood AS s
CROSS JOIN run.month AS r
LEFT JOIN feature.wealth_month AS w ON w.party_key = s.party_key
GROUP BY r.month, s.kind, s.scheme, CAST(s.standing AS INTEGER)
