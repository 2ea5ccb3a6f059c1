WITH aged AS (
  SELECT
    YEAR(r.month) * 12 + MONTH(r.month) - CASE WHEN r.closed THEN 0 ELSE 1 END AS last_at
  FROM run__month AS r
), known AS (
  SELECT
    f.party_key,
    f.month,
    YEAR(f.month) * 12 + MONTH(f.month) AS at,
    f.signals,
    f.base_average,
    (
      ROUND((
        CAST(1 AS DOUBLE) - COALESCE(f.against_6, CAST(1 AS DOUBLE))
      ) * 1e6) / 1e6
    ) AS score
  FROM past__feature_leaving_month AS f
), wealth AS (
  SELECT
    w.party_key,
    YEAR(w.month) * 12 + MONTH(w.month) AS at,
    w.aum
  FROM past__feature_wealth_month AS w
  WHERE
    NOT w.aum IS NULL
), opened AS (
  SELECT
    m.party_key,
    YEAR(c.opened_on) * 12 + MONTH(c.opened_on) AS at,
    MAX(CASE WHEN c.source = 'warning' THEN 1 ELSE 0 END) AS from_warning
  FROM ops__case AS c
  INNER JOIN core__party_member AS m
    ON m.customer_no = c.customer_no
  GROUP BY
    m.party_key,
    YEAR(c.opened_on) * 12 + MONTH(c.opened_on)
), spoken AS (
  SELECT
    now.party_key,
    now.month,
    now.at,
    before.score,
    first.aum AS first_aum,
    CASE
      WHEN last.aum >= CAST(first.aum AS DECIMAL(28, 2)) * k.kept_share
      THEN 1
      ELSE 0
    END AS kept
  FROM known AS now
  INNER JOIN known AS before
    ON before.party_key = now.party_key AND before.at = now.at - 1
  INNER JOIN wealth AS first
    ON first.party_key = now.party_key AND first.at = now.at - 1
  CROSS JOIN policy__retention AS k
  CROSS JOIN policy__churn AS l
  CROSS JOIN aged AS a
  LEFT JOIN wealth AS last
    ON last.party_key = now.party_key AND last.at = now.at + k.compare_months
  WHERE
    now.signals > 0
    AND first.aum > 0
    AND before.base_average >= l.loss_base
    AND now.at + k.compare_months <= a.last_at
), touched AS (
  SELECT
    s.party_key,
    s.at,
    MAX(CASE WHEN o.at = s.at AND o.from_warning = 1 THEN 1 ELSE 0 END) AS is_worked
  FROM spoken AS s
  CROSS JOIN policy__retention AS k
  INNER JOIN opened AS o
    ON o.party_key = s.party_key AND o.at >= s.at - 1 AND o.at <= s.at + k.compare_months
  GROUP BY
    s.party_key,
    s.at
), pool AS (
  SELECT
    s.party_key,
    s.month,
    s.first_aum,
    s.kept,
    COALESCE(t.is_worked, 0) AS is_worked,
    NTILE(10) OVER (PARTITION BY s.month ORDER BY s.score DESC, s.party_key ASC NULLS LAST) AS score_decile
  FROM spoken AS s
  LEFT JOIN touched AS t
    ON t.party_key = s.party_key AND t.at = s.at
  WHERE
    t.party_key IS NULL OR t.is_worked = 1
), met AS (
  SELECT DISTINCT
    month
  FROM pool
  WHERE
    is_worked = 1
)
SELECT
  r.month,
  o.month AS opened_month,
  COALESCE(p.unit_no, '') AS unit_no,
  o.score_decile,
  b.band AS aum_band,
  SUM(o.is_worked) AS worked,
  SUM(o.is_worked * o.kept) AS worked_kept,
  SUM(1 - o.is_worked) AS alike,
  SUM((
    1 - o.is_worked
  ) * o.kept) AS alike_kept
FROM pool AS o
INNER JOIN met
  ON met.month = o.month
INNER JOIN core__party AS p
  ON p.party_key = o.party_key
INNER JOIN policy__lists_band AS b
  ON b.sort = 'aum' AND o.first_aum >= b.lower_bound AND o.first_aum < b.upper_bound
CROSS JOIN run__month AS r
GROUP BY
  1,
  2,
  3,
  4,
  5
