WITH standing AS (
  SELECT
    account.account_no,
    account.party_key,
    account.product_name,
    account.family,
    account.currency,
    account.card_expires_on,
    account.due_on,
    account.due_amount,
    party.unit_no,
    party.keeper_no,
    CAST(DATEDIFF(account.card_expires_on, month.business_date) AS BIGINT) AS card_days,
    CAST(DATEDIFF(account.due_on, month.business_date) AS BIGINT) AS due_days,
    COALESCE(
      account.paid_from_no,
      CASE WHEN NOT account.family IN ('loan', 'card') THEN account.account_no END
    ) AS payer_no
  FROM core__account AS account
  JOIN run__month AS month
    ON account.closed_on IS NULL OR account.closed_on > month.business_date
  JOIN core__party AS party
    ON party.party_key = account.party_key
), debit AS (
  SELECT
    standing.*,
    worth.balance AS available,
    CAST(SUM(standing.due_amount) OVER (
      PARTITION BY standing.payer_no
      ORDER BY standing.due_on NULLS LAST, standing.account_no NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS DECIMAL(38, 2)) AS asked
  FROM standing
  JOIN core__account AS payer
    ON payer.account_no = standing.payer_no AND payer.currency = standing.currency
  JOIN feature__account_month AS worth
    ON worth.account_no = payer.account_no
  CROSS JOIN policy__reminder_limit AS limits
  WHERE
    standing.due_amount > 0
    AND standing.due_days BETWEEN 0 AND limits.ahead_days
    AND NOT worth.balance IS NULL
)
SELECT
  standing.account_no,
  'card' AS kind,
  standing.party_key,
  standing.unit_no,
  standing.keeper_no,
  standing.product_name,
  standing.family,
  standing.card_expires_on AS due_on,
  standing.card_days AS days_left,
  standing.currency,
  CAST(NULL AS DECIMAL(18, 2)) AS amount,
  CAST(NULL AS STRING) AS paid_from_no,
  CAST(NULL AS DECIMAL(18, 2)) AS available,
  CAST(NULL AS DECIMAL(18, 2)) AS short
FROM standing
CROSS JOIN policy__reminder_limit AS limits
WHERE
  standing.card_days BETWEEN -limits.card_past_days AND limits.card_days
UNION ALL
SELECT
  debit.account_no,
  'short' AS kind,
  debit.party_key,
  debit.unit_no,
  debit.keeper_no,
  debit.product_name,
  debit.family,
  debit.due_on,
  debit.due_days AS days_left,
  debit.currency,
  debit.due_amount AS amount,
  debit.payer_no AS paid_from_no,
  debit.available,
  LEAST(debit.due_amount, CAST(debit.asked - debit.available AS DECIMAL(18, 2))) AS short
FROM debit
CROSS JOIN policy__reminder_limit AS limits
WHERE
  LEAST(debit.due_amount, CAST(debit.asked - debit.available AS DECIMAL(18, 2))) >= limits.short_amount
