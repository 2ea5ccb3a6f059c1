SELECT
  account.account_no,
  account.party_key,
  party.unit_no,
  party.keeper_no,
  account.product_name,
  account.family,
  worth.balance_base AS amount,
  account.matures_on,
  CAST(DATEDIFF(account.matures_on, month.business_date) AS BIGINT) AS days_left,
  account.rolls_over
FROM core__account AS account
JOIN run__month AS month
  ON account.closed_on IS NULL OR account.closed_on > month.business_date
JOIN feature__account_month AS worth
  ON worth.account_no = account.account_no
JOIN core__party AS party
  ON party.party_key = account.party_key
JOIN policy__lists_maturity_family AS wanted
  ON wanted.family = account.family
CROSS JOIN policy__lists_limit AS limits
WHERE
  worth.balance_base > 0
  AND CAST(DATEDIFF(account.matures_on, month.business_date) AS BIGINT) BETWEEN 0 AND limits.maturity_days
