-- feature.activity_month · grain: party_key, month · scope: bucket · months: each · prev: yes · split: staged.transactions, staged.channel_events
-- What a customer did in the month (客户活跃). Counts and the last day take customer-initiated postings only; amounts
-- leave out what the bank books by itself (interest, fees, tax). Everything in the base currency; the postings of an
-- account count for its primary holder. A customer once seen keeps a row, so that the last day carries over.
WITH fx AS (
    SELECT currency, mid
    FROM (
        SELECT f.currency, f.mid, ROW_NUMBER() OVER (PARTITION BY f.currency ORDER BY f.day DESC) AS newest
        FROM staged.fx_rates AS f
        CROSS JOIN run.month AS r
        WHERE f.day <= r.business_date
    ) AS dated
    WHERE newest = 1
),
posting AS (
    SELECT
        a.party_key,
        t.day,
        t.direction,
        COALESCE(t.same_name, FALSE) AS same_name,
        c.profile,
        COALESCE(t.by_customer, TRUE) AND NOT COALESCE(p.is_system, FALSE) AS initiated,
        COALESCE(p.is_system, FALSE) AS is_system,
        COALESCE(p.is_salary, FALSE) AND t.direction = 'credit' AS is_salary,
        COALESCE(p.is_fee, FALSE) AND t.direction = 'debit' AS is_fee,
        CASE
            WHEN COALESCE(a.currency, r.base_currency) = r.base_currency THEN t.amount
            ELSE CAST(CAST(t.amount AS DECIMAL(20, 2)) * CAST(fx.mid AS DECIMAL(12, 8)) AS DECIMAL(18, 2))
        END AS amount
    FROM staged.transactions AS t
    INNER JOIN core.account AS a ON a.account_no = t.account_no
    CROSS JOIN run.month AS r
    LEFT JOIN policy.behaviour_purpose AS p ON p.purpose = t.purpose
    LEFT JOIN policy.behaviour_channel AS c ON c.channel = t.channel
    LEFT JOIN fx ON fx.currency = a.currency
    WHERE t.day <= r.business_date AND a.party_key IS NOT NULL
),
posted_day AS (
    SELECT
        party_key,
        day,
        SUM(CASE WHEN initiated THEN 1 ELSE 0 END) AS initiated_count,
        SUM(CASE WHEN direction = 'credit' AND NOT is_system THEN amount ELSE 0 END) AS inflow,
        SUM(CASE WHEN direction = 'debit' AND NOT is_system THEN amount ELSE 0 END) AS outflow,
        SUM(CASE WHEN direction = 'debit' AND NOT is_system AND same_name THEN amount ELSE 0 END) AS outflow_same_name,
        SUM(CASE WHEN is_salary THEN 1 ELSE 0 END) AS salary_count,
        SUM(CASE WHEN is_salary THEN amount ELSE 0 END) AS salary_amount,
        SUM(CASE WHEN is_fee THEN 1 ELSE 0 END) AS fee_count,
        SUM(CASE WHEN is_fee THEN amount ELSE 0 END) AS fee_amount,
        SUM(CASE WHEN initiated AND profile = 'counter' THEN 1 ELSE 0 END) AS counter_count,
        SUM(CASE WHEN initiated AND profile = 'self_service' THEN 1 ELSE 0 END) AS self_service_count,
        SUM(CASE WHEN initiated AND profile = 'mobile' THEN 1 ELSE 0 END) AS mobile_count,
        SUM(CASE WHEN initiated AND profile = 'web' THEN 1 ELSE 0 END) AS web_count,
        SUM(CASE WHEN initiated AND profile = 'phone' THEN 1 ELSE 0 END) AS phone_count,
        SUM(CASE WHEN initiated AND profile = 'third_party' THEN 1 ELSE 0 END) AS third_party_count
    FROM posting
    GROUP BY party_key, day
),
posted AS (
    SELECT
        party_key,
        SUM(initiated_count) AS initiated_count,
        SUM(CASE WHEN initiated_count > 0 THEN 1 ELSE 0 END) AS active_days,
        MIN(CASE WHEN initiated_count > 0 THEN day END) AS first_initiated_on,
        MAX(CASE WHEN initiated_count > 0 THEN day END) AS last_initiated_on,
        SUM(inflow) AS inflow,
        SUM(outflow) AS outflow,
        SUM(outflow_same_name) AS outflow_same_name,
        SUM(salary_count) AS salary_count,
        SUM(salary_amount) AS salary_amount,
        SUM(fee_count) AS fee_count,
        SUM(fee_amount) AS fee_amount,
        SUM(counter_count) AS counter_count,
        SUM(self_service_count) AS self_service_count,
        SUM(mobile_count) AS mobile_count,
        SUM(web_count) AS web_count,
        SUM(phone_count) AS phone_count,
        SUM(third_party_count) AS third_party_count
    FROM posted_day
    GROUP BY party_key
),
logged AS (
    SELECT
        p.party_key,
        SUM(CASE WHEN e.channel = 'mobile' THEN COALESCE(e.times, 1) ELSE 0 END) AS mobile_log_ins,
        SUM(CASE WHEN e.channel = 'web' THEN COALESCE(e.times, 1) ELSE 0 END) AS web_log_ins
    FROM staged.channel_events AS e
    INNER JOIN core.party_member AS p ON p.customer_no = e.customer_no
    CROSS JOIN run.month AS r
    WHERE e.event = 'log_in' AND e.channel IN ('mobile', 'web') AND e.day <= r.business_date
    GROUP BY p.party_key
),
seen AS (
    SELECT party_key FROM posted
    UNION
    SELECT party_key FROM logged
    UNION
    SELECT party_key FROM prev.feature_activity_month
)
SELECT
    p.party_key,
    r.month,
    p.bucket,
    COALESCE(t.initiated_count, 0) AS initiated_count,
    COALESCE(t.active_days, 0) AS active_days,
    t.first_initiated_on,
    COALESCE(t.last_initiated_on, b.last_initiated_on) AS last_initiated_on,
    COALESCE(t.inflow, 0) AS inflow,
    COALESCE(t.outflow, 0) AS outflow,
    COALESCE(t.outflow_same_name, 0) AS outflow_same_name,
    COALESCE(t.salary_count, 0) AS salary_count,
    COALESCE(t.salary_amount, 0) AS salary_amount,
    COALESCE(t.fee_count, 0) AS fee_count,
    COALESCE(t.fee_amount, 0) AS fee_amount,
    COALESCE(l.mobile_log_ins, 0) AS mobile_log_ins,
    COALESCE(l.web_log_ins, 0) AS web_log_ins,
    COALESCE(l.mobile_log_ins, 0) >= k.min_mobile_log_ins AS mobile_active,
    COALESCE(l.web_log_ins, 0) >= k.min_web_log_ins AS web_active,
    CASE WHEN COALESCE(t.counter_count, 0) > 0 THEN 1 ELSE 0 END
    + CASE WHEN COALESCE(t.self_service_count, 0) > 0 THEN 1 ELSE 0 END
    + CASE WHEN COALESCE(t.mobile_count, 0) + COALESCE(l.mobile_log_ins, 0) > 0 THEN 1 ELSE 0 END
    + CASE WHEN COALESCE(t.web_count, 0) + COALESCE(l.web_log_ins, 0) > 0 THEN 1 ELSE 0 END
    + CASE WHEN COALESCE(t.phone_count, 0) > 0 THEN 1 ELSE 0 END
    + CASE WHEN COALESCE(t.third_party_count, 0) > 0 THEN 1 ELSE 0 END AS channels_active,
    COALESCE(t.counter_count, 0) AS counter_count,
    COALESCE(t.self_service_count, 0) AS self_service_count,
    COALESCE(t.mobile_count, 0) AS mobile_count,
    COALESCE(t.web_count, 0) AS web_count,
    COALESCE(t.phone_count, 0) AS phone_count,
    COALESCE(t.third_party_count, 0) AS third_party_count
FROM seen AS s
INNER JOIN core.party AS p ON p.party_key = s.party_key
CROSS JOIN run.month AS r
CROSS JOIN policy.behaviour AS k
LEFT JOIN posted AS t ON t.party_key = s.party_key
LEFT JOIN logged AS l ON l.party_key = s.party_key
LEFT JOIN prev.feature_activity_month AS b ON b.party_key = s.party_key
