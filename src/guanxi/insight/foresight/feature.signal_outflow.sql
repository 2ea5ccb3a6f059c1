-- feature.signal_outflow · grain: party_key, month, signal · scope: bucket · months: each · past: 8
-- Indicator (a), outflow (资金流出): what went to destinations that count as leaving in the last 30 days, against the six
-- 30-day windows before. It speaks when the amount, its share of the AUM before and its distance from the customer's own
-- mean in standard deviations all pass the policy; the spread is never taken below the policy's share of AUM. The AUM is
-- the largest of now and the two month ends before, so that what has just left still counts, and money in transit counts
-- as here. What came lately and goes again (money that visits at a quarter's end) is no leaving: the AUM must stand below
-- the mean of the three months before by the policy's amount. Who has no four months of history has no baseline.
WITH gone AS (
    SELECT o.party_key, DATE_DIFF('day', o.day, r.business_date) // 30 AS back, o.day, o.destination, o.place, o.amount
    FROM past.feature_outflow_day AS o
    JOIN policy.warning_leaving AS l ON l.destination = o.destination
    CROSS JOIN run.month AS r
    WHERE o.day <= r.business_date AND DATE_DIFF('day', o.day, r.business_date) < 210
),
windowed AS (
    SELECT party_key, back, SUM(amount) AS amount
    FROM gone
    GROUP BY party_key, back
),
spread AS (
    SELECT party_key, SUM(CASE WHEN back = 0 THEN amount ELSE 0 END) AS left_now,
           SUM(CASE WHEN back > 0 THEN amount ELSE 0 END) AS left_before,
           SUM(CASE WHEN back > 0 THEN CAST(amount AS DECIMAL(38,0)) * CAST(amount AS DECIMAL(38,0))
                    ELSE CAST(0 AS DECIMAL(36,0)) END) AS squares
    FROM windowed
    GROUP BY party_key
),
latest AS (
    SELECT party_key, day, destination, place
    FROM (
        SELECT party_key, day, destination, place,
               ROW_NUMBER() OVER (
                   PARTITION BY party_key
                   ORDER BY amount DESC NULLS LAST, day DESC NULLS LAST, destination ASC NULLS LAST
               ) AS size_place
        FROM gone
        WHERE back = 0
    ) AS ranked
    WHERE size_place = 1
),
held AS (
    SELECT w.party_key, COUNT(*) AS months, MAX(w.bucket) AS bucket,
           MAX(CASE WHEN DATE_DIFF('day', w.month, r.month) < 63 THEN w.aum END) AS aum,
           MAX(CASE WHEN w.month = r.month THEN w.aum END) AS aum_now,
           SUM(CASE WHEN w.month < r.month AND DATE_DIFF('day', w.month, r.month) < 94
                    THEN COALESCE(w.daily_average, w.aum) END) AS sum_3
    FROM past.feature_wealth_month AS w
    CROSS JOIN run.month AS r
    GROUP BY w.party_key
),
judged AS (
    SELECT s.party_key, h.bucket, h.aum, s.left_now, CAST(s.left_before AS DOUBLE) / 6e0 AS usual,
           SQRT(GREATEST(
               CAST(s.squares AS DOUBLE) / 6e0
               - CAST(s.left_before AS DOUBLE) / 6e0 * (CAST(s.left_before AS DOUBLE) / 6e0),
               0e0
           )) AS deviation
    FROM spread AS s
    JOIN held AS h ON h.party_key = s.party_key
    CROSS JOIN policy.warning AS k
    WHERE h.months >= 4 AND h.aum > 0 AND s.left_now >= k.outflow_amount
      AND h.sum_3 - 3 * h.aum_now >= 3 * k.outflow_amount
      AND s.left_now >= CAST(h.aum AS DECIMAL(24,2)) * k.outflow_share
)
SELECT j.party_key, r.month, j.bucket, 'outflow' AS signal, j.left_now AS amount,
       CAST(j.usual AS DECIMAL(18,2)) AS usual, CAST(j.left_now AS DOUBLE) / CAST(j.aum AS DOUBLE) AS share,
       CAST(NULL AS INTEGER) AS times, CAST(NULL AS INTEGER) AS usual_times, l.day, l.place, l.destination
FROM judged AS j
JOIN latest AS l ON l.party_key = j.party_key
CROSS JOIN run.month AS r
CROSS JOIN policy.warning AS k
WHERE CAST(j.left_now AS DOUBLE) - j.usual
      > CAST(k.outflow_deviations AS DOUBLE)
        * GREATEST(j.deviation, CAST(k.outflow_spread AS DOUBLE) * CAST(j.aum AS DOUBLE))
