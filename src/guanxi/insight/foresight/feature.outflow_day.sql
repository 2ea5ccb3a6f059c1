-- feature.outflow_day · grain: party_key, day, destination · scope: bucket · months: each · split: staged.transactions
-- Money out of a customer's accounts by day and class of destination (流出去向): 他行同名, 第三方理财/证券, 购房, 提前还贷,
-- 行内划转, 消费, and besides 他人账户 and 取现. The first payee word found in the other bank's name decides, then the
-- purpose, then whether the account there is in the same name. What the bank books by itself and small postings are left
-- out; the postings of an account count for its primary holder, in the account's currency at its latest rate.
WITH fx AS (
    SELECT currency, mid
    FROM (
        SELECT f.currency, f.mid, ROW_NUMBER() OVER (PARTITION BY f.currency ORDER BY f.day DESC NULLS LAST) AS newest
        FROM staged.fx_rates AS f
        CROSS JOIN run.month AS r
        WHERE f.day <= r.business_date
    ) AS dated
    WHERE newest = 1
),
named AS (
    SELECT counter_bank
    FROM staged.transactions
    WHERE counter_bank IS NOT NULL
    GROUP BY counter_bank
),
payee AS (
    SELECT counter_bank, destination
    FROM (
        SELECT n.counter_bank, p.destination,
               ROW_NUMBER() OVER (PARTITION BY n.counter_bank ORDER BY p.place ASC NULLS LAST) AS found
        FROM named AS n
        JOIN policy.warning_payee AS p ON STRPOS(n.counter_bank, p.word) > 0
    ) AS fitting
    WHERE found = 1
),
posting AS (
    SELECT a.party_key, a.bucket, t.day, t.counter_bank, t.transaction_no,
           CASE WHEN a.currency = r.base_currency THEN t.amount
                ELSE CAST(CAST(t.amount AS DECIMAL(20,2)) * CAST(fx.mid AS DECIMAL(12,8)) AS DECIMAL(18,2)) END AS amount,
           CASE WHEN t.purpose = 'investment' THEN 'internal'
                WHEN t.purpose = 'loan' THEN 'early_repayment'
                WHEN payee.destination IS NOT NULL THEN payee.destination
                WHEN t.purpose IN ('payment', 'card', 'fee', 'tax') THEN 'spending'
                WHEN t.purpose = 'cash' THEN 'cash'
                WHEN COALESCE(t.same_name, FALSE) THEN 'own_name_bank'
                ELSE 'other_person' END AS destination
    FROM staged.transactions AS t
    JOIN core.account AS a ON a.account_no = t.account_no
    CROSS JOIN run.month AS r
    LEFT JOIN policy.behaviour_purpose AS p ON p.purpose = t.purpose
    LEFT JOIN payee ON payee.counter_bank = t.counter_bank
    LEFT JOIN fx ON fx.currency = a.currency
    WHERE t.direction = 'debit' AND t.day <= r.business_date AND a.party_key IS NOT NULL
      AND COALESCE(t.by_customer, TRUE) AND NOT COALESCE(p.is_system, FALSE)
),
ranked AS (
    SELECT posting.*,
           ROW_NUMBER() OVER (
               PARTITION BY party_key, day, destination ORDER BY amount DESC NULLS LAST, transaction_no ASC NULLS LAST
           ) AS size_place
    FROM posting
    CROSS JOIN policy.warning AS w
    WHERE posting.amount >= w.outflow_posting
)
SELECT party_key, day, destination, MAX(bucket) AS bucket, SUM(amount) AS amount, COUNT(*) AS postings,
       MAX(CASE WHEN size_place = 1 THEN counter_bank END) AS place
FROM ranked
GROUP BY party_key, day, destination
