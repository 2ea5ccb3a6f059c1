-- report.reminder · grain: account_no, kind · scope: whole · months: last
-- Account reminders (账户提醒). `card`: the card of an open account expires within the policy's days, or did so lately.
-- `short`: a debit (还款, 代扣) due within the policy's days that the paying account does not cover. Debits of one paying
-- account are met in the order they fall due, so two that are covered singly and not together remind of the second. A
-- deposit account pays by itself unless another is named; whose paying account, its balance or its currency is not the
-- one needed is not judged. What a bank does not hand over gives no reminder.
WITH standing AS (
    SELECT account.account_no, account.party_key, account.product_name, account.family, account.currency,
           account.card_expires_on, account.due_on, account.due_amount, party.unit_no, party.keeper_no,
           DATE_DIFF('day', month.business_date, account.card_expires_on) AS card_days,
           DATE_DIFF('day', month.business_date, account.due_on) AS due_days,
           COALESCE(account.paid_from_no,
                    CASE WHEN account.family NOT IN ('loan', 'card') THEN account.account_no END) AS payer_no
    FROM core.account AS account
    JOIN run.month AS month ON account.closed_on IS NULL OR account.closed_on > month.business_date
    JOIN core.party AS party ON party.party_key = account.party_key
),
debit AS (
    SELECT standing.*, worth.balance AS available,
           CAST(SUM(standing.due_amount) OVER (
               PARTITION BY standing.payer_no ORDER BY standing.due_on, standing.account_no
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
           ) AS DECIMAL(38,2)) AS asked
    FROM standing
    JOIN core.account AS payer ON payer.account_no = standing.payer_no AND payer.currency = standing.currency
    JOIN feature.account_month AS worth ON worth.account_no = payer.account_no
    CROSS JOIN policy.reminder_limit AS limits
    WHERE standing.due_amount > 0 AND standing.due_days BETWEEN 0 AND limits.ahead_days
          AND worth.balance IS NOT NULL
)
SELECT standing.account_no, 'card' AS kind, standing.party_key, standing.unit_no, standing.keeper_no,
       standing.product_name, standing.family, standing.card_expires_on AS due_on, standing.card_days AS days_left,
       standing.currency, CAST(NULL AS DECIMAL(18,2)) AS amount, CAST(NULL AS VARCHAR) AS paid_from_no,
       CAST(NULL AS DECIMAL(18,2)) AS available, CAST(NULL AS DECIMAL(18,2)) AS short
FROM standing
CROSS JOIN policy.reminder_limit AS limits
WHERE standing.card_days BETWEEN -limits.card_past_days AND limits.card_days
UNION ALL
SELECT debit.account_no, 'short' AS kind, debit.party_key, debit.unit_no, debit.keeper_no, debit.product_name,
       debit.family, debit.due_on, debit.due_days AS days_left, debit.currency, debit.due_amount AS amount,
       debit.payer_no AS paid_from_no, debit.available,
       LEAST(debit.due_amount, CAST(debit.asked - debit.available AS DECIMAL(18,2))) AS short
FROM debit
CROSS JOIN policy.reminder_limit AS limits
WHERE LEAST(debit.due_amount, CAST(debit.asked - debit.available AS DECIMAL(18,2))) >= limits.short_amount
