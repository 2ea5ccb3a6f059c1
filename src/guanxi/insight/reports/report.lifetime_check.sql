-- report.lifetime_check · grain: month, decile · scope: whole · months: last · past: 13
-- Was it true? What was expected of each customer 12 months ago for the year that has now passed, beside what came, by
-- decile of what was expected (1: the least). The rival is the simplest guess, last year again. Empty until a year has
-- passed since the first month with 12 months behind it.
WITH asked AS (
    SELECT before.party_key, before.next_12m, before.contribution_12m AS last_year, now.contribution_12m AS actual,
           month.month
    FROM past.score_lifetime AS before
    CROSS JOIN run.month AS month
    JOIN past.score_lifetime AS now ON now.party_key = before.party_key AND now.month = month.month
    WHERE YEAR(month.month) * 12 + MONTH(month.month) - YEAR(before.month) * 12 - MONTH(before.month) = 12
      AND before.next_12m IS NOT NULL AND before.contribution_12m IS NOT NULL AND now.contribution_12m IS NOT NULL
),
ranked AS (
    SELECT asked.*, NTILE(10) OVER (ORDER BY asked.next_12m ASC, asked.party_key ASC) AS decile
    FROM asked
)
SELECT month, decile, COUNT(*) AS customers, SUM(next_12m) AS predicted, SUM(last_year) AS last_year,
       SUM(actual) AS actual, SUM(ABS(next_12m - actual)) AS error_predicted,
       SUM(ABS(last_year - actual)) AS error_last_year
FROM ranked
GROUP BY month, decile
