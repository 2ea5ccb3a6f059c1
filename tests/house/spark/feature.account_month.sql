WITH live AS (
  SELECT
    account.account_no,
    account.bucket,
    account.currency,
    account.currency = month.base_currency AS is_base,
    month.days,
    account.closed_on <= month.business_date AS is_closed,
    CASE
      WHEN account.closed_on <= month.business_date
      THEN CAST(DATEDIFF(account.closed_on, month.month) AS BIGINT)
      ELSE month.days
    END AS days_open
  FROM core__account AS account
  JOIN run__month AS month
    ON account.opened_on <= month.business_date
    AND (
      account.closed_on IS NULL OR account.closed_on >= month.month
    )
), latest_given AS (
  SELECT
    account_no,
    MAX(day) AS day
  FROM core__balance_change AS balance_change
  WHERE
    NOT balance_days IS NULL
  GROUP BY
    account_no
), given AS (
  SELECT
    change.account_no,
    CAST(change.balance_days AS DECIMAL(38, 2)) AS balance_days,
    CAST(DATEDIFF(change.day, month.month) AS BIGINT) + 1 AS covered
  FROM latest_given
  JOIN core__balance_change AS change
    ON change.account_no = latest_given.account_no AND change.day = latest_given.day
  CROSS JOIN run__month AS month
), known AS (
  SELECT
    account_no,
    CAST(0 AS BIGINT) AS from_day,
    0 AS is_change,
    balance,
    in_transit,
    last_change_on AS day
  FROM prev__feature_account_month AS feature_account_month
  WHERE
    NOT balance IS NULL
  UNION ALL
  SELECT
    change.account_no,
    CAST(DATEDIFF(change.day, month.month) AS BIGINT) AS from_day,
    1 AS is_change,
    change.balance,
    change.in_transit,
    change.day
  FROM core__balance_change AS change
  CROSS JOIN run__month AS month
), chained AS (
  SELECT
    account_no,
    from_day,
    is_change,
    balance,
    in_transit,
    day,
    LEAD(from_day) OVER (
      PARTITION BY account_no
      ORDER BY from_day ASC NULLS LAST, is_change ASC NULLS LAST
    ) AS next_day,
    LAG(balance + in_transit) OVER (
      PARTITION BY account_no
      ORDER BY from_day ASC NULLS LAST, is_change ASC NULLS LAST
    ) AS before
  FROM known
), span AS (
  SELECT
    chained.account_no,
    live.currency,
    live.is_base,
    CAST(chained.balance AS DECIMAL(38, 2)) AS balance,
    CAST(chained.in_transit AS DECIMAL(38, 2)) AS in_transit,
    chained.from_day,
    GREATEST(LEAST(COALESCE(chained.next_day, live.days), live.days_open), chained.from_day) AS until_day,
    chained.next_day IS NULL AND NOT COALESCE(live.is_closed, FALSE) AS is_last,
    CASE WHEN live.is_base THEN COALESCE(given.covered, 0) ELSE 0 END AS covered,
    CASE
      WHEN chained.is_change = 0
      OR chained.before IS NULL
      OR chained.before <> chained.balance + chained.in_transit
      THEN chained.day
    END AS changed_on
  FROM chained
  JOIN live
    ON live.account_no = chained.account_no
  LEFT JOIN given
    ON given.account_no = chained.account_no
), counted AS (
  SELECT
    account_no,
    SUM(CASE WHEN is_last THEN balance ELSE 0 END) AS balance,
    SUM(CASE WHEN is_last THEN in_transit ELSE 0 END) AS in_transit,
    SUM(balance * GREATEST(until_day - GREATEST(from_day, covered), 0)) AS balance_days,
    SUM(in_transit * (
      until_day - from_day
    )) AS in_transit_days,
    SUM(CASE WHEN balance <> 0 OR in_transit <> 0 THEN until_day - from_day ELSE 0 END) AS days_needed,
    MAX(changed_on) AS last_change_on
  FROM span
  GROUP BY
    account_no
), dated_rate AS (
  SELECT
    rate.currency,
    rate.mid,
    month.days,
    CAST(DATEDIFF(rate.day, month.month) AS BIGINT) AS from_day,
    LEAD(CAST(DATEDIFF(rate.day, month.month) AS BIGINT)) OVER (PARTITION BY rate.currency ORDER BY rate.day ASC NULLS LAST) AS next_day,
    CAST(DATEDIFF(rate.day, month.month) AS BIGINT) + setting.fx_stale_days + 1 AS stale_day
  FROM staged__fx_rates AS rate
  CROSS JOIN run__month AS month
  CROSS JOIN policy__aum_setting AS setting
), rate_span AS (
  SELECT
    currency,
    mid,
    days,
    from_day,
    LEAST(COALESCE(next_day, stale_day), stale_day) AS until_day
  FROM dated_rate
  WHERE
    from_day < days AND stale_day > 0
), converted AS (
  SELECT
    span.account_no,
    span.is_last AND rate.until_day >= rate.days AND rate.from_day < rate.days AS is_last,
    ROUND(span.balance * rate.mid, 2) AS balance,
    ROUND(span.in_transit * rate.mid, 2) AS in_transit,
    LEAST(span.until_day, rate.until_day) - GREATEST(span.from_day, rate.from_day) AS days
  FROM span
  JOIN rate_span AS rate
    ON rate.currency = span.currency
    AND rate.from_day < span.until_day
    AND rate.until_day > span.from_day
  WHERE
    NOT span.is_base AND (
      span.balance <> 0 OR span.in_transit <> 0
    )
), foreign_counted AS (
  SELECT
    account_no,
    SUM(CASE WHEN is_last THEN balance ELSE 0 END) AS balance,
    SUM(CASE WHEN is_last THEN in_transit ELSE 0 END) AS in_transit,
    SUM(balance * days) AS balance_days,
    SUM(in_transit * days) AS in_transit_days,
    SUM(days) AS days_found
  FROM converted
  GROUP BY
    account_no
), joined AS (
  SELECT
    live.account_no,
    live.bucket,
    live.is_base,
    counted.balance,
    counted.in_transit,
    counted.last_change_on,
    CASE
      WHEN live.is_base
      THEN counted.balance_days + COALESCE(given.balance_days, 0)
      ELSE counted.balance_days
    END AS own_days,
    counted.in_transit_days AS own_in_transit_days,
    COALESCE(abroad.balance, 0) AS abroad_balance,
    COALESCE(abroad.in_transit, 0) AS abroad_in_transit,
    COALESCE(abroad.balance_days, 0) AS abroad_days,
    COALESCE(abroad.in_transit_days, 0) AS abroad_in_transit_days,
    CASE
      WHEN counted.account_no IS NULL
      THEN CASE WHEN NOT COALESCE(live.is_closed, FALSE) THEN 'no_balance' END
      WHEN NOT live.is_base AND COALESCE(abroad.days_found, 0) < counted.days_needed
      THEN 'no_rate'
    END AS refused
  FROM live
  LEFT JOIN counted
    ON counted.account_no = live.account_no
  LEFT JOIN foreign_counted AS abroad
    ON abroad.account_no = live.account_no
  LEFT JOIN given
    ON given.account_no = live.account_no
  WHERE
    NOT counted.account_no IS NULL OR NOT COALESCE(live.is_closed, FALSE)
), worth AS (
  SELECT
    joined.*,
    CASE
      WHEN refused IS NULL
      THEN CASE WHEN is_base THEN balance ELSE abroad_balance END
    END AS balance_base,
    CASE
      WHEN refused IS NULL
      THEN CASE WHEN is_base THEN in_transit ELSE abroad_in_transit END
    END AS in_transit_base,
    CASE
      WHEN refused IS NULL
      THEN CASE WHEN is_base THEN own_days ELSE abroad_days END
    END AS days_base,
    CASE
      WHEN refused IS NULL
      THEN CASE WHEN is_base THEN own_in_transit_days ELSE abroad_in_transit_days END
    END AS in_transit_days
  FROM joined
)
SELECT
  worth.account_no,
  month.month,
  worth.bucket,
  worth.balance,
  worth.in_transit,
  CASE
    WHEN month.balance_basis = 'daily'
    THEN worth.own_days + worth.own_in_transit_days
  END AS balance_days,
  worth.balance_base,
  worth.in_transit_base,
  CASE
    WHEN month.balance_basis = 'daily'
    THEN worth.days_base + worth.in_transit_days
  END AS balance_days_base,
  CASE WHEN month.balance_basis = 'daily' THEN worth.in_transit_days END AS in_transit_days_base,
  month.days,
  worth.last_change_on,
  worth.refused
FROM worth
CROSS JOIN run__month AS month
