-- report.attrition · grain: month, unit_no, tier_rank · scope: whole · months: each · prev: yes
-- Attrition (流失率) by managing outlet and the tier held the month before (-1: none), persons and sole traders only (a
-- company's tier is another scale): how many customers there were who were neither potential nor lost, how many of them
-- became lost or declining in this month, and the base the lost had.
SELECT
    r.month,
    COALESCE(p.unit_no, '') AS unit_no,
    COALESCE(t.held_rank, -1) AS tier_rank,
    COUNT(*) AS customers,
    SUM(CASE WHEN s.stage = 'lost' THEN 1 ELSE 0 END) AS lost,
    SUM(CASE WHEN s.stage = 'declining' AND o.stage <> 'declining' THEN 1 ELSE 0 END) AS declining,
    SUM(CASE WHEN s.stage = 'lost' THEN COALESCE(s.base_average, 0) ELSE 0 END) AS lost_base
FROM score.stage AS s
INNER JOIN prev.score_stage AS o ON o.party_key = s.party_key
INNER JOIN core.party AS p ON p.party_key = s.party_key
INNER JOIN policy.value_segment AS g ON g.kind = p.kind
CROSS JOIN run.month AS r
LEFT JOIN prev.score_tier AS t ON t.party_key = s.party_key
WHERE g.in_concentration AND o.stage NOT IN ('potential', 'lost')
GROUP BY 1, 2, 3
