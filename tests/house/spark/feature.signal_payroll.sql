WITH paid AS (
  SELECT
    party_key,
    payer_no,
    MAX(bucket) AS bucket,
    COUNT(*) AS cycles,
    SUM(amount) AS amount,
    MAX(last_paid_on) AS last_paid_on
  FROM past__feature_salary_month AS feature_salary_month
  GROUP BY
    party_key,
    payer_no
), newest AS (
  SELECT
    party_key,
    payer_no,
    bucket,
    cycles,
    amount,
    last_paid_on
  FROM (
    SELECT
      paid.*,
      ROW_NUMBER() OVER (PARTITION BY party_key ORDER BY last_paid_on DESC, payer_no ASC NULLS LAST) AS newest_place
    FROM paid
  ) AS ranked
  CROSS JOIN policy__warning AS k
  WHERE
    newest_place = 1 AND cycles >= k.payroll_cycles
), near AS (
  SELECT
    n.party_key,
    COUNT(*) AS festivals
  FROM newest AS n
  CROSS JOIN policy__warning AS k
  JOIN policy__warning_festival AS f
    ON CAST(DATEDIFF(n.last_paid_on, f.day) AS BIGINT) + 31 BETWEEN -k.festival_days AND k.festival_days
  GROUP BY
    n.party_key
), person AS (
  SELECT
    n.party_key,
    n.payer_no,
    n.bucket,
    n.cycles,
    n.last_paid_on,
    CAST(CAST(ROUND((
      CAST(n.amount AS DOUBLE) / CAST(n.cycles AS DOUBLE)
    ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS amount,
    CASE
      WHEN CAST(DATEDIFF(r.business_date, n.last_paid_on) AS BIGINT) > 31 + CASE
        WHEN near.party_key IS NULL
        THEN k.payroll_grace_days
        ELSE k.festival_grace_days
      END
      THEN 1
      ELSE 0
    END AS missed
  FROM newest AS n
  CROSS JOIN run__month AS r
  CROSS JOIN policy__warning AS k
  LEFT JOIN near
    ON near.party_key = n.party_key
  WHERE
    CAST(DATEDIFF(r.business_date, n.last_paid_on) AS BIGINT) <= k.payroll_forget_days
), batch AS (
  SELECT
    p.payer_no,
    company.party_key AS company_key,
    MAX(company.bucket) AS bucket,
    COUNT(*) AS people,
    SUM(p.missed) AS missing,
    SUM(CASE WHEN p.missed = 1 THEN p.amount ELSE 0 END) AS amount,
    MAX(CASE WHEN p.missed = 1 THEN p.last_paid_on END) AS last_paid_on
  FROM person AS p
  JOIN core__party_member AS company
    ON company.customer_no = p.payer_no
  GROUP BY
    p.payer_no,
    company.party_key
), stopped AS (
  SELECT
    b.payer_no,
    b.company_key,
    b.bucket,
    b.people,
    b.missing,
    b.amount,
    b.last_paid_on
  FROM batch AS b
  CROSS JOIN policy__warning AS k
  WHERE
    b.missing >= k.batch_people
    AND CAST(b.missing AS DECIMAL(18, 0)) >= CAST(b.people AS DECIMAL(18, 0)) * k.batch_share
)
SELECT
  s.company_key AS party_key,
  r.month,
  s.bucket,
  'payroll_batch_stopped' AS signal,
  s.amount,
  CAST(NULL AS DECIMAL(18, 2)) AS usual,
  CAST(s.missing AS DOUBLE) / CAST(s.people AS DOUBLE) AS share,
  CAST(s.missing AS INT) AS times,
  CAST(s.people AS INT) AS usual_times,
  s.last_paid_on AS day,
  CAST(NULL AS STRING) AS place,
  CAST(NULL AS STRING) AS destination
FROM stopped AS s
CROSS JOIN run__month AS r
UNION ALL
SELECT
  p.party_key,
  r.month,
  p.bucket,
  'payroll_stopped' AS signal,
  p.amount,
  CAST(NULL AS DECIMAL(18, 2)) AS usual,
  CAST(NULL AS DOUBLE) AS share,
  CAST(p.cycles AS INT) AS times,
  CAST(NULL AS INT) AS usual_times,
  p.last_paid_on AS day,
  employer.name AS place,
  CAST(NULL AS STRING) AS destination
FROM person AS p
CROSS JOIN run__month AS r
LEFT JOIN stopped
  ON stopped.payer_no = p.payer_no
LEFT JOIN core__party_member AS paying
  ON paying.customer_no = p.payer_no
LEFT JOIN core__party AS employer
  ON employer.party_key = paying.party_key
WHERE
  p.missed = 1 AND stopped.payer_no IS NULL
