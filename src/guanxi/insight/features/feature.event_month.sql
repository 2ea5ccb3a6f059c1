-- feature.event_month · grain: party_key, month · scope: bucket · months: each · prev: yes · split: staged.transactions, staged.channel_events
-- When a customer last did each thing (最近一次), as known at the month's last day counted: "did X in the last N days"
-- is answered by one date for any N. Postings of an account count for its primary holder; a day carries over from the
-- month before. What the bank books by itself is nobody's deed; a salary received counts though nobody initiates it.
WITH posting AS (
    SELECT
        a.party_key,
        t.day,
        t.direction,
        t.purpose,
        COALESCE(t.same_name, FALSE) AS same_name,
        c.profile,
        COALESCE(p.is_salary, FALSE) AND t.direction = 'credit' AS is_salary,
        COALESCE(t.by_customer, TRUE) AND NOT COALESCE(p.is_system, FALSE) AS initiated
    FROM staged.transactions AS t
    INNER JOIN core.account AS a ON a.account_no = t.account_no
    CROSS JOIN run.month AS r
    LEFT JOIN policy.behaviour_purpose AS p ON p.purpose = t.purpose
    LEFT JOIN policy.behaviour_channel AS c ON c.channel = t.channel
    WHERE t.day <= r.business_date AND a.party_key IS NOT NULL
),
posted AS (
    SELECT
        party_key,
        MAX(CASE WHEN is_salary THEN day END) AS salary_on,
        MAX(CASE WHEN initiated AND purpose = 'transfer' AND direction = 'debit' THEN day END) AS transfer_out_on,
        MAX(CASE WHEN initiated AND direction = 'debit' AND same_name THEN day END) AS own_name_out_on,
        MAX(CASE WHEN initiated AND purpose = 'cash' AND direction = 'debit' THEN day END) AS cash_out_on,
        MAX(CASE WHEN initiated AND purpose = 'cash' AND direction = 'credit' THEN day END) AS cash_in_on,
        MAX(CASE WHEN initiated AND purpose = 'payment' AND direction = 'debit' THEN day END) AS payment_on,
        MAX(CASE WHEN initiated AND purpose = 'investment' AND direction = 'debit' THEN day END) AS invested_on,
        MAX(CASE WHEN purpose = 'loan' AND direction = 'credit' THEN day END) AS loan_drawn_on,
        MAX(CASE WHEN initiated AND profile = 'counter' THEN day END) AS counter_on,
        MAX(CASE WHEN initiated AND profile = 'mobile' THEN day END) AS mobile_on,
        MAX(CASE WHEN initiated AND profile = 'web' THEN day END) AS web_on
    FROM posting
    GROUP BY party_key
),
event AS (
    SELECT
        p.party_key,
        MAX(CASE WHEN e.event = 'log_in' THEN e.day END) AS log_in_on,
        MAX(CASE WHEN e.event = 'log_in' AND e.channel = 'mobile' THEN e.day END) AS mobile_on,
        MAX(CASE WHEN e.event = 'log_in' AND e.channel = 'web' THEN e.day END) AS web_on,
        MAX(CASE WHEN e.event = 'sign_up' THEN e.day END) AS sign_up_on,
        MAX(CASE WHEN e.event = 'cancel' THEN e.day END) AS cancel_on
    FROM staged.channel_events AS e
    INNER JOIN core.party_member AS p ON p.customer_no = e.customer_no
    CROSS JOIN run.month AS r
    WHERE e.day <= r.business_date
    GROUP BY p.party_key
),
seen AS (
    SELECT party_key FROM posted
    UNION
    SELECT party_key FROM event
    UNION
    SELECT party_key FROM prev.feature_event_month
)
SELECT
    p.party_key,
    r.month,
    p.bucket,
    COALESCE(t.salary_on, b.salary_on) AS salary_on,
    COALESCE(t.transfer_out_on, b.transfer_out_on) AS transfer_out_on,
    COALESCE(t.own_name_out_on, b.own_name_out_on) AS own_name_out_on,
    COALESCE(t.cash_out_on, b.cash_out_on) AS cash_out_on,
    COALESCE(t.cash_in_on, b.cash_in_on) AS cash_in_on,
    COALESCE(t.payment_on, b.payment_on) AS payment_on,
    COALESCE(t.invested_on, b.invested_on) AS invested_on,
    COALESCE(t.loan_drawn_on, b.loan_drawn_on) AS loan_drawn_on,
    COALESCE(t.counter_on, b.counter_on) AS counter_on,
    CASE
        WHEN t.mobile_on IS NOT NULL AND (e.mobile_on IS NULL OR t.mobile_on >= e.mobile_on) THEN t.mobile_on
        ELSE COALESCE(e.mobile_on, b.mobile_on)
    END AS mobile_on,
    CASE
        WHEN t.web_on IS NOT NULL AND (e.web_on IS NULL OR t.web_on >= e.web_on) THEN t.web_on
        ELSE COALESCE(e.web_on, b.web_on)
    END AS web_on,
    COALESCE(e.log_in_on, b.log_in_on) AS log_in_on,
    COALESCE(e.sign_up_on, b.sign_up_on) AS sign_up_on,
    COALESCE(e.cancel_on, b.cancel_on) AS cancel_on
FROM seen AS s
INNER JOIN core.party AS p ON p.party_key = s.party_key
CROSS JOIN run.month AS r
LEFT JOIN posted AS t ON t.party_key = s.party_key
LEFT JOIN event AS e ON e.party_key = s.party_key
LEFT JOIN prev.feature_event_month AS b ON b.party_key = s.party_key
