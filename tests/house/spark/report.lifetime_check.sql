WITH asked AS (
  SELECT
    before.party_key,
    before.next_12m,
    before.contribution_12m AS last_year,
    now.contribution_12m AS actual,
    month.month
  FROM past__score_lifetime AS before
  CROSS JOIN run__month AS month
  JOIN past__score_lifetime AS now
    ON now.party_key = before.party_key AND now.month = month.month
  WHERE
    YEAR(month.month) * 12 + MONTH(month.month) - YEAR(before.month) * 12 - MONTH(before.month) = 12
    AND NOT before.next_12m IS NULL
    AND NOT before.contribution_12m IS NULL
    AND NOT now.contribution_12m IS NULL
), ranked AS (
  SELECT
    asked.*,
    NTILE(10) OVER (ORDER BY asked.next_12m ASC NULLS LAST, asked.party_key ASC NULLS LAST) AS decile
  FROM asked
)
SELECT
  month,
  decile,
  COUNT(*) AS customers,
  SUM(next_12m) AS predicted,
  SUM(last_year) AS last_year,
  SUM(actual) AS actual,
  SUM(ABS(next_12m - actual)) AS error_predicted,
  SUM(ABS(last_year - actual)) AS error_last_year
FROM ranked
GROUP BY
  month,
  decile
