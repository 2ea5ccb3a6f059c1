-- feature.signal_habit · grain: party_key, month, signal · scope: bucket · months: each · past: 5
-- Indicators (d) fewer log-ins (登录减少), days with a log-in in 30 days against a third of those in the 90 days before, and
-- (g) AUM slope (资产下滑), the fall over three months along the least-squares line through four averages (month ends where
-- the bank has no daily balances). Averages contain money in transit, so a product that settles makes no fall.
WITH day_seen AS (
    SELECT p.party_key, p.bucket, DATE_DIFF('day', e.day, r.business_date) AS back
    FROM past.staged_channel_events AS e
    JOIN core.party_member AS p ON p.customer_no = e.customer_no
    CROSS JOIN run.month AS r
    WHERE e.event = 'log_in' AND e.day <= r.business_date AND DATE_DIFF('day', e.day, r.business_date) < 120
    GROUP BY p.party_key, p.bucket, DATE_DIFF('day', e.day, r.business_date)
),
seen AS (
    SELECT party_key, bucket, SUM(CASE WHEN back < 30 THEN 1 ELSE 0 END) AS days_now,
           SUM(CASE WHEN back >= 30 THEN 1 ELSE 0 END) AS days_before, MIN(back) AS last_back
    FROM day_seen
    GROUP BY party_key, bucket
),
measured AS (
    SELECT w.party_key, w.bucket,
           (YEAR(r.month) * 12 + MONTH(r.month)) - (YEAR(w.month) * 12 + MONTH(w.month)) AS back,
           COALESCE(w.daily_average, w.aum) AS amount, w.aum
    FROM past.feature_wealth_month AS w
    CROSS JOIN run.month AS r
),
lined AS (
    SELECT party_key, bucket, MAX(CASE WHEN back = 0 THEN amount END) AS m0, MAX(CASE WHEN back = 1 THEN amount END) AS m1,
           MAX(CASE WHEN back = 2 THEN amount END) AS m2, MAX(CASE WHEN back = 3 THEN amount END) AS m3,
           MAX(CASE WHEN back = 0 THEN aum END) AS aum
    FROM measured
    GROUP BY party_key, bucket
),
fallen AS (
    SELECT party_key, bucket, aum, m0,
           CAST(CAST(m3 - m0 AS DOUBLE) * 0.9e0 + CAST(m2 - m1 AS DOUBLE) * 0.3e0 AS DECIMAL(18,2)) AS fall,
           CAST(CAST(m1 + m2 + m3 AS DOUBLE) / 3e0 AS DECIMAL(18,2)) AS usual
    FROM lined
    WHERE m0 IS NOT NULL AND m1 IS NOT NULL AND m2 IS NOT NULL AND m3 IS NOT NULL
)
SELECT s.party_key, r.month, s.bucket, 'log_ins_down' AS signal, CAST(NULL AS DECIMAL(18,2)) AS amount,
       CAST(NULL AS DECIMAL(18,2)) AS usual, CAST(s.days_now AS DOUBLE) * 3e0 / CAST(s.days_before AS DOUBLE) AS share,
       CAST(s.days_now AS INTEGER) AS times, CAST(ROUND(CAST(s.days_before AS DOUBLE) / 3e0) AS INTEGER) AS usual_times,
       CAST(NULL AS DATE) AS day, CAST(NULL AS VARCHAR) AS place, CAST(NULL AS VARCHAR) AS destination
FROM seen AS s
CROSS JOIN run.month AS r
CROSS JOIN policy.warning AS k
WHERE s.days_before >= k.log_in_days
  AND CAST(s.days_now * 3 AS DECIMAL(18,0)) <= CAST(s.days_before AS DECIMAL(18,0)) * k.log_in_share
UNION ALL
SELECT f.party_key, r.month, f.bucket, 'slope' AS signal, f.fall AS amount, f.usual,
       CAST(f.fall AS DOUBLE) / CAST(f.usual AS DOUBLE) AS share, CAST(NULL AS INTEGER) AS times,
       CAST(NULL AS INTEGER) AS usual_times, CAST(NULL AS DATE) AS day, CAST(NULL AS VARCHAR) AS place,
       CAST(NULL AS VARCHAR) AS destination
FROM fallen AS f
CROSS JOIN run.month AS r
CROSS JOIN policy.warning AS k
WHERE f.usual > 0 AND f.m0 < f.usual AND f.fall >= k.slope_amount
  AND f.fall >= CAST(f.usual AS DECIMAL(24,2)) * k.slope_share
