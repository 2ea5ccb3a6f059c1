WITH aged AS (
  SELECT
    w.party_key,
    w.bucket,
    w.month,
    COALESCE(w.daily_average, w.aum) AS average,
    (
      YEAR(r.month) * 12 + MONTH(r.month)
    ) - (
      YEAR(w.month) * 12 + MONTH(w.month)
    ) AS back
  FROM past__feature_wealth_month AS w
  CROSS JOIN run__month AS r
  WHERE
    r.closed
), measured AS (
  SELECT
    party_key,
    MAX(bucket) AS bucket,
    MAX(CASE WHEN back = 4 THEN month END) AS as_of,
    MAX(CASE WHEN back = 4 THEN average END) AS average_then,
    MAX(CASE WHEN back = 1 THEN average END) AS third,
    MAX(CASE WHEN back = 0 THEN average END) AS fourth,
    MAX(CASE WHEN back = 3 THEN average END) AS first,
    MAX(CASE WHEN back = 2 THEN average END) AS second,
    MAX(CASE WHEN back = 3 THEN month END) AS first_month,
    MAX(CASE WHEN back = 2 THEN month END) AS second_month,
    MAX(CASE WHEN back = 1 THEN month END) AS third_month,
    SUM(CASE WHEN back BETWEEN 4 AND 6 THEN average END) AS base_sum,
    SUM(CASE WHEN back BETWEEN 4 AND 6 AND NOT average IS NULL THEN 1 ELSE 0 END) AS base_months
  FROM aged
  GROUP BY
    party_key
), based AS (
  SELECT
    party_key,
    bucket,
    as_of,
    average_then,
    first,
    second,
    third,
    fourth,
    first_month,
    second_month,
    third_month,
    CASE
      WHEN base_months = 3
      THEN CAST(CAST(ROUND((
        CAST(base_sum AS DOUBLE) / 3e0
      ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2))
    END AS base_average
  FROM measured
  WHERE
    NOT as_of IS NULL
), acted AS (
  SELECT
    a.party_key,
    MAX(
      CASE
        WHEN (
          YEAR(r.month) * 12 + MONTH(r.month)
        ) - (
          YEAR(a.month) * 12 + MONTH(a.month)
        ) = 4
        THEN a.last_initiated_on
      END
    ) AS last_then,
    MAX(CASE WHEN a.month = r.month THEN a.last_initiated_on END) AS last_now
  FROM past__feature_activity_month AS a
  CROSS JOIN run__month AS r
  GROUP BY
    a.party_key
), held AS (
  SELECT
    t.party_key,
    MAX(
      CASE
        WHEN (
          YEAR(r.month) * 12 + MONTH(r.month)
        ) - (
          YEAR(t.month) * 12 + MONTH(t.month)
        ) = 4
        THEN t.held_rank
      END
    ) AS rank_then,
    MAX(CASE WHEN t.month = r.month THEN t.held_rank END) AS rank_now
  FROM past__score_tier AS t
  CROSS JOIN run__month AS r
  GROUP BY
    t.party_key
)
SELECT
  b.party_key,
  r.month,
  b.bucket,
  b.as_of,
  b.base_average,
  h.rank_then AS tier_rank,
  CASE
    WHEN b.base_average >= k.loss_base
    AND b.average_then > CAST(b.base_average AS DECIMAL(24, 2)) * k.loss_share
    AND NOT b.third IS NULL
    AND NOT b.fourth IS NULL
    THEN CASE
      WHEN b.third <= CAST(b.base_average AS DECIMAL(24, 2)) * k.loss_share
      AND b.fourth <= CAST(b.base_average AS DECIMAL(24, 2)) * k.loss_share
      THEN 1
      ELSE 0
    END
  END AS asset_loss,
  CASE
    WHEN b.base_average >= k.exit_base
    AND b.average_then >= k.exit_below
    AND NOT b.third IS NULL
    AND NOT b.fourth IS NULL
    THEN CASE WHEN b.third < k.exit_below AND b.fourth < k.exit_below THEN 1 ELSE 0 END
  END AS exit,
  CASE
    WHEN CAST(DATEDIFF(b.as_of, a.last_then) AS BIGINT) < k.dormant_days
    THEN CASE
      WHEN CAST(DATEDIFF(r.business_date, a.last_now) AS BIGINT) >= k.dormant_days
      THEN 1
      ELSE 0
    END
  END AS dormant,
  CASE
    WHEN NOT h.rank_then IS NULL
    THEN CASE WHEN COALESCE(h.rank_now, -1) < h.rank_then THEN 1 ELSE 0 END
  END AS tier_drop,
  CASE
    WHEN b.first <= CAST(b.base_average AS DECIMAL(24, 2)) * k.loss_share
    THEN b.first_month
    WHEN b.second <= CAST(b.base_average AS DECIMAL(24, 2)) * k.loss_share
    THEN b.second_month
    WHEN b.third <= CAST(b.base_average AS DECIMAL(24, 2)) * k.loss_share
    THEN b.third_month
  END AS fell_on
FROM based AS b
CROSS JOIN run__month AS r
CROSS JOIN policy__churn AS k
LEFT JOIN acted AS a
  ON a.party_key = b.party_key
LEFT JOIN held AS h
  ON h.party_key = b.party_key
