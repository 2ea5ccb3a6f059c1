SELECT
  a.party_key,
  COALESCE(t.paid_by_no, '') AS payer_no,
  r.month,
  MAX(a.bucket) AS bucket,
  COUNT(*) AS credits,
  SUM(t.amount) AS amount,
  MAX(t.day) AS last_paid_on
FROM staged__transactions AS t
JOIN core__account AS a
  ON a.account_no = t.account_no
CROSS JOIN run__month AS r
JOIN policy__behaviour_purpose AS p
  ON p.purpose = t.purpose AND p.is_salary
WHERE
  t.direction = 'credit' AND t.day <= r.business_date AND NOT a.party_key IS NULL
GROUP BY
  a.party_key,
  COALESCE(t.paid_by_no, ''),
  r.month
