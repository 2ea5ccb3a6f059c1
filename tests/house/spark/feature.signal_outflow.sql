WITH gone AS (
  SELECT
    o.party_key,
    CAST(DATEDIFF(r.business_date, o.day) AS BIGINT) DIV 30 AS back,
    o.day,
    o.destination,
    o.place,
    o.amount
  FROM past__feature_outflow_day AS o
  JOIN policy__warning_leaving AS l
    ON l.destination = o.destination
  CROSS JOIN run__month AS r
  WHERE
    o.day <= r.business_date
    AND CAST(DATEDIFF(r.business_date, o.day) AS BIGINT) < 210
), windowed AS (
  SELECT
    party_key,
    back,
    SUM(amount) AS amount
  FROM gone
  GROUP BY
    party_key,
    back
), spread AS (
  SELECT
    party_key,
    SUM(CASE WHEN back = 0 THEN amount ELSE 0 END) AS left_now,
    SUM(CASE WHEN back > 0 THEN amount ELSE 0 END) AS left_before,
    SUM(
      CASE
        WHEN back > 0
        THEN CAST(amount AS DECIMAL(38, 0)) * CAST(amount AS DECIMAL(38, 0))
        ELSE CAST(0 AS DECIMAL(36, 0))
      END
    ) AS squares
  FROM windowed
  GROUP BY
    party_key
), latest AS (
  SELECT
    party_key,
    day,
    destination,
    place
  FROM (
    SELECT
      party_key,
      day,
      destination,
      place,
      ROW_NUMBER() OVER (PARTITION BY party_key ORDER BY amount DESC, day DESC, destination ASC NULLS LAST) AS size_place
    FROM gone
    WHERE
      back = 0
  ) AS ranked
  WHERE
    size_place = 1
), held AS (
  SELECT
    w.party_key,
    COUNT(*) AS months,
    MAX(w.bucket) AS bucket,
    MAX(CASE WHEN CAST(DATEDIFF(r.month, w.month) AS BIGINT) < 63 THEN w.aum END) AS aum,
    MAX(CASE WHEN w.month = r.month THEN w.aum END) AS aum_now,
    SUM(
      CASE
        WHEN w.month < r.month AND CAST(DATEDIFF(r.month, w.month) AS BIGINT) < 94
        THEN COALESCE(w.daily_average, w.aum)
      END
    ) AS sum_3
  FROM past__feature_wealth_month AS w
  CROSS JOIN run__month AS r
  GROUP BY
    w.party_key
), judged AS (
  SELECT
    s.party_key,
    h.bucket,
    h.aum,
    s.left_now,
    CAST(s.left_before AS DOUBLE) / 6e0 AS usual,
    SQRT(
      GREATEST(
        CAST(s.squares AS DOUBLE) / 6e0 - CAST(s.left_before AS DOUBLE) / 6e0 * (
          CAST(s.left_before AS DOUBLE) / 6e0
        ),
        0e0
      )
    ) AS deviation
  FROM spread AS s
  JOIN held AS h
    ON h.party_key = s.party_key
  CROSS JOIN policy__warning AS k
  WHERE
    h.months >= 4
    AND h.aum > 0
    AND s.left_now >= k.outflow_amount
    AND h.sum_3 - 3 * h.aum_now >= 3 * k.outflow_amount
    AND s.left_now >= CAST(h.aum AS DECIMAL(24, 2)) * k.outflow_share
)
SELECT
  j.party_key,
  r.month,
  j.bucket,
  'outflow' AS signal,
  j.left_now AS amount,
  CAST(CAST(ROUND((
    j.usual
  ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS usual,
  CAST(j.left_now AS DOUBLE) / CAST(j.aum AS DOUBLE) AS share,
  CAST(NULL AS INT) AS times,
  CAST(NULL AS INT) AS usual_times,
  l.day,
  l.place,
  l.destination
FROM judged AS j
JOIN latest AS l
  ON l.party_key = j.party_key
CROSS JOIN run__month AS r
CROSS JOIN policy__warning AS k
WHERE
  CAST(j.left_now AS DOUBLE) - j.usual > CAST(k.outflow_deviations AS DOUBLE) * GREATEST(j.deviation, CAST(k.outflow_spread AS DOUBLE) * CAST(j.aum AS DOUBLE))
