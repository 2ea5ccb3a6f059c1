WITH earned AS (
  SELECT
    party_key,
    SUM(CASE WHEN contribution IS NULL THEN 1 ELSE 0 END) AS refused,
    SUM(contribution) AS contribution,
    SUM(deposit_margin) AS deposit_margin,
    SUM(loan_margin) AS loan_margin,
    SUM(fee_income) AS fee_income,
    SUM(expected_loss) AS expected_loss,
    SUM(surtax + service_cost) AS costs
  FROM past__feature_contribution_month AS feature_contribution_month
  GROUP BY
    party_key
), acted AS (
  SELECT
    a.party_key,
    MAX(a.last_initiated_on) AS last_initiated_on,
    SUM(
      CASE
        WHEN YEAR(r.month) * 12 + MONTH(r.month) - YEAR(a.month) * 12 - MONTH(a.month) < k.frequency_months
        THEN a.active_days
        ELSE 0
      END
    ) AS active_days
  FROM past__feature_activity_month AS a
  CROSS JOIN run__month AS r
  CROSS JOIN policy__behaviour AS k
  GROUP BY
    a.party_key
), averaged AS (
  SELECT
    w.party_key,
    CASE k.measure
      WHEN 'daily_average'
      THEN w.daily_average
      WHEN 'aum'
      THEN w.aum
      WHEN 'deposits_average'
      THEN w.deposits_average
      ELSE w.deposits
    END AS amount
  FROM past__feature_wealth_month AS w
  INNER JOIN core__party AS p
    ON p.party_key = w.party_key
  INNER JOIN policy__stage_measure AS k
    ON k.kind = p.kind
  CROSS JOIN run__month AS r
  WHERE
    YEAR(w.month) * 12 + MONTH(w.month) = YEAR(r.month) * 12 + MONTH(r.month) - CASE WHEN r.closed THEN 0 ELSE 1 END
), loan AS (
  SELECT
    a.party_key,
    a.loan_class,
    COALESCE(a.overdue_days, 0) AS overdue_days
  FROM core__account AS a
  INNER JOIN policy__contribution_family AS f
    ON f.family = a.family
  CROSS JOIN run__month AS r
  WHERE
    f.side = 'loan'
    AND a.opened_on <= r.business_date
    AND (
      a.closed_on IS NULL OR a.closed_on > r.business_date
    )
    AND (
      NOT a.closed_on IS NULL OR COALESCE(a.state, 'open') <> 'closed'
    )
), credit AS (
  SELECT
    p.party_key,
    c.grade,
    c.pd,
    CASE
      WHEN c.used > 0 AND c.expires_on < r.business_date
      THEN CAST(DATEDIFF(r.business_date, c.expires_on) AS BIGINT)
    END AS expired_days
  FROM staged__credit AS c
  INNER JOIN core__party_member AS p
    ON p.customer_no = c.customer_no
  CROSS JOIN run__month AS r
), risk_fact AS (
  SELECT
    party_key,
    'overdue_days' AS input,
    CAST(overdue_days AS DECIMAL(18, 8)) AS amount,
    '' AS code
  FROM loan
  UNION ALL
  SELECT
    party_key,
    'loan_class' AS input,
    CAST(NULL AS DECIMAL(18, 8)) AS amount,
    COALESCE(loan_class, '') AS code
  FROM loan
  UNION ALL
  SELECT
    party_key,
    'grade' AS input,
    CAST(NULL AS DECIMAL(18, 8)) AS amount,
    COALESCE(grade, '') AS code
  FROM credit
  UNION ALL
  SELECT
    party_key,
    'pd' AS input,
    CAST(pd AS DECIMAL(18, 8)) AS amount,
    '' AS code
  FROM credit
  UNION ALL
  SELECT
    party_key,
    'expired_days' AS input,
    CAST(expired_days AS DECIMAL(18, 8)) AS amount,
    '' AS code
  FROM credit
), risk_input AS (
  SELECT
    f.party_key,
    f.input,
    MAX(COALESCE(b.points, c.points, 0)) AS points
  FROM risk_fact AS f
  LEFT JOIN policy__value_risk_band AS b
    ON b.input = f.input AND f.amount >= b.at_least
  LEFT JOIN policy__value_risk_code AS c
    ON c.input = f.input AND c.code = f.code
  GROUP BY
    f.party_key,
    f.input
), risk AS (
  SELECT
    party_key,
    CASE WHEN SUM(points) > 100 THEN 100 ELSE SUM(points) END AS points
  FROM risk_input
  GROUP BY
    party_key
), tie AS (
  SELECT
    party_key,
    other_key,
    kind,
    FALSE AS is_employer,
    valid_from,
    valid_to
  FROM core__relation AS relation
  UNION ALL
  SELECT
    other_key AS party_key,
    party_key AS other_key,
    kind,
    kind = 'employee' AS is_employer,
    valid_from,
    valid_to
  FROM core__relation AS relation
), tied AS (
  SELECT
    t.party_key,
    t.other_key,
    g.relation_group,
    MAX(g.weight) AS weight,
    MAX(CASE WHEN t.is_employer THEN 1 ELSE 0 END) AS employs
  FROM tie AS t
  INNER JOIN core__party AS p
    ON p.party_key = t.party_key
  INNER JOIN policy__value_relation AS g
    ON g.kind = t.kind
  CROSS JOIN run__month AS r
  WHERE
    t.party_key <> t.other_key
    AND (
      t.valid_from IS NULL OR t.valid_from <= r.business_date
    )
    AND (
      t.valid_to IS NULL OR t.valid_to > r.business_date
    )
  GROUP BY
    t.party_key,
    t.other_key,
    g.relation_group
), related AS (
  SELECT
    party_key,
    SUM(weight) AS points,
    COUNT(DISTINCT other_key) AS relations,
    SUM(employs) AS employees,
    SUM(CASE WHEN relation_group = 'family' THEN 1 ELSE 0 END) AS family
  FROM tied
  GROUP BY
    party_key
), gathered AS (
  SELECT
    p.party_key,
    p.bucket,
    s.segment || CASE
      WHEN s.by_size AND NOT p.size_class IS NULL
      THEN '/' || p.size_class
      ELSE ''
    END || CASE WHEN s.by_area AND NOT p.area IS NULL THEN '/' || p.area ELSE '' END AS segment,
    s.in_concentration,
    e.refused,
    CASE WHEN e.refused = 0 THEN CAST(e.contribution AS DECIMAL(18, 2)) END AS contribution,
    e.deposit_margin,
    e.loan_margin,
    e.fee_income,
    e.expected_loss,
    e.costs,
    x.points AS risk_points,
    CASE
      WHEN NOT p.renown_source IS NULL AND p.renown_on <= r.business_date
      THEN n.points
    END AS renown_points,
    t.points AS relatedness_points,
    COALESCE(t.relations, 0) AS relations_count,
    COALESCE(t.employees, 0) AS employees_count,
    COALESCE(t.family, 0) AS family_count,
    CAST(DATEDIFF(r.business_date, a.last_initiated_on) AS BIGINT) AS recency_days,
    a.active_days,
    v.amount AS value_average
  FROM core__party AS p
  INNER JOIN policy__value_segment AS s
    ON s.kind = p.kind
  CROSS JOIN run__month AS r
  LEFT JOIN earned AS e
    ON e.party_key = p.party_key
  LEFT JOIN risk AS x
    ON x.party_key = p.party_key
  LEFT JOIN policy__value_renown AS n
    ON n.renown_kind = p.renown_kind
  LEFT JOIN related AS t
    ON t.party_key = p.party_key
  LEFT JOIN acted AS a
    ON a.party_key = p.party_key
  LEFT JOIN averaged AS v
    ON v.party_key = p.party_key
  WHERE
    p.since IS NULL OR p.since <= r.business_date OR NOT e.party_key IS NULL
)
SELECT
  g.party_key,
  r.month,
  g.bucket,
  g.segment,
  g.in_concentration,
  g.contribution AS contribution_12m,
  CASE WHEN g.refused = 0 THEN g.deposit_margin END AS deposit_margin_12m,
  CASE WHEN g.refused = 0 THEN g.loan_margin END AS loan_margin_12m,
  g.fee_income AS fee_income_12m,
  g.expected_loss AS expected_loss_12m,
  g.costs AS costs_12m,
  g.risk_points,
  g.renown_points,
  g.relatedness_points,
  g.relations_count,
  g.employees_count,
  g.family_count,
  g.recency_days,
  g.active_days AS frequency_days,
  g.value_average,
  CASE
    WHEN g.contribution BETWEEN -1000 AND 1000
    THEN g.contribution
    WHEN g.contribution BETWEEN -100000 AND 100000
    THEN CAST(ROUND(g.contribution, 0) AS DECIMAL(18, 2))
    ELSE CAST(CAST(ROUND((
      ROUND(CAST(g.contribution AS DOUBLE) / 1e2) * 1e2
    ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2))
  END AS contribution_bin,
  CASE
    WHEN g.value_average BETWEEN -1000 AND 1000
    THEN g.value_average
    WHEN g.value_average BETWEEN -100000 AND 100000
    THEN CAST(ROUND(g.value_average, 0) AS DECIMAL(18, 2))
    ELSE CAST(CAST(ROUND((
      ROUND(CAST(g.value_average AS DOUBLE) / 1e2) * 1e2
    ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2))
  END AS average_bin
FROM gathered AS g
CROSS JOIN run__month AS r
