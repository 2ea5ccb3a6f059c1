-- score.churn_label · grain: party_key, month · scope: bucket · months: each · past: 7
-- Four labels of leaving (流失标签), side by side, known at the end of `month`. Features end with the month `as_of`, four
-- months before; the month after it is left out; what happens in the three months after that decides: asset loss (资产流失,
-- the third month's average at most the policy's share of the base, and the fourth too, so it is not back), exit (离行,
-- both months below the line), dormant (睡眠, no customer-initiated posting for so long), tier drop (等级下降). The base is
-- the mean of the three averages that end with `as_of`. Where a label does not apply it is NULL. A month that runs labels
-- nobody.
WITH aged AS (
    SELECT w.party_key, w.bucket, w.month, COALESCE(w.daily_average, w.aum) AS average,
           (YEAR(r.month) * 12 + MONTH(r.month)) - (YEAR(w.month) * 12 + MONTH(w.month)) AS back
    FROM past.feature_wealth_month AS w
    CROSS JOIN run.month AS r
    WHERE r.closed
),
measured AS (
    SELECT party_key, MAX(bucket) AS bucket, MAX(CASE WHEN back = 4 THEN month END) AS as_of,
           MAX(CASE WHEN back = 4 THEN average END) AS average_then,
           MAX(CASE WHEN back = 1 THEN average END) AS third, MAX(CASE WHEN back = 0 THEN average END) AS fourth,
           MAX(CASE WHEN back = 3 THEN average END) AS first, MAX(CASE WHEN back = 2 THEN average END) AS second,
           MAX(CASE WHEN back = 3 THEN month END) AS first_month, MAX(CASE WHEN back = 2 THEN month END) AS second_month,
           MAX(CASE WHEN back = 1 THEN month END) AS third_month,
           SUM(CASE WHEN back BETWEEN 4 AND 6 THEN average END) AS base_sum,
           SUM(CASE WHEN back BETWEEN 4 AND 6 AND average IS NOT NULL THEN 1 ELSE 0 END) AS base_months
    FROM aged
    GROUP BY party_key
),
based AS (
    SELECT party_key, bucket, as_of, average_then, first, second, third, fourth, first_month, second_month,
           third_month,
           CASE WHEN base_months = 3 THEN CAST(CAST(base_sum AS DOUBLE) / 3e0 AS DECIMAL(18,2)) END AS base_average
    FROM measured
    WHERE as_of IS NOT NULL
),
acted AS (
    SELECT a.party_key,
           MAX(CASE WHEN (YEAR(r.month) * 12 + MONTH(r.month)) - (YEAR(a.month) * 12 + MONTH(a.month)) = 4
                    THEN a.last_initiated_on END) AS last_then,
           MAX(CASE WHEN a.month = r.month THEN a.last_initiated_on END) AS last_now
    FROM past.feature_activity_month AS a
    CROSS JOIN run.month AS r
    GROUP BY a.party_key
),
held AS (
    SELECT t.party_key,
           MAX(CASE WHEN (YEAR(r.month) * 12 + MONTH(r.month)) - (YEAR(t.month) * 12 + MONTH(t.month)) = 4
                    THEN t.held_rank END) AS rank_then,
           MAX(CASE WHEN t.month = r.month THEN t.held_rank END) AS rank_now
    FROM past.score_tier AS t
    CROSS JOIN run.month AS r
    GROUP BY t.party_key
)
SELECT b.party_key, r.month, b.bucket, b.as_of, b.base_average, h.rank_then AS tier_rank,
       CASE WHEN b.base_average >= k.loss_base AND b.average_then > CAST(b.base_average AS DECIMAL(24,2)) * k.loss_share
                 AND b.third IS NOT NULL AND b.fourth IS NOT NULL
            THEN CASE WHEN b.third <= CAST(b.base_average AS DECIMAL(24,2)) * k.loss_share
                           AND b.fourth <= CAST(b.base_average AS DECIMAL(24,2)) * k.loss_share THEN 1 ELSE 0 END
       END AS asset_loss,
       CASE WHEN b.base_average >= k.exit_base AND b.average_then >= k.exit_below
                 AND b.third IS NOT NULL AND b.fourth IS NOT NULL
            THEN CASE WHEN b.third < k.exit_below AND b.fourth < k.exit_below THEN 1 ELSE 0 END
       END AS exit,
       CASE WHEN DATE_DIFF('day', a.last_then, b.as_of) < k.dormant_days
            THEN CASE WHEN DATE_DIFF('day', a.last_now, r.business_date) >= k.dormant_days THEN 1 ELSE 0 END
       END AS dormant,
       CASE WHEN h.rank_then IS NOT NULL
            THEN CASE WHEN COALESCE(h.rank_now, -1) < h.rank_then THEN 1 ELSE 0 END
       END AS tier_drop,
       CASE WHEN b.first <= CAST(b.base_average AS DECIMAL(24,2)) * k.loss_share THEN b.first_month
            WHEN b.second <= CAST(b.base_average AS DECIMAL(24,2)) * k.loss_share THEN b.second_month
            WHEN b.third <= CAST(b.base_average AS DECIMAL(24,2)) * k.loss_share THEN b.third_month
       END AS fell_on
FROM based AS b
CROSS JOIN run.month AS r
CROSS JOIN policy.churn AS k
LEFT JOIN acted AS a ON a.party_key = b.party_key
LEFT JOIN held AS h ON h.party_key = b.party_key
