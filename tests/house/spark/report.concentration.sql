WITH digit AS (
  SELECT
    n
  FROM VALUES
    (0),
    (1),
    (2),
    (3),
    (4),
    (5),
    (6),
    (7),
    (8),
    (9) AS d(n)
), percents AS (
  SELECT
    tens.n * 10 + ones.n + 1 AS percent
  FROM digit AS tens
  CROSS JOIN digit AS ones
), valued AS (
  SELECT
    p.party_key,
    p.unit_no,
    'aum' AS metric,
    w.aum AS amount
  FROM feature__wealth_month AS w
  INNER JOIN core__party AS p
    ON p.party_key = w.party_key
  INNER JOIN policy__value_segment AS s
    ON s.kind = p.kind
  WHERE
    s.in_concentration AND NOT w.aum IS NULL AND w.accounts_open > 0
  UNION ALL
  SELECT
    p.party_key,
    p.unit_no,
    'contribution' AS metric,
    i.contribution_12m AS amount
  FROM feature__indicator_month AS i
  INNER JOIN core__party AS p
    ON p.party_key = i.party_key
  WHERE
    i.in_concentration AND NOT i.contribution_12m IS NULL
), placed AS (
  SELECT
    s.unit_no,
    v.metric,
    v.amount,
    ROW_NUMBER() OVER (
      PARTITION BY s.unit_no, v.metric
      ORDER BY v.amount DESC, v.party_key ASC NULLS LAST
    ) AS place,
    COUNT(*) OVER (PARTITION BY s.unit_no, v.metric) AS everyone
  FROM valued AS v
  INNER JOIN core__unit_scope AS s
    ON s.member_no = v.unit_no
), stepped AS (
  SELECT
    unit_no,
    metric,
    CAST(RINT(CEIL(CAST(place * 100 AS DOUBLE) / CAST(everyone AS DOUBLE))) AS INT) AS percent,
    COUNT(*) AS customers,
    SUM(amount) AS amount
  FROM placed
  GROUP BY
    1,
    2,
    3
), curve AS (
  SELECT DISTINCT
    unit_no,
    metric
  FROM stepped
), filled AS (
  SELECT
    c.unit_no,
    c.metric,
    p.percent,
    COALESCE(s.customers, 0) AS customers,
    COALESCE(s.amount, 0) AS amount
  FROM curve AS c
  CROSS JOIN percents AS p
  LEFT JOIN stepped AS s
    ON s.unit_no = c.unit_no AND s.metric = c.metric AND s.percent = p.percent
), summed AS (
  SELECT
    unit_no,
    metric,
    percent,
    SUM(customers) OVER (
      PARTITION BY unit_no, metric
      ORDER BY percent ASC NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS customers,
    CAST(SUM(amount) OVER (
      PARTITION BY unit_no, metric
      ORDER BY percent ASC NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS DECIMAL(18, 2)) AS amount,
    CAST(SUM(amount) OVER (PARTITION BY unit_no, metric) AS DECIMAL(18, 2)) AS total
  FROM filled
)
SELECT
  r.month,
  s.unit_no,
  s.metric,
  s.percent,
  s.customers,
  s.amount,
  CASE WHEN s.total > 0 THEN CAST(s.amount AS DOUBLE) / CAST(s.total AS DOUBLE) END AS share
FROM summed AS s
CROSS JOIN run__month AS r
