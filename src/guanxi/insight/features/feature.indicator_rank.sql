-- feature.indicator_rank · grain: segment, indicator, bin, month · scope: whole · months: each
-- Mid-rank percentile of every value of an indicator within its segment: customers below plus half of those level with
-- it, as a share of all that have a value (0 < percentile < 100; ties share one). Only (bin, count) is ordered, never
-- the customers themselves. Recency and frequency rank those who acted within the policy's days.
WITH valued AS (
    SELECT segment, 'contribution' AS indicator, contribution_bin AS bin FROM feature.indicator_month
    UNION ALL
    SELECT segment, 'risk' AS indicator, CAST(risk_points AS DECIMAL(18, 2)) AS bin FROM feature.indicator_month
    UNION ALL
    SELECT segment, 'renown' AS indicator, CAST(renown_points AS DECIMAL(18, 2)) AS bin FROM feature.indicator_month
    UNION ALL
    SELECT segment, 'relatedness' AS indicator, CAST(relatedness_points AS DECIMAL(18, 2)) AS bin
    FROM feature.indicator_month
    UNION ALL
    SELECT i.segment, 'recency' AS indicator, CAST(i.recency_days AS DECIMAL(18, 2)) AS bin
    FROM feature.indicator_month AS i
    CROSS JOIN policy.behaviour AS k
    WHERE i.recency_days <= k.active_within_days
    UNION ALL
    SELECT segment, 'frequency' AS indicator, CAST(frequency_days AS DECIMAL(18, 2)) AS bin
    FROM feature.indicator_month
    WHERE frequency_days > 0
    UNION ALL
    SELECT segment, 'money' AS indicator, average_bin AS bin FROM feature.indicator_month
),
counted AS (
    SELECT segment, indicator, bin, COUNT(*) AS customers
    FROM valued
    WHERE bin IS NOT NULL
    GROUP BY segment, indicator, bin
),
ranked AS (
    SELECT
        segment,
        indicator,
        bin,
        customers,
        SUM(customers) OVER (
            PARTITION BY segment, indicator ORDER BY bin ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS up_to,
        SUM(customers) OVER (PARTITION BY segment, indicator) AS everyone
    FROM counted
)
SELECT
    k.segment,
    k.indicator,
    k.bin,
    r.month,
    k.customers,
    1e2 * (CAST(k.up_to AS DOUBLE) - CAST(k.customers AS DOUBLE) / 2e0) / CAST(k.everyone AS DOUBLE) AS percentile
FROM ranked AS k
CROSS JOIN run.month AS r
