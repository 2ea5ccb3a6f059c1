WITH told AS (
  SELECT
    p.party_key,
    p.bucket,
    e.kind,
    e.day,
    e.amount,
    e.about,
    e.event_no,
    CAST(DATEDIFF(r.business_date, e.day) AS BIGINT) AS back,
    CASE WHEN e.settled_on IS NULL OR e.settled_on > r.business_date THEN 1 ELSE 0 END AS is_open
  FROM past__staged_service_events AS e
  JOIN core__party_member AS p
    ON p.customer_no = e.customer_no
  CROSS JOIN run__month AS r
  WHERE
    e.day <= r.business_date
), signed AS (
  SELECT
    party_key,
    about,
    MAX(day) AS day
  FROM told
  WHERE
    kind = 'direct_debit_signed'
  GROUP BY
    party_key,
    about
), speaking AS (
  SELECT
    t.party_key,
    t.bucket,
    t.day,
    t.amount,
    t.about,
    t.event_no,
    t.is_open,
    CASE t.kind
      WHEN 'complaint'
      THEN 'complaint'
      WHEN 'direct_debit_cancelled'
      THEN 'debit_cancelled'
      WHEN 'early_withdrawal'
      THEN 'early_withdrawal'
      ELSE 'closing_request'
    END AS signal
  FROM told AS t
  CROSS JOIN policy__warning AS k
  LEFT JOIN signed AS s
    ON s.party_key = t.party_key
    AND COALESCE(s.about, '') = COALESCE(t.about, '')
    AND s.day >= t.day
  WHERE
    (
      t.kind = 'complaint' AND (
        t.is_open = 1 OR t.back <= k.complaint_days
      )
    )
    OR (
      t.kind = 'direct_debit_cancelled'
      AND t.back <= k.debit_days
      AND s.party_key IS NULL
    )
    OR (
      t.kind = 'early_withdrawal' AND t.back <= k.early_days
    )
    OR (
      t.kind = 'closing_request' AND t.back <= k.closing_days
    )
), ranked AS (
  SELECT
    speaking.*,
    ROW_NUMBER() OVER (PARTITION BY party_key, signal ORDER BY day DESC, event_no ASC NULLS LAST) AS newest
  FROM speaking
)
SELECT
  ranked.party_key,
  r.month,
  MAX(ranked.bucket) AS bucket,
  ranked.signal,
  SUM(ranked.amount) AS amount,
  CAST(NULL AS DECIMAL(18, 2)) AS usual,
  CAST(NULL AS DOUBLE) AS share,
  CAST(COUNT(*) AS INT) AS times,
  CAST(SUM(ranked.is_open) AS INT) AS usual_times,
  MAX(ranked.day) AS day,
  MAX(CASE WHEN ranked.newest = 1 THEN ranked.about END) AS place,
  CAST(NULL AS STRING) AS destination
FROM ranked
CROSS JOIN run__month AS r
GROUP BY
  ranked.party_key,
  r.month,
  ranked.signal
