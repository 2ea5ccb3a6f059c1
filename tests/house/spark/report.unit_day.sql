WITH year_span AS (
  SELECT
    reference.label,
    reference.days AS month_days,
    CAST(DATEDIFF(reference.day, MIN(known.month)) AS BIGINT) + 1 AS year_days
  FROM run__reference_day AS reference
  JOIN (
    SELECT DISTINCT
      month
    FROM past__feature_wealth_month AS feature_wealth_month
  ) AS known
    ON YEAR(known.month) = YEAR(reference.day) AND known.month <= reference.day
  GROUP BY
    reference.label,
    reference.days,
    reference.day
), summed AS (
  SELECT
    position.label,
    position.day,
    COALESCE(party.unit_no, '') AS unit_no,
    COALESCE(party.keeper_no, '') AS keeper_no,
    year_span.month_days,
    year_span.year_days,
    SUM(position.deposits) AS deposits,
    CAST(ROUND(SUM(position.deposits_days) * 100) AS BIGINT) AS month_fen,
    CAST(ROUND(SUM(position.deposits_year_days) * 100) AS BIGINT) AS year_fen,
    SUM(COALESCE(position.aum, 0)) AS aum,
    SUM(position.wealth) AS wealth,
    SUM(position.loans) AS loans,
    SUM(CASE WHEN position.active THEN 1 ELSE 0 END) AS active_customers,
    SUM(CASE WHEN position.accounts_open > 0 THEN 1 ELSE 0 END) AS customers
  FROM feature__wealth_day AS position
  JOIN core__party AS party
    ON party.party_key = position.party_key
  JOIN year_span
    ON year_span.label = position.label
  GROUP BY
    position.label,
    position.day,
    COALESCE(party.unit_no, ''),
    COALESCE(party.keeper_no, ''),
    year_span.month_days,
    year_span.year_days
)
SELECT
  label,
  day,
  unit_no,
  keeper_no,
  deposits,
  CAST(SIGN(month_fen) * (
    (
      2 * ABS(month_fen) + month_days
    ) DIV (
      2 * month_days
    )
  ) AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS deposits_average,
  CAST(SIGN(year_fen) * (
    (
      2 * ABS(year_fen) + year_days
    ) DIV (
      2 * year_days
    )
  ) AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS deposits_year_average,
  aum,
  wealth,
  loans,
  active_customers,
  customers
FROM summed
