SELECT
  account.party_key,
  account.family,
  MAX(account.bucket) AS bucket,
  MIN(account.opened_on) AS first_opened_on,
  CAST(SUM(
    CASE
      WHEN account.closed_on IS NULL OR account.closed_on > month.business_date
      THEN 1
      ELSE 0
    END
  ) AS INT) AS accounts_open
FROM core__account AS account
CROSS JOIN run__month AS month
WHERE
  NOT account.party_key IS NULL AND account.opened_on <= month.business_date
GROUP BY
  account.party_key,
  account.family
