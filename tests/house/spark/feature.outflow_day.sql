WITH fx AS (
  SELECT
    currency,
    mid
  FROM (
    SELECT
      f.currency,
      f.mid,
      ROW_NUMBER() OVER (PARTITION BY f.currency ORDER BY f.day DESC) AS newest
    FROM staged__fx_rates AS f
    CROSS JOIN run__month AS r
    WHERE
      f.day <= r.business_date
  ) AS dated
  WHERE
    newest = 1
), named AS (
  SELECT
    counter_bank
  FROM staged__transactions AS transactions
  WHERE
    NOT counter_bank IS NULL
  GROUP BY
    counter_bank
), payee AS (
  SELECT
    counter_bank,
    destination
  FROM (
    SELECT
      n.counter_bank,
      p.destination,
      ROW_NUMBER() OVER (PARTITION BY n.counter_bank ORDER BY p.place ASC NULLS LAST) AS found
    FROM named AS n
    JOIN policy__warning_payee AS p
      ON LOCATE(p.word, n.counter_bank) > 0
  ) AS fitting
  WHERE
    found = 1
), posting AS (
  SELECT
    a.party_key,
    a.bucket,
    t.day,
    t.counter_bank,
    t.transaction_no,
    CASE
      WHEN a.currency = r.base_currency
      THEN t.amount
      ELSE CAST(CAST(t.amount AS DECIMAL(20, 2)) * CAST(fx.mid AS DECIMAL(12, 8)) AS DECIMAL(18, 2))
    END AS amount,
    CASE
      WHEN t.purpose = 'investment'
      THEN 'internal'
      WHEN t.purpose = 'loan'
      THEN 'early_repayment'
      WHEN NOT payee.destination IS NULL
      THEN payee.destination
      WHEN t.purpose IN ('payment', 'card', 'fee', 'tax')
      THEN 'spending'
      WHEN t.purpose = 'cash'
      THEN 'cash'
      WHEN COALESCE(t.same_name, FALSE)
      THEN 'own_name_bank'
      ELSE 'other_person'
    END AS destination
  FROM staged__transactions AS t
  JOIN core__account AS a
    ON a.account_no = t.account_no
  CROSS JOIN run__month AS r
  LEFT JOIN policy__behaviour_purpose AS p
    ON p.purpose = t.purpose
  LEFT JOIN payee
    ON payee.counter_bank = t.counter_bank
  LEFT JOIN fx
    ON fx.currency = a.currency
  WHERE
    t.direction = 'debit'
    AND t.day <= r.business_date
    AND NOT a.party_key IS NULL
    AND COALESCE(t.by_customer, TRUE)
    AND NOT COALESCE(p.is_system, FALSE)
), ranked AS (
  SELECT
    posting.*,
    ROW_NUMBER() OVER (
      PARTITION BY party_key, day, destination
      ORDER BY amount DESC, transaction_no ASC NULLS LAST
    ) AS size_place
  FROM posting
  CROSS JOIN policy__warning AS w
  WHERE
    posting.amount >= w.outflow_posting
)
SELECT
  party_key,
  day,
  destination,
  MAX(bucket) AS bucket,
  SUM(amount) AS amount,
  COUNT(*) AS postings,
  MAX(CASE WHEN size_place = 1 THEN counter_bank END) AS place
FROM ranked
GROUP BY
  party_key,
  day,
  destination
