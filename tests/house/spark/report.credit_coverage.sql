SELECT
  r.month,
  COALESCE(p.unit_no, '') AS unit_no,
  COALESCE(p.area, '') AS area,
  COALESCE(p.village, '') AS village,
  p.kind,
  COUNT(*) AS customers,
  SUM(CASE WHEN COALESCE(c.credit_rated, FALSE) THEN 1 ELSE 0 END) AS rated,
  SUM(CASE WHEN COALESCE(c.credit_granted, FALSE) THEN 1 ELSE 0 END) AS granted,
  SUM(
    CASE WHEN COALESCE(c.credit_granted, FALSE) AND c.credit_used > 0 THEN 1 ELSE 0 END
  ) AS drawing,
  SUM(
    CASE
      WHEN NOT COALESCE(c.credit_granted, FALSE) AND c.credit_expires_on < r.business_date
      THEN 1
      ELSE 0
    END
  ) AS expired,
  SUM(COALESCE(c.credit_line, 0)) AS credit_line,
  SUM(COALESCE(c.credit_used, 0)) AS credit_used
FROM core__party AS p
CROSS JOIN run__month AS r
LEFT JOIN feature__wealth_month AS w
  ON w.party_key = p.party_key
LEFT JOIN score__credit AS c
  ON c.party_key = p.party_key
WHERE
  NOT p.kind IS NULL
  AND (
    COALESCE(w.accounts_open, 0) > 0 OR NOT c.party_key IS NULL
  )
GROUP BY
  1,
  2,
  3,
  4,
  5
