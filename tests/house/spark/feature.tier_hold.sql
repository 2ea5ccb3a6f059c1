WITH salary AS (
  SELECT
    s.party_key,
    s.credits,
    (
      YEAR(r.month) * 12 + MONTH(r.month)
    ) - (
      YEAR(s.month) * 12 + MONTH(s.month)
    ) AS back
  FROM past__feature_salary_month AS s
  CROSS JOIN run__month AS r
), paid AS (
  SELECT
    s.party_key,
    h.scheme,
    SUM(s.credits) AS credits
  FROM salary AS s
  INNER JOIN policy__tier_hold AS h
    ON h.criterion = 'payroll' AND s.back < h.months
  GROUP BY
    s.party_key,
    h.scheme
), owing AS (
  SELECT DISTINCT
    a.party_key,
    c.scheme
  FROM core__account AS a
  INNER JOIN feature__account_month AS m
    ON m.account_no = a.account_no
  INNER JOIN policy__tier_hold_code AS c
    ON c.criterion = 'loan' AND c.code = a.product_code
  WHERE
    m.balance_base > 0 AND NOT a.party_key IS NULL
), met AS (
  SELECT
    p.party_key,
    p.bucket,
    h.scheme,
    h.criterion,
    h.tier_rank,
    ROW_NUMBER() OVER (PARTITION BY p.party_key ORDER BY h.tier_rank DESC, h.place ASC NULLS LAST) AS best_place
  FROM core__party AS p
  INNER JOIN policy__tier_scheme AS s
    ON s.customer_kind = p.kind
    AND (
      s.size_class IS NULL OR s.size_class = p.size_class
    )
  INNER JOIN policy__tier_hold AS h
    ON h.scheme = s.scheme
  LEFT JOIN paid
    ON paid.party_key = p.party_key AND paid.scheme = h.scheme
  LEFT JOIN owing
    ON owing.party_key = p.party_key AND owing.scheme = h.scheme
  LEFT JOIN policy__tier_hold_code AS trade
    ON trade.scheme = h.scheme
    AND trade.criterion = 'business'
    AND trade.code = p.resident_type
  WHERE
    CASE h.criterion
      WHEN 'payroll'
      THEN COALESCE(paid.credits, 0) >= h.credits
      WHEN 'loan'
      THEN NOT owing.party_key IS NULL
      WHEN 'business'
      THEN NOT trade.code IS NULL
    END
)
SELECT
  m.party_key,
  r.month,
  m.bucket,
  m.scheme,
  m.criterion,
  m.tier_rank
FROM met AS m
CROSS JOIN run__month AS r
WHERE
  m.best_place = 1
