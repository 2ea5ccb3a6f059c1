WITH day_seen AS (
  SELECT
    p.party_key,
    p.bucket,
    CAST(DATEDIFF(r.business_date, e.day) AS BIGINT) AS back
  FROM past__staged_channel_events AS e
  JOIN core__party_member AS p
    ON p.customer_no = e.customer_no
  CROSS JOIN run__month AS r
  WHERE
    e.event = 'log_in'
    AND e.day <= r.business_date
    AND CAST(DATEDIFF(r.business_date, e.day) AS BIGINT) < 120
  GROUP BY
    p.party_key,
    p.bucket,
    CAST(DATEDIFF(r.business_date, e.day) AS BIGINT)
), seen AS (
  SELECT
    party_key,
    bucket,
    SUM(CASE WHEN back < 30 THEN 1 ELSE 0 END) AS days_now,
    SUM(CASE WHEN back >= 30 THEN 1 ELSE 0 END) AS days_before,
    MIN(back) AS last_back
  FROM day_seen
  GROUP BY
    party_key,
    bucket
), measured AS (
  SELECT
    w.party_key,
    w.bucket,
    (
      YEAR(r.month) * 12 + MONTH(r.month)
    ) - (
      YEAR(w.month) * 12 + MONTH(w.month)
    ) AS back,
    COALESCE(w.daily_average, w.aum) AS amount,
    w.aum
  FROM past__feature_wealth_month AS w
  CROSS JOIN run__month AS r
), lined AS (
  SELECT
    party_key,
    bucket,
    MAX(CASE WHEN back = 0 THEN amount END) AS m0,
    MAX(CASE WHEN back = 1 THEN amount END) AS m1,
    MAX(CASE WHEN back = 2 THEN amount END) AS m2,
    MAX(CASE WHEN back = 3 THEN amount END) AS m3,
    MAX(CASE WHEN back = 0 THEN aum END) AS aum
  FROM measured
  GROUP BY
    party_key,
    bucket
), fallen AS (
  SELECT
    party_key,
    bucket,
    aum,
    m0,
    CAST(CAST(ROUND((
      CAST(m3 - m0 AS DOUBLE) * 0.9e0 + CAST(m2 - m1 AS DOUBLE) * 0.3e0
    ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS fall,
    CAST(CAST(ROUND((
      CAST(m1 + m2 + m3 AS DOUBLE) / 3e0
    ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS usual
  FROM lined
  WHERE
    NOT m0 IS NULL AND NOT m1 IS NULL AND NOT m2 IS NULL AND NOT m3 IS NULL
)
SELECT
  s.party_key,
  r.month,
  s.bucket,
  'log_ins_down' AS signal,
  CAST(NULL AS DECIMAL(18, 2)) AS amount,
  CAST(NULL AS DECIMAL(18, 2)) AS usual,
  CAST(s.days_now AS DOUBLE) * 3e0 / CAST(s.days_before AS DOUBLE) AS share,
  CAST(s.days_now AS INT) AS times,
  CAST(RINT(ROUND(CAST(s.days_before AS DOUBLE) / 3e0)) AS INT) AS usual_times,
  CAST(NULL AS DATE) AS day,
  CAST(NULL AS STRING) AS place,
  CAST(NULL AS STRING) AS destination
FROM seen AS s
CROSS JOIN run__month AS r
CROSS JOIN policy__warning AS k
WHERE
  s.days_before >= k.log_in_days
  AND CAST(s.days_now * 3 AS DECIMAL(18, 0)) <= CAST(s.days_before AS DECIMAL(18, 0)) * k.log_in_share
UNION ALL
SELECT
  f.party_key,
  r.month,
  f.bucket,
  'slope' AS signal,
  f.fall AS amount,
  f.usual,
  CAST(f.fall AS DOUBLE) / CAST(f.usual AS DOUBLE) AS share,
  CAST(NULL AS INT) AS times,
  CAST(NULL AS INT) AS usual_times,
  CAST(NULL AS DATE) AS day,
  CAST(NULL AS STRING) AS place,
  CAST(NULL AS STRING) AS destination
FROM fallen AS f
CROSS JOIN run__month AS r
CROSS JOIN policy__warning AS k
WHERE
  f.usual > 0
  AND f.m0 < f.usual
  AND f.fall >= k.slope_amount
  AND f.fall >= CAST(f.usual AS DECIMAL(24, 2)) * k.slope_share
