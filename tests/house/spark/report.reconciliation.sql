WITH opened AS (
  SELECT
    account.account_no,
    account.component,
    account.in_aum,
    account.currency,
    account.unit_no,
    account.currency = month.base_currency AS is_base,
    month.base_currency,
    month.business_date,
    account.party_key IS NULL
    OR NOT worth.refused IS NULL
    OR worth.account_no IS NULL
    OR COALESCE(account.closed_on <= month.business_date, FALSE) AS is_left_out
  FROM core__account AS account
  CROSS JOIN run__month AS month
  LEFT JOIN feature__account_month AS worth
    ON worth.account_no = account.account_no
  WHERE
    NOT account.component IS NULL AND account.opened_on <= month.business_date
), line AS (
  SELECT
    account_no,
    day,
    balance,
    COALESCE(in_transit, 0) AS in_transit
  FROM past__staged_balances AS staged_balances
  UNION ALL
  SELECT
    account_no,
    day,
    balance,
    in_transit
  FROM past__core_balance_change AS core_balance_change
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM past__staged_balances AS staged_balances
    )
), newest AS (
  SELECT
    line.account_no,
    MAX(line.day) AS day
  FROM line
  JOIN run__month AS month
    ON line.day <= month.business_date
  GROUP BY
    line.account_no
), silent AS (
  SELECT
    worth.account_no,
    MAX(worth.month) AS month
  FROM past__feature_account_month AS worth
  LEFT JOIN newest
    ON newest.account_no = worth.account_no
  WHERE
    newest.account_no IS NULL
  GROUP BY
    worth.account_no
), stated AS (
  SELECT
    line.account_no,
    line.balance,
    line.in_transit
  FROM newest
  JOIN line
    ON line.account_no = newest.account_no AND line.day = newest.day
  UNION ALL
  SELECT
    worth.account_no,
    worth.balance,
    worth.in_transit
  FROM silent
  JOIN past__feature_account_month AS worth
    ON worth.account_no = silent.account_no AND worth.month = silent.month
), newest_rate AS (
  SELECT
    rate.currency,
    MAX(rate.day) AS day
  FROM staged__fx_rates AS rate
  JOIN run__month AS month
    ON rate.day <= month.business_date
  GROUP BY
    rate.currency
), extract_line AS (
  SELECT
    opened.component,
    opened.in_aum,
    opened.currency,
    opened.is_base,
    opened.is_left_out,
    opened.base_currency,
    stated.balance,
    stated.in_transit,
    CASE
      WHEN opened.is_base
      THEN stated.balance
      ELSE ROUND(CAST(stated.balance AS DECIMAL(38, 2)) * rate.mid, 2)
    END AS balance_base,
    CASE
      WHEN opened.is_base
      THEN stated.in_transit
      ELSE ROUND(CAST(stated.in_transit AS DECIMAL(38, 2)) * rate.mid, 2)
    END AS in_transit_base
  FROM opened
  JOIN stated
    ON stated.account_no = opened.account_no
  LEFT JOIN newest_rate
    ON newest_rate.currency = opened.currency
  LEFT JOIN staged__fx_rates AS rate
    ON rate.currency = newest_rate.currency AND rate.day = newest_rate.day
), outlet AS (
  SELECT
    COALESCE(party.unit_no, '') AS unit_no,
    SUM(wealth.demand) AS demand,
    SUM(wealth.time) AS time,
    SUM(wealth.structured) AS structured,
    SUM(wealth.wealth) AS wealth,
    SUM(wealth.fund) AS fund,
    SUM(wealth.insurance) AS insurance,
    SUM(wealth.other) AS other,
    SUM(wealth.in_transit) AS in_transit,
    SUM(wealth.loans) AS loans
  FROM feature__wealth_month AS wealth
  JOIN core__party AS party
    ON party.party_key = wealth.party_key
  GROUP BY
    COALESCE(party.unit_no, '')
), part AS (
  SELECT
    'demand' AS component
  UNION ALL
  SELECT
    'time'
  UNION ALL
  SELECT
    'structured'
  UNION ALL
  SELECT
    'wealth'
  UNION ALL
  SELECT
    'fund'
  UNION ALL
  SELECT
    'insurance'
  UNION ALL
  SELECT
    'other'
  UNION ALL
  SELECT
    'in_transit'
  UNION ALL
  SELECT
    'loan'
), seen AS (
  SELECT
    'customers' AS view_name,
    part.component,
    month.base_currency AS currency,
    CASE part.component
      WHEN 'demand'
      THEN wealth.demand
      WHEN 'time'
      THEN wealth.time
      WHEN 'structured'
      THEN wealth.structured
      WHEN 'wealth'
      THEN wealth.wealth
      WHEN 'fund'
      THEN wealth.fund
      WHEN 'insurance'
      THEN wealth.insurance
      WHEN 'other'
      THEN wealth.other
      WHEN 'in_transit'
      THEN wealth.in_transit
      ELSE wealth.loans
    END AS amount
  FROM feature__wealth_month AS wealth
  CROSS JOIN part
  CROSS JOIN run__month AS month
  UNION ALL
  SELECT
    'managing_outlets' AS view_name,
    part.component,
    month.base_currency AS currency,
    CASE part.component
      WHEN 'demand'
      THEN outlet.demand
      WHEN 'time'
      THEN outlet.time
      WHEN 'structured'
      THEN outlet.structured
      WHEN 'wealth'
      THEN outlet.wealth
      WHEN 'fund'
      THEN outlet.fund
      WHEN 'insurance'
      THEN outlet.insurance
      WHEN 'other'
      THEN outlet.other
      WHEN 'in_transit'
      THEN outlet.in_transit
      ELSE outlet.loans
    END AS amount
  FROM outlet
  CROSS JOIN part
  CROSS JOIN run__month AS month
  UNION ALL
  SELECT
    'account_outlets' AS view_name,
    opened.component,
    opened.base_currency AS currency,
    worth.balance_base AS amount
  FROM opened
  JOIN feature__account_month AS worth
    ON worth.account_no = opened.account_no
  WHERE
    NOT opened.is_left_out
  UNION ALL
  SELECT
    'account_outlets' AS view_name,
    'in_transit' AS component,
    opened.base_currency AS currency,
    worth.in_transit_base AS amount
  FROM opened
  JOIN feature__account_month AS worth
    ON worth.account_no = opened.account_no
  WHERE
    NOT opened.is_left_out AND opened.in_aum
  UNION ALL
  SELECT
    'account_outlets' AS view_name,
    opened.component,
    opened.currency,
    worth.balance AS amount
  FROM opened
  JOIN feature__account_month AS worth
    ON worth.account_no = opened.account_no
  WHERE
    NOT opened.is_left_out AND NOT opened.is_base
  UNION ALL
  SELECT
    'extract' AS view_name,
    component,
    base_currency AS currency,
    balance_base AS amount
  FROM extract_line
  WHERE
    NOT is_left_out
  UNION ALL
  SELECT
    'extract' AS view_name,
    'in_transit' AS component,
    base_currency AS currency,
    in_transit_base AS amount
  FROM extract_line
  WHERE
    NOT is_left_out AND in_aum
  UNION ALL
  SELECT
    'extract' AS view_name,
    component,
    currency,
    balance AS amount
  FROM extract_line
  WHERE
    NOT is_left_out AND NOT is_base
  UNION ALL
  SELECT
    'left_out' AS view_name,
    component,
    currency,
    balance AS amount
  FROM extract_line
  WHERE
    is_left_out AND balance <> 0
), summed AS (
  SELECT
    view_name,
    component,
    currency,
    SUM(amount) AS amount
  FROM seen
  GROUP BY
    view_name,
    component,
    currency
), first_view AS (
  SELECT
    component,
    currency,
    MAX(CASE WHEN view_name = 'customers' THEN amount END) AS customers,
    MAX(CASE WHEN view_name = 'account_outlets' THEN amount END) AS accounts
  FROM summed
  GROUP BY
    component,
    currency
)
SELECT
  summed.view_name,
  summed.component,
  summed.currency,
  summed.amount,
  CASE
    WHEN summed.view_name = 'left_out'
    THEN 0
    ELSE summed.amount - COALESCE(first_view.customers, first_view.accounts, 0)
  END AS difference
FROM summed
JOIN first_view
  ON first_view.component = summed.component AND first_view.currency = summed.currency
