-- feature.signal_service · grain: party_key, month, signal · scope: bucket · months: each · past: 5
-- What the counter and the service desk see: (e) a complaint (投诉) open or recent, (f) a direct debit cancelled (代扣解约)
-- and not signed anew, (h) an early withdrawal (提前支取), a closing request (销户申请). A bank that hands over no service
-- events has none of these indicators.
WITH told AS (
    SELECT p.party_key, p.bucket, e.kind, e.day, e.amount, e.about, e.event_no,
           DATE_DIFF('day', e.day, r.business_date) AS back,
           CASE WHEN e.settled_on IS NULL OR e.settled_on > r.business_date THEN 1 ELSE 0 END AS is_open
    FROM past.staged_service_events AS e
    JOIN core.party_member AS p ON p.customer_no = e.customer_no
    CROSS JOIN run.month AS r
    WHERE e.day <= r.business_date
),
signed AS (
    SELECT party_key, about, MAX(day) AS day
    FROM told
    WHERE kind = 'direct_debit_signed'
    GROUP BY party_key, about
),
speaking AS (
    SELECT t.party_key, t.bucket, t.day, t.amount, t.about, t.event_no, t.is_open,
           CASE t.kind WHEN 'complaint' THEN 'complaint' WHEN 'direct_debit_cancelled' THEN 'debit_cancelled'
                WHEN 'early_withdrawal' THEN 'early_withdrawal' ELSE 'closing_request' END AS signal
    FROM told AS t
    CROSS JOIN policy.warning AS k
    LEFT JOIN signed AS s
      ON s.party_key = t.party_key AND COALESCE(s.about, '') = COALESCE(t.about, '') AND s.day >= t.day
    WHERE (t.kind = 'complaint' AND (t.is_open = 1 OR t.back <= k.complaint_days))
       OR (t.kind = 'direct_debit_cancelled' AND t.back <= k.debit_days AND s.party_key IS NULL)
       OR (t.kind = 'early_withdrawal' AND t.back <= k.early_days)
       OR (t.kind = 'closing_request' AND t.back <= k.closing_days)
),
ranked AS (
    SELECT speaking.*,
           ROW_NUMBER() OVER (
               PARTITION BY party_key, signal ORDER BY day DESC NULLS LAST, event_no ASC NULLS LAST
           ) AS newest
    FROM speaking
)
SELECT ranked.party_key, r.month, MAX(ranked.bucket) AS bucket, ranked.signal, SUM(ranked.amount) AS amount,
       CAST(NULL AS DECIMAL(18,2)) AS usual, CAST(NULL AS DOUBLE) AS share, CAST(COUNT(*) AS INTEGER) AS times,
       CAST(SUM(ranked.is_open) AS INTEGER) AS usual_times, MAX(ranked.day) AS day,
       MAX(CASE WHEN ranked.newest = 1 THEN ranked.about END) AS place, CAST(NULL AS VARCHAR) AS destination
FROM ranked
CROSS JOIN run.month AS r
GROUP BY ranked.party_key, r.month, ranked.signal
