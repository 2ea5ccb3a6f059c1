-- feature.keeper_month · grain: party_key, month · scope: bucket · months: each
-- Who kept a customer when the month began and at its last day counted (管户人), '' for nobody, by the terms people and nights
-- wrote down. Before the first term the bank knows, the first keeper known counts, and where none is known the one that the
-- extract names: nobody may seem to have come into a book on the day Guanxi was set up.
WITH known AS (
    SELECT MIN(t.valid_from) AS first_day FROM ops.keeper_term AS t
),
term AS (
    SELECT
        m.party_key,
        t.staff_no,
        t.valid_from,
        t.valid_to,
        ROW_NUMBER() OVER (PARTITION BY m.party_key ORDER BY t.valid_from ASC, t.staff_no ASC, t.customer_no ASC) AS place
    FROM ops.keeper_term AS t
    INNER JOIN core.party_member AS m ON m.customer_no = t.customer_no
    WHERE t.is_primary
),
hand AS (
    SELECT
        t.party_key,
        MAX(CASE WHEN t.valid_from < r.month AND (t.valid_to IS NULL OR t.valid_to >= r.month) THEN t.staff_no END)
            AS before_no,
        MAX(CASE WHEN t.valid_from <= r.business_date AND (t.valid_to IS NULL OR t.valid_to > r.business_date) THEN t.staff_no END)
            AS now_no,
        MAX(CASE WHEN t.place = 1 THEN t.staff_no END) AS first_no
    FROM term AS t
    CROSS JOIN run.month AS r
    GROUP BY t.party_key
)
SELECT
    p.party_key,
    r.month,
    p.bucket,
    CASE
        WHEN h.party_key IS NULL THEN COALESCE(p.keeper_no, '')
        WHEN r.month <= k.first_day THEN h.first_no
        ELSE COALESCE(h.before_no, '')
    END AS keeper_before,
    CASE
        WHEN h.party_key IS NULL THEN COALESCE(p.keeper_no, '')
        WHEN r.business_date < k.first_day THEN h.first_no
        ELSE COALESCE(h.now_no, '')
    END AS keeper_now
FROM core.party AS p
CROSS JOIN run.month AS r
CROSS JOIN known AS k
LEFT JOIN hand AS h ON h.party_key = p.party_key
