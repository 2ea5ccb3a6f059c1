WITH negative AS (
  SELECT
    indicator.party_key,
    indicator.contribution_12m,
    indicator.expected_loss_12m,
    indicator.costs_12m,
    GREATEST(-indicator.deposit_margin_12m, CAST(0 AS DECIMAL(18, 2))) + GREATEST(-indicator.loan_margin_12m, CAST(0 AS DECIMAL(18, 2))) AS margin_lost
  FROM feature__indicator_month AS indicator
  WHERE
    indicator.contribution_12m < 0
)
SELECT
  month.month,
  COALESCE(party.unit_no, '') AS unit_no,
  CASE
    WHEN negative.expected_loss_12m >= negative.margin_lost
    AND negative.expected_loss_12m >= negative.costs_12m
    THEN 'loss'
    WHEN negative.margin_lost >= negative.costs_12m
    THEN 'margin'
    ELSE 'service'
  END AS cause,
  COUNT(*) AS customers,
  SUM(negative.contribution_12m) AS contribution,
  SUM(COALESCE(wealth.aum, 0)) AS aum
FROM negative
CROSS JOIN run__month AS month
JOIN core__party AS party
  ON party.party_key = negative.party_key
LEFT JOIN feature__wealth_month AS wealth
  ON wealth.party_key = negative.party_key
GROUP BY
  1,
  2,
  3
