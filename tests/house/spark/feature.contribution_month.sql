WITH margin AS (
  SELECT
    party_key,
    side,
    margin,
    expected_loss,
    without
  FROM feature__account_margin AS account_margin
  WHERE
    holders = 1
  UNION ALL
  SELECT
    party_key,
    side,
    margin,
    expected_loss,
    without
  FROM feature__joint_margin AS joint_margin
), earned AS (
  SELECT
    party_key,
    SUM(CASE WHEN side = 'deposit' THEN COALESCE(margin, 0) ELSE 0 END) AS deposit_margin,
    SUM(CASE WHEN side = 'loan' THEN COALESCE(margin, 0) ELSE 0 END) AS loan_margin,
    SUM(COALESCE(expected_loss, 0)) AS expected_loss,
    SUM(CASE WHEN NOT without IS NULL THEN 1 ELSE 0 END) AS unpriced
  FROM margin
  GROUP BY
    party_key
), customer AS (
  SELECT
    party_key
  FROM earned
  UNION
  SELECT
    party_key
  FROM feature__wealth_month AS wealth_month
  WHERE
    accounts_open > 0
  UNION
  SELECT
    party_key
  FROM feature__activity_month AS activity_month
  WHERE
    fee_amount <> 0
), summed AS (
  SELECT
    c.party_key,
    COALESCE(e.deposit_margin, 0) AS deposit_margin,
    COALESCE(e.loan_margin, 0) AS loan_margin,
    COALESCE(a.fee_amount, 0) AS fee_income,
    COALESCE(e.expected_loss, 0) AS expected_loss,
    COALESCE(e.unpriced, 0) AS unpriced,
    CASE
      WHEN COALESCE(w.accounts_open, 0) > 0
      THEN CAST(CAST(ROUND(
        (
          CAST(k.service_cost_year AS DOUBLE) * CAST(r.days AS DOUBLE) / (
            12e0 * CAST(r.days_in_month AS DOUBLE)
          )
        ) * 1e2
      ) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2))
      ELSE CAST(0 AS DECIMAL(18, 2))
    END AS service_cost,
    CASE
      WHEN COALESCE(e.loan_margin, 0) + COALESCE(a.fee_amount, 0) > 0
      THEN ROUND(
        CAST(COALESCE(e.loan_margin, 0) + COALESCE(a.fee_amount, 0) AS DECIMAL(24, 2)) * k.surtax_share,
        2
      )
      ELSE CAST(0 AS DECIMAL(18, 2))
    END AS surtax
  FROM customer AS c
  CROSS JOIN policy__contribution AS k
  CROSS JOIN run__month AS r
  LEFT JOIN earned AS e
    ON e.party_key = c.party_key
  LEFT JOIN feature__wealth_month AS w
    ON w.party_key = c.party_key
  LEFT JOIN feature__activity_month AS a
    ON a.party_key = c.party_key
)
SELECT
  s.party_key,
  r.month,
  p.bucket,
  CASE WHEN s.unpriced = 0 THEN s.deposit_margin END AS deposit_margin,
  CASE WHEN s.unpriced = 0 THEN s.loan_margin END AS loan_margin,
  s.fee_income,
  s.expected_loss,
  s.surtax,
  s.service_cost,
  CASE
    WHEN s.unpriced = 0
    THEN s.deposit_margin + s.loan_margin + s.fee_income - s.expected_loss - s.surtax - s.service_cost
  END AS contribution,
  s.unpriced AS accounts_without_price
FROM summed AS s
INNER JOIN core__party AS p
  ON p.party_key = s.party_key
CROSS JOIN run__month AS r
