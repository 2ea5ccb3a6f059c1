WITH scored AS (
  SELECT
    i.party_key,
    i.month,
    i.bucket,
    i.segment,
    i.contribution_12m,
    i.deposit_margin_12m,
    i.loan_margin_12m,
    i.fee_income_12m,
    i.expected_loss_12m,
    i.costs_12m,
    i.risk_points,
    i.renown_points,
    i.relations_count,
    i.employees_count,
    i.family_count,
    c.percentile AS contribution_score,
    k.percentile AS risk_score,
    n.percentile AS renown_score,
    t.percentile AS relatedness_score
  FROM feature__indicator_month AS i
  LEFT JOIN feature__indicator_rank AS c
    ON c.segment = i.segment
    AND c.indicator = 'contribution'
    AND c.bin = i.contribution_bin
  LEFT JOIN feature__indicator_rank AS k
    ON k.segment = i.segment AND k.indicator = 'risk' AND k.bin = i.risk_points
  LEFT JOIN feature__indicator_rank AS n
    ON n.segment = i.segment AND n.indicator = 'renown' AND n.bin = i.renown_points
  LEFT JOIN feature__indicator_rank AS t
    ON t.segment = i.segment
    AND t.indicator = 'relatedness'
    AND t.bin = i.relatedness_points
), weighed AS (
  SELECT
    s.*,
    CASE
      WHEN s.contribution_score IS NULL
      THEN 0e0
      ELSE CAST(v.weight_contribution AS DOUBLE)
    END AS w_contribution,
    CASE WHEN s.risk_score IS NULL THEN 0e0 ELSE CAST(v.weight_risk AS DOUBLE) END AS w_risk,
    CASE WHEN s.renown_score IS NULL THEN 0e0 ELSE CAST(v.weight_renown AS DOUBLE) END AS w_renown,
    CASE
      WHEN s.relatedness_score IS NULL
      THEN 0e0
      ELSE CAST(v.weight_relatedness AS DOUBLE)
    END AS w_relatedness,
    v.medium_risk_from,
    v.high_risk_from
  FROM scored AS s
  CROSS JOIN policy__value AS v
), spread AS (
  SELECT
    w.*,
    CASE
      WHEN NOT w.contribution_score IS NULL
      THEN w.w_contribution + w.w_risk + w.w_renown + w.w_relatedness
    END AS w_all
  FROM weighed AS w
)
SELECT
  party_key,
  month,
  bucket,
  segment,
  contribution_12m,
  deposit_margin_12m,
  loan_margin_12m,
  fee_income_12m,
  expected_loss_12m,
  costs_12m,
  risk_points,
  CASE
    WHEN risk_points IS NULL
    THEN NULL
    WHEN risk_points >= high_risk_from
    THEN 'high'
    WHEN risk_points >= medium_risk_from
    THEN 'medium'
    ELSE 'low'
  END AS risk_level,
  renown_points,
  relations_count,
  employees_count,
  family_count,
  contribution_score,
  risk_score,
  renown_score,
  relatedness_score,
  CASE
    WHEN w_all > 0e0
    THEN (
      w_contribution * contribution_score + w_risk * (
        1e2 - COALESCE(risk_score, 0e0)
      ) + w_renown * COALESCE(renown_score, 0e0) + w_relatedness * COALESCE(relatedness_score, 0e0)
    ) / w_all
  END AS composite_score,
  CASE WHEN w_all > 0e0 THEN w_contribution / w_all END AS weight_contribution,
  CASE WHEN w_all > 0e0 THEN w_risk / w_all END AS weight_risk,
  CASE WHEN w_all > 0e0 THEN w_renown / w_all END AS weight_renown,
  CASE WHEN w_all > 0e0 THEN w_relatedness / w_all END AS weight_relatedness
FROM spread
