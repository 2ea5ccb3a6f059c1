-- report.book_index · grain: month, unit_no, keeper_no, measure · scope: whole · months: each
-- The four indices (四项关系指数) by managing outlet and keeper ('' nobody): how many customers have each, the sum of its points,
-- and how many are low, middle and high. Sums, so that outlets and the bank add up; a mean is points over known.
WITH indexed AS (
    SELECT
        COALESCE(p.unit_no, '') AS unit_no,
        h.keeper_now AS keeper_no,
        m.measure,
        CASE m.measure
            WHEN 'satisfaction' THEN i.satisfaction
            WHEN 'loyalty' THEN i.loyalty
            WHEN 'contribution' THEN i.contribution
            ELSE i.dependence
        END AS points
    FROM score.relation_index AS i
    INNER JOIN core.party AS p ON p.party_key = i.party_key
    INNER JOIN feature.keeper_month AS h ON h.party_key = i.party_key
    CROSS JOIN (
        SELECT 'satisfaction' AS measure
        UNION ALL
        SELECT 'loyalty' AS measure
        UNION ALL
        SELECT 'contribution' AS measure
        UNION ALL
        SELECT 'dependence' AS measure
    ) AS m
)
SELECT
    r.month,
    i.unit_no,
    i.keeper_no,
    i.measure,
    COUNT(*) AS customers,
    SUM(CASE WHEN i.points IS NOT NULL THEN 1 ELSE 0 END) AS known,
    SUM(COALESCE(i.points, 0)) AS points,
    SUM(CASE WHEN i.points < k.middle_from THEN 1 ELSE 0 END) AS low,
    SUM(CASE WHEN i.points >= k.middle_from AND i.points < k.high_from THEN 1 ELSE 0 END) AS middle,
    SUM(CASE WHEN i.points >= k.high_from THEN 1 ELSE 0 END) AS high
FROM indexed AS i
CROSS JOIN run.month AS r
CROSS JOIN policy.relationship AS k
GROUP BY r.month, i.unit_no, i.keeper_no, i.measure
