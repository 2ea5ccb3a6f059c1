-- report.maturity · grain: account_no · scope: whole · months: last
-- Maturing soon (近 30 天到期): open accounts of the policy's families with money in them that mature within its days,
-- with the roll-over flag (约定转存), under the managing outlet and keeper of the primary holder.
SELECT account.account_no, account.party_key, party.unit_no, party.keeper_no, account.product_name, account.family,
       worth.balance_base AS amount, account.matures_on,
       DATE_DIFF('day', month.business_date, account.matures_on) AS days_left, account.rolls_over
FROM core.account AS account
JOIN run.month AS month ON account.closed_on IS NULL OR account.closed_on > month.business_date
JOIN feature.account_month AS worth ON worth.account_no = account.account_no
JOIN core.party AS party ON party.party_key = account.party_key
JOIN policy.lists_maturity_family AS wanted ON wanted.family = account.family
CROSS JOIN policy.lists_limit AS limits
WHERE worth.balance_base > 0
  AND DATE_DIFF('day', month.business_date, account.matures_on) BETWEEN 0 AND limits.maturity_days
