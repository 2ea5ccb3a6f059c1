WITH scored AS (
  SELECT
    party_key,
    bucket,
    chance,
    place
  FROM score__leaving AS leaving
), counted AS (
  SELECT
    COUNT(*) AS customers
  FROM score__leaving AS leaving
), spoken AS (
  SELECT
    s.party_key,
    s.bucket,
    s.signal,
    s.amount
  FROM score__signal AS s
  UNION ALL
  SELECT
    scored.party_key,
    scored.bucket,
    'likely' AS signal,
    CAST(NULL AS DECIMAL(18, 2)) AS amount
  FROM scored
  CROSS JOIN counted
  CROSS JOIN policy__warning AS k
  WHERE
    CAST(scored.place AS DECIMAL(18, 0)) <= CAST(counted.customers AS DECIMAL(18, 0)) * k.likely_share
), ranked AS (
  SELECT
    s.party_key,
    s.bucket,
    s.signal,
    s.amount,
    k.urgency,
    ROW_NUMBER() OVER (
      PARTITION BY s.party_key
      ORDER BY k.urgency DESC, s.amount DESC, s.signal ASC NULLS LAST
    ) AS first_place
  FROM spoken AS s
  JOIN policy__warning_signal AS k
    ON k.signal = s.signal AND k.is_on
), drawn AS (
  SELECT
    party_key,
    MAX(bucket) AS bucket,
    COUNT(*) AS signals,
    MAX(urgency) AS urgency,
    MAX(amount) AS amount,
    MAX(CASE WHEN first_place = 1 THEN signal END) AS signal
  FROM ranked
  GROUP BY
    party_key
), valued AS (
  SELECT
    d.party_key,
    d.bucket,
    d.signal,
    d.signals,
    d.urgency,
    d.amount,
    d.urgency + d.signals - 1 AS points,
    GREATEST(
      COALESCE(w.aum, w.deposits, CAST(0 AS DECIMAL(18, 2))),
      COALESCE(d.amount, CAST(0 AS DECIMAL(18, 2)))
    ) AS at_stake
  FROM drawn AS d
  LEFT JOIN feature__wealth_month AS w
    ON w.party_key = d.party_key
)
SELECT
  v.party_key,
  r.month,
  v.bucket,
  v.signal,
  v.signals,
  v.urgency,
  v.points,
  v.amount,
  v.at_stake,
  scored.chance,
  scored.place,
  CAST(v.at_stake AS DECIMAL(24, 2)) * v.points AS priority
FROM valued AS v
CROSS JOIN run__month AS r
LEFT JOIN scored
  ON scored.party_key = v.party_key
