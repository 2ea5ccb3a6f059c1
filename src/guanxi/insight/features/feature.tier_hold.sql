-- feature.tier_hold · grain: party_key, month · scope: bucket · months: each · past: 6
-- What holds a tier beside the balance (等级保持条件): salary paid through us, an own loan of the policy's products, a
-- business. Of several the one that holds the highest tier counts, then the policy's order. Salary: credits in the
-- policy's months up to this one. Loan: its primary holder, with a balance at the last day counted. Business: the
-- customer's type as it is known today, for no extract dates it.
WITH salary AS (
    SELECT
        s.party_key,
        s.credits,
        (YEAR(r.month) * 12 + MONTH(r.month)) - (YEAR(s.month) * 12 + MONTH(s.month)) AS back
    FROM past.feature_salary_month AS s
    CROSS JOIN run.month AS r
),
paid AS (
    SELECT s.party_key, h.scheme, SUM(s.credits) AS credits
    FROM salary AS s
    INNER JOIN policy.tier_hold AS h ON h.criterion = 'payroll' AND s.back < h.months
    GROUP BY s.party_key, h.scheme
),
owing AS (
    SELECT DISTINCT a.party_key, c.scheme
    FROM core.account AS a
    INNER JOIN feature.account_month AS m ON m.account_no = a.account_no
    INNER JOIN policy.tier_hold_code AS c ON c.criterion = 'loan' AND c.code = a.product_code
    WHERE m.balance_base > 0 AND a.party_key IS NOT NULL
),
met AS (
    SELECT p.party_key, p.bucket, h.scheme, h.criterion, h.tier_rank,
           ROW_NUMBER() OVER (
               PARTITION BY p.party_key ORDER BY h.tier_rank DESC NULLS LAST, h.place ASC NULLS LAST
           ) AS best_place
    FROM core.party AS p
    INNER JOIN policy.tier_scheme AS s
        ON s.customer_kind = p.kind AND (s.size_class IS NULL OR s.size_class = p.size_class)
    INNER JOIN policy.tier_hold AS h ON h.scheme = s.scheme
    LEFT JOIN paid ON paid.party_key = p.party_key AND paid.scheme = h.scheme
    LEFT JOIN owing ON owing.party_key = p.party_key AND owing.scheme = h.scheme
    LEFT JOIN policy.tier_hold_code AS trade
        ON trade.scheme = h.scheme AND trade.criterion = 'business' AND trade.code = p.resident_type
    WHERE CASE h.criterion
              WHEN 'payroll' THEN COALESCE(paid.credits, 0) >= h.credits
              WHEN 'loan' THEN owing.party_key IS NOT NULL
              WHEN 'business' THEN trade.code IS NOT NULL
          END
)
SELECT m.party_key, r.month, m.bucket, m.scheme, m.criterion, m.tier_rank
FROM met AS m
CROSS JOIN run.month AS r
WHERE m.best_place = 1
