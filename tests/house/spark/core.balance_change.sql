WITH delivered AS (
  SELECT
    COUNT(*) AS balances
  FROM past__staged_balances AS staged_balances
), posting AS (
  SELECT
    t.account_no,
    t.day,
    t.balance_after,
    ROW_NUMBER() OVER (
      PARTITION BY t.account_no, t.day
      ORDER BY t.file DESC, t.line DESC, t.transaction_no DESC
    ) AS place
  FROM staged__transactions AS t
  JOIN core__account AS a
    ON a.account_no = t.account_no
  JOIN delivered AS d
    ON d.balances = 0
  WHERE
    NOT t.balance_after IS NULL
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
  JOIN delivered AS d
    ON d.balances = 0
  LEFT JOIN rebuilt
    ON rebuilt.account_no = account.account_no AND rebuilt.day = account.opened_on
  WHERE
    rebuilt.account_no IS NULL
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
