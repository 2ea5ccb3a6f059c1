WITH posting AS (
  SELECT
    account_no,
    day,
    balance_after,
    ROW_NUMBER() OVER (PARTITION BY account_no, day ORDER BY file DESC, line DESC, transaction_no DESC) AS place
  FROM staged__transactions AS transactions
  WHERE
    NOT balance_after IS NULL
    AND NOT EXISTS(
      SELECT
        1
      FROM staged__balances AS balances
    )
), rebuilt AS (
  SELECT
    account_no,
    day,
    balance_after AS balance
  FROM posting
  WHERE
    place = 1
), opened AS (
  SELECT
    account.account_no,
    account.opened_on AS day,
    CAST(0 AS DECIMAL(18, 2)) AS balance
  FROM core__account AS account
  JOIN run__month AS month
    ON account.opened_on BETWEEN month.month AND month.month_end
  LEFT JOIN rebuilt
    ON rebuilt.account_no = account.account_no AND rebuilt.day = account.opened_on
  WHERE
    rebuilt.account_no IS NULL
    AND NOT EXISTS(
      SELECT
        1
      FROM staged__balances AS balances
    )
), known AS (
  SELECT
    account_no,
    day,
    balance,
    COALESCE(in_transit, 0) AS in_transit,
    balance_days
  FROM staged__balances AS balances
  UNION ALL
  SELECT
    account_no,
    day,
    balance,
    0 AS in_transit,
    CAST(NULL AS DECIMAL(18, 2)) AS balance_days
  FROM rebuilt
  UNION ALL
  SELECT
    account_no,
    day,
    balance,
    0 AS in_transit,
    CAST(NULL AS DECIMAL(18, 2)) AS balance_days
  FROM opened
)
SELECT
  known.account_no,
  account.bucket,
  known.day,
  known.balance,
  known.in_transit,
  known.balance_days
FROM known
JOIN core__account AS account
  ON account.account_no = known.account_no
JOIN run__month AS month
  ON known.day BETWEEN month.month AND month.business_date
