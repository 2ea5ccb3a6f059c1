-- score.credit · grain: party_key · scope: bucket · months: last
-- Rating and credit line (评级授信) of a customer at the business date, over all of the customer's numbers. A line stands
-- while it is more than nothing and has not expired. `credit_expires_on`: the first day on which a standing line ends;
-- where none stands, the day on which the last one ended.
WITH lines AS (
    SELECT
        m.party_key,
        c.credit_line,
        c.used,
        c.expires_on,
        CASE WHEN c.grade IS NOT NULL AND c.grade <> '' THEN 1 ELSE 0 END AS rated,
        CASE WHEN c.credit_line > 0 AND (c.expires_on IS NULL OR c.expires_on >= r.business_date) THEN 1 ELSE 0 END
            AS stands
    FROM staged.credit AS c
    INNER JOIN core.party_member AS m ON m.customer_no = c.customer_no
    CROSS JOIN run.month AS r
),
summed AS (
    SELECT
        party_key,
        MAX(rated) AS rated,
        MAX(stands) AS stands,
        SUM(CASE WHEN stands = 1 THEN credit_line ELSE 0 END) AS credit_line,
        SUM(COALESCE(used, 0)) AS credit_used,
        COALESCE(MIN(CASE WHEN stands = 1 THEN expires_on END), MAX(expires_on)) AS credit_expires_on
    FROM lines
    GROUP BY party_key
)
SELECT
    p.party_key,
    p.bucket,
    s.rated = 1 AS credit_rated,
    s.stands = 1 AS credit_granted,
    s.credit_line,
    s.credit_used,
    s.credit_expires_on
FROM summed AS s
INNER JOIN core.party AS p ON p.party_key = s.party_key
