-- report.credit_coverage · grain: month, unit_no, area, village, kind · scope: whole · months: last
-- How many customers are rated and have a credit line (评级授信面), by managing outlet and village or community. Counted is
-- who has an open account or is rated, has or had a line; a village nobody declared stands under ''.
SELECT
    r.month,
    COALESCE(p.unit_no, '') AS unit_no,
    COALESCE(p.area, '') AS area,
    COALESCE(p.village, '') AS village,
    p.kind,
    COUNT(*) AS customers,
    SUM(CASE WHEN COALESCE(c.credit_rated, FALSE) THEN 1 ELSE 0 END) AS rated,
    SUM(CASE WHEN COALESCE(c.credit_granted, FALSE) THEN 1 ELSE 0 END) AS granted,
    SUM(CASE WHEN COALESCE(c.credit_granted, FALSE) AND c.credit_used > 0 THEN 1 ELSE 0 END) AS drawing,
    SUM(CASE WHEN NOT COALESCE(c.credit_granted, FALSE) AND c.credit_expires_on < r.business_date THEN 1 ELSE 0 END)
        AS expired,
    SUM(COALESCE(c.credit_line, 0)) AS credit_line,
    SUM(COALESCE(c.credit_used, 0)) AS credit_used
FROM core.party AS p
CROSS JOIN run.month AS r
LEFT JOIN feature.wealth_month AS w ON w.party_key = p.party_key
LEFT JOIN score.credit AS c ON c.party_key = p.party_key
WHERE p.kind IS NOT NULL AND (COALESCE(w.accounts_open, 0) > 0 OR c.party_key IS NOT NULL)
GROUP BY 1, 2, 3, 4, 5
