SELECT
  month.month,
  COALESCE(account.unit_no, '') AS unit_no,
  band.band,
  COUNT(*) AS accounts,
  SUM(worth.balance_base) AS balance
FROM feature__account_month AS worth
JOIN core__account AS account
  ON account.account_no = worth.account_no
JOIN run__month AS month
  ON account.closed_on IS NULL OR account.closed_on > month.business_date
JOIN policy__lists_band AS band
  ON band.sort = 'account'
  AND worth.balance_base >= band.lower_bound
  AND worth.balance_base < band.upper_bound
WHERE
  account.in_aum
GROUP BY
  month.month,
  COALESCE(account.unit_no, ''),
  band.band
