WITH due AS (
  SELECT
    a.account_no,
    a.party_key,
    a.bucket,
    a.matures_on,
    a.product_name,
    CASE WHEN a.matures_on >= r.month THEN 1 ELSE 2 END AS months_back
  FROM core__account AS a
  JOIN policy__warning_family AS f
    ON f.family = a.family
  CROSS JOIN run__month AS r
  CROSS JOIN policy__warning AS k
  WHERE
    a.matures_on <= r.business_date
    AND CAST(DATEDIFF(r.business_date, a.matures_on) AS BIGINT) < k.matured_days
    AND NOT a.rolls_over
    AND NOT a.party_key IS NULL
    AND a.holders = 1
), valued AS (
  SELECT
    due.account_no,
    due.party_key,
    due.bucket,
    due.matures_on,
    due.product_name,
    due.months_back,
    worth.balance_base AS amount,
    ROW_NUMBER() OVER (PARTITION BY due.account_no ORDER BY worth.month DESC) AS newest
  FROM due
  JOIN past__feature_account_month AS worth
    ON worth.account_no = due.account_no
    AND worth.month < due.matures_on
    AND worth.balance_base > 0
  CROSS JOIN run__month AS r
  WHERE
    worth.month < r.month
), matured AS (
  SELECT
    party_key,
    bucket,
    matures_on,
    product_name,
    months_back,
    amount,
    ROW_NUMBER() OVER (
      PARTITION BY party_key
      ORDER BY amount DESC, matures_on DESC, account_no ASC NULLS LAST
    ) AS size_place
  FROM valued
  WHERE
    newest = 1
), owner AS (
  SELECT
    party_key,
    MAX(bucket) AS bucket,
    SUM(amount) AS amount,
    MAX(months_back) AS months_back,
    COUNT(*) AS sums,
    MAX(CASE WHEN size_place = 1 THEN matures_on END) AS day,
    MAX(CASE WHEN size_place = 1 THEN product_name END) AS place
  FROM matured
  GROUP BY
    party_key
), away AS (
  SELECT
    w.party_key,
    (
      YEAR(r.month) * 12 + MONTH(r.month)
    ) - (
      YEAR(w.month) * 12 + MONTH(w.month)
    ) AS back,
    w.time + w.structured + w.wealth + w.fund + w.insurance + w.other + w.in_transit AS put_away
  FROM past__feature_wealth_month AS w
  CROSS JOIN run__month AS r
), compared AS (
  SELECT
    o.party_key,
    o.bucket,
    o.amount,
    o.sums,
    o.day,
    o.place,
    SUM(CASE WHEN a.back = 0 THEN a.put_away ELSE 0 END) AS away_now,
    SUM(CASE WHEN a.back = o.months_back THEN a.put_away ELSE 0 END) AS away_before
  FROM owner AS o
  JOIN away AS a
    ON a.party_key = o.party_key
  GROUP BY
    o.party_key,
    o.bucket,
    o.amount,
    o.sums,
    o.day,
    o.place
)
SELECT
  c.party_key,
  r.month,
  c.bucket,
  'matured' AS signal,
  c.amount,
  CAST(NULL AS DECIMAL(18, 2)) AS usual,
  CAST(c.away_before - c.away_now AS DOUBLE) / CAST(c.amount AS DOUBLE) AS share,
  CAST(c.sums AS INT) AS times,
  CAST(NULL AS INT) AS usual_times,
  c.day,
  c.place,
  CAST(NULL AS STRING) AS destination
FROM compared AS c
CROSS JOIN run__month AS r
CROSS JOIN policy__warning AS k
WHERE
  c.amount >= k.matured_amount
  AND c.away_before - c.away_now > CAST(c.amount AS DECIMAL(24, 2)) * (
    1 - k.renewed_share
  )
