-- report.holding · grain: month, unit_no, families_held · scope: whole · months: each
-- Product holding (产品持有、交叉持有) by managing outlet: how many customers with an open account hold how many product
-- families, and their AUM.
SELECT
    r.month,
    COALESCE(p.unit_no, '') AS unit_no,
    COALESCE(w.families_held, 0) AS families_held,
    COUNT(*) AS customers,
    SUM(COALESCE(w.aum, 0)) AS aum
FROM feature.wealth_month AS w
INNER JOIN core.party AS p ON p.party_key = w.party_key
CROSS JOIN run.month AS r
WHERE w.accounts_open > 0
GROUP BY 1, 2, 3
