WITH declared AS (
  SELECT
    one.party_key,
    other.party_key AS other_key,
    relation.kind,
    MIN(relation.valid_from) AS valid_from,
    MAX(relation.valid_to) AS valid_to
  FROM staged__relations AS relation
  JOIN core__party_member AS one
    ON one.customer_no = relation.customer_no
  JOIN core__party_member AS other
    ON other.customer_no = relation.other_no
  WHERE
    one.party_key <> other.party_key OR one.own_key = other.own_key
  GROUP BY
    one.party_key,
    other.party_key,
    relation.kind
), salary AS (
  SELECT
    account_no,
    paid_by_no,
    COUNT(*) AS credits,
    MIN(day) AS first_on
  FROM past__staged_transactions AS staged_transactions
  CROSS JOIN run__month AS month
  CROSS JOIN policy__relation_payroll AS payroll
  WHERE
    purpose = 'salary'
    AND direction = 'credit'
    AND NOT paid_by_no IS NULL
    AND CAST(DATEDIFF(business_date, day) AS BIGINT) BETWEEN 0 AND payroll.days
  GROUP BY
    account_no,
    paid_by_no
), payroll AS (
  SELECT
    holding.party_key,
    employer.party_key AS other_key,
    SUM(salary.credits) AS credits,
    MIN(salary.first_on) AS valid_from
  FROM salary
  JOIN core__holding AS holding
    ON holding.account_no = salary.account_no AND holding.is_primary
  JOIN core__party_member AS employer
    ON employer.customer_no = salary.paid_by_no
  WHERE
    holding.party_key <> employer.party_key
  GROUP BY
    holding.party_key,
    employer.party_key
)
SELECT
  party_key,
  other_key,
  kind,
  valid_from,
  valid_to,
  'declared' AS evidence
FROM declared
UNION ALL
SELECT
  one.party_key,
  other.party_key AS other_key,
  'household' AS kind,
  CAST(NULL AS DATE) AS valid_from,
  CAST(NULL AS DATE) AS valid_to,
  'confirmed' AS evidence
FROM ops__household AS said
JOIN core__party_member AS one
  ON one.customer_no = said.left_no
JOIN core__party_member AS other
  ON other.customer_no = said.right_no
WHERE
  one.party_key <> other.party_key
GROUP BY
  one.party_key,
  other.party_key
UNION ALL
SELECT
  payroll.party_key,
  payroll.other_key,
  'employee' AS kind,
  payroll.valid_from,
  CAST(NULL AS DATE) AS valid_to,
  'payroll' AS evidence
FROM payroll
JOIN policy__relation_payroll AS wanted
  ON payroll.credits >= wanted.credits
LEFT JOIN declared
  ON declared.party_key = payroll.party_key
  AND declared.other_key = payroll.other_key
  AND declared.kind = 'employee'
WHERE
  declared.party_key IS NULL
