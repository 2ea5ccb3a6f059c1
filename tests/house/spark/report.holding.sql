SELECT
  r.month,
  COALESCE(p.unit_no, '') AS unit_no,
  COALESCE(w.families_held, 0) AS families_held,
  COUNT(*) AS customers,
  SUM(COALESCE(w.aum, 0)) AS aum
FROM feature__wealth_month AS w
INNER JOIN core__party AS p
  ON p.party_key = w.party_key
CROSS JOIN run__month AS r
WHERE
  w.accounts_open > 0
GROUP BY
  1,
  2,
  3
