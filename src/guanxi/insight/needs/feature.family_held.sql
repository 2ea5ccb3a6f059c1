-- feature.family_held · grain: party_key, family · scope: bucket · months: last
-- Product families a customer has ever had as primary holder, up to the business date.
SELECT account.party_key, account.family, MAX(account.bucket) AS bucket, MIN(account.opened_on) AS first_opened_on,
       CAST(SUM(CASE WHEN account.closed_on IS NULL OR account.closed_on > month.business_date THEN 1 ELSE 0 END) AS INTEGER)
           AS accounts_open
FROM core.account AS account
CROSS JOIN run.month AS month
WHERE account.party_key IS NOT NULL AND account.opened_on <= month.business_date
GROUP BY account.party_key, account.family
