-- feature.salary_month · grain: party_key, payer_no, month · scope: bucket · months: each · split: staged.transactions
-- Salaries (代发工资) a person received in the month, by payer. Pensions, benefits and subsidies are no salaries.
SELECT a.party_key, COALESCE(t.paid_by_no, '') AS payer_no, r.month, MAX(a.bucket) AS bucket, COUNT(*) AS credits,
       SUM(t.amount) AS amount, MAX(t.day) AS last_paid_on
FROM staged.transactions AS t
JOIN core.account AS a ON a.account_no = t.account_no
CROSS JOIN run.month AS r
JOIN policy.behaviour_purpose AS p ON p.purpose = t.purpose AND p.is_salary
WHERE t.direction = 'credit' AND t.day <= r.business_date AND a.party_key IS NOT NULL
GROUP BY a.party_key, COALESCE(t.paid_by_no, ''), r.month
