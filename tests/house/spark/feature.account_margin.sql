WITH credit AS (
  SELECT
    p.party_key,
    MAX(g.pd) AS pd,
    MAX(g.lgd) AS lgd
  FROM staged__credit AS g
  INNER JOIN core__party_member AS p
    ON p.customer_no = g.customer_no
  GROUP BY
    p.party_key
), account AS (
  SELECT
    a.account_no,
    a.bucket,
    a.party_key,
    a.holders,
    f.side,
    f.priced_as AS family,
    a.currency,
    f.day_basis,
    COALESCE(c.earns, TRUE) AS earns,
    COALESCE(a.rate, f.default_rate) AS rate,
    CASE
      WHEN NOT f.has_term
      THEN 0
      ELSE COALESCE(
        a.term_days,
        CAST(DATEDIFF(a.matures_on, COALESCE(a.started_on, a.opened_on)) AS BIGINT),
        0
      )
    END AS tenor_days,
    CASE
      WHEN NOT f.has_term
      THEN r.month
      WHEN a.started_on <= r.month_end
      THEN a.started_on
      WHEN a.opened_on <= r.month_end
      THEN a.opened_on
      ELSE r.month
    END AS price_day,
    COALESCE(
      m.balance_days_base - m.in_transit_days_base,
      CAST(m.balance_base AS DECIMAL(38, 2)) * r.days
    ) AS balance_days,
    CASE
      WHEN f.side <> 'loan'
      THEN CAST(0 AS DECIMAL(9, 8))
      WHEN NOT COALESCE(c.earns, TRUE)
      THEN CAST(c.pd * COALESCE(g.lgd, k.default_lgd) AS DECIMAL(9, 8))
      ELSE CAST(COALESCE(g.pd, c.pd, k.default_pd) * COALESCE(g.lgd, k.default_lgd) AS DECIMAL(9, 8))
    END AS loss_share
  FROM feature__account_month AS m
  INNER JOIN core__account AS a
    ON a.account_no = m.account_no
  INNER JOIN policy__contribution_family AS f
    ON f.family = a.family
  CROSS JOIN policy__contribution AS k
  CROSS JOIN run__month AS r
  LEFT JOIN policy__contribution_loan_class AS c
    ON c.loan_class = a.loan_class
  LEFT JOIN credit AS g
    ON g.party_key = a.party_key
), wanted AS (
  SELECT DISTINCT
    family,
    currency,
    tenor_days,
    price_day
  FROM account
), listed AS (
  SELECT
    family,
    currency,
    tenor_days AS covers_days,
    day AS valid_from,
    LEAD(day) OVER (PARTITION BY family, currency, tenor_days ORDER BY day ASC NULLS LAST) AS valid_to,
    rate
  FROM staged__ftp_rates AS ftp_rates
), matched AS (
  SELECT
    w.family,
    w.currency,
    w.tenor_days,
    w.price_day,
    l.rate,
    l.covers_days,
    ROW_NUMBER() OVER (
      PARTITION BY w.family, w.currency, w.tenor_days, w.price_day
      ORDER BY l.covers_days ASC NULLS LAST
    ) AS nearest
  FROM wanted AS w
  INNER JOIN listed AS l
    ON l.family = w.family
    AND l.currency = w.currency
    AND l.covers_days >= w.tenor_days
    AND l.valid_from <= w.price_day
    AND (
      l.valid_to IS NULL OR l.valid_to > w.price_day
    )
), priced AS (
  SELECT
    a.account_no,
    a.bucket,
    a.party_key,
    a.holders,
    a.side,
    a.family,
    a.currency,
    a.day_basis,
    a.tenor_days,
    a.price_day,
    a.rate,
    a.balance_days,
    a.loss_share,
    p.rate AS ftp_rate,
    p.covers_days,
    CASE
      WHEN a.balance_days IS NULL
      THEN 'balance'
      WHEN NOT a.earns
      THEN NULL
      WHEN a.rate IS NULL
      THEN 'rate'
      WHEN p.rate IS NULL
      THEN 'price'
    END AS without,
    CASE
      WHEN NOT a.earns
      THEN CAST(0 AS DECIMAL(9, 8))
      WHEN a.side = 'deposit'
      THEN CAST(p.rate - a.rate AS DECIMAL(9, 8))
      ELSE CAST(a.rate - p.rate AS DECIMAL(9, 8))
    END AS margin_rate
  FROM account AS a
  LEFT JOIN matched AS p
    ON p.nearest = 1
    AND p.family = a.family
    AND p.currency = a.currency
    AND p.tenor_days = a.tenor_days
    AND p.price_day = a.price_day
), exact AS (
  SELECT
    p.*,
    CAST(ROUND(CAST(p.balance_days AS DECIMAL(20, 2)) * p.margin_rate * 10000, 0) AS BIGINT) AS margin_parts,
    CAST(ROUND(CAST(p.balance_days AS DECIMAL(20, 2)) * p.loss_share * 10000, 0) AS BIGINT) AS loss_parts,
    CAST(ROUND(p.day_basis * 100) AS BIGINT) AS margin_divisor,
    CAST(ROUND(1200 * r.days_in_month) AS BIGINT) AS loss_divisor,
    r.month
  FROM priced AS p
  CROSS JOIN run__month AS r
), fen AS (
  SELECT
    e.*,
    SIGN(margin_parts) * (
      (
        2 * ABS(margin_parts) + margin_divisor
      ) DIV (
        2 * margin_divisor
      )
    ) AS margin_fen,
    SIGN(loss_parts) * (
      (
        2 * ABS(loss_parts) + loss_divisor
      ) DIV (
        2 * loss_divisor
      )
    ) AS loss_fen
  FROM exact AS e
)
SELECT
  account_no,
  month,
  bucket,
  party_key,
  holders,
  side,
  family,
  currency,
  tenor_days,
  price_day,
  rate,
  ftp_rate,
  covers_days,
  balance_days,
  CASE
    WHEN without IS NULL
    THEN CAST(margin_fen AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2))
  END AS margin,
  CAST(loss_fen AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS expected_loss,
  without
FROM fen
