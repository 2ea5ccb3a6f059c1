SELECT
  r.month,
  COALESCE(p.unit_no, '') AS unit_no,
  COALESCE(t.held_rank, -1) AS tier_rank,
  COUNT(*) AS customers,
  SUM(CASE WHEN s.stage = 'lost' THEN 1 ELSE 0 END) AS lost,
  SUM(CASE WHEN s.stage = 'declining' AND o.stage <> 'declining' THEN 1 ELSE 0 END) AS declining,
  SUM(CASE WHEN s.stage = 'lost' THEN COALESCE(s.base_average, 0) ELSE 0 END) AS lost_base
FROM score__stage AS s
INNER JOIN prev__score_stage AS o
  ON o.party_key = s.party_key
INNER JOIN core__party AS p
  ON p.party_key = s.party_key
INNER JOIN policy__value_segment AS g
  ON g.kind = p.kind
CROSS JOIN run__month AS r
LEFT JOIN prev__score_tier AS t
  ON t.party_key = s.party_key
WHERE
  g.in_concentration AND NOT o.stage IN ('potential', 'lost')
GROUP BY
  1,
  2,
  3
