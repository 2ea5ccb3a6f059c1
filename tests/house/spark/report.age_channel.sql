SELECT
  r.month,
  COALESCE(p.unit_no, '') AS unit_no,
  COALESCE(p.area, '') AS area,
  COALESCE(b.age_band, '') AS age_band,
  COUNT(*) AS customers,
  SUM(COALESCE(w.aum, 0)) AS aum,
  SUM(CASE WHEN COALESCE(a.mobile_active, FALSE) THEN 1 ELSE 0 END) AS mobile_active,
  SUM(CASE WHEN COALESCE(a.web_active, FALSE) THEN 1 ELSE 0 END) AS web_active
FROM score__behaviour AS b
INNER JOIN core__party AS p
  ON p.party_key = b.party_key
INNER JOIN policy__value_segment AS s
  ON s.kind = p.kind
INNER JOIN feature__wealth_month AS w
  ON w.party_key = b.party_key
CROSS JOIN run__month AS r
LEFT JOIN feature__activity_month AS a
  ON a.party_key = b.party_key
WHERE
  s.in_concentration AND w.accounts_open > 0
GROUP BY
  1,
  2,
  3,
  4
