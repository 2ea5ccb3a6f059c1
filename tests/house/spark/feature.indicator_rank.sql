WITH valued AS (
  SELECT
    segment,
    'contribution' AS indicator,
    contribution_bin AS bin
  FROM feature__indicator_month AS indicator_month
  UNION ALL
  SELECT
    segment,
    'risk' AS indicator,
    CAST(risk_points AS DECIMAL(18, 2)) AS bin
  FROM feature__indicator_month AS indicator_month
  UNION ALL
  SELECT
    segment,
    'renown' AS indicator,
    CAST(renown_points AS DECIMAL(18, 2)) AS bin
  FROM feature__indicator_month AS indicator_month
  UNION ALL
  SELECT
    segment,
    'relatedness' AS indicator,
    CAST(relatedness_points AS DECIMAL(18, 2)) AS bin
  FROM feature__indicator_month AS indicator_month
  UNION ALL
  SELECT
    i.segment,
    'recency' AS indicator,
    CAST(i.recency_days AS DECIMAL(18, 2)) AS bin
  FROM feature__indicator_month AS i
  CROSS JOIN policy__behaviour AS k
  WHERE
    i.recency_days <= k.active_within_days
  UNION ALL
  SELECT
    segment,
    'frequency' AS indicator,
    CAST(frequency_days AS DECIMAL(18, 2)) AS bin
  FROM feature__indicator_month AS indicator_month
  WHERE
    frequency_days > 0
  UNION ALL
  SELECT
    segment,
    'money' AS indicator,
    average_bin AS bin
  FROM feature__indicator_month AS indicator_month
), counted AS (
  SELECT
    segment,
    indicator,
    bin,
    COUNT(*) AS customers
  FROM valued
  WHERE
    NOT bin IS NULL
  GROUP BY
    segment,
    indicator,
    bin
), ranked AS (
  SELECT
    segment,
    indicator,
    bin,
    customers,
    SUM(customers) OVER (
      PARTITION BY segment, indicator
      ORDER BY bin ASC NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
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
  1e2 * (
    CAST(k.up_to AS DOUBLE) - CAST(k.customers AS DOUBLE) / 2e0
  ) / CAST(k.everyone AS DOUBLE) AS percentile
FROM ranked AS k
CROSS JOIN run__month AS r
