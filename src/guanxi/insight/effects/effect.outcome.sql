-- effect.outcome · grain: campaign, party_key · scope: whole · months: last · past: 13
-- Everybody assigned in a campaign that is still read out, in the arm he was drawn into. Before: the month that had ended
-- when he was assigned (wealth) and three months' contribution. After: the last month that began within the horizon.
-- Opened: an account of the campaign's family, from the day after the assignment up to the horizon; a campaign without a
-- family means any put-away or invested one. Retained: half (by the policy of churn) of the wealth before is still there.
WITH going AS (
    SELECT c.campaign, c.family, c.horizon_days
    FROM ops.campaign AS c
    CROSS JOIN run.month AS r
    CROSS JOIN policy.effect AS k
    WHERE DATE_DIFF('day', c.launched_on, r.business_date) <= c.horizon_days + k.looking_days
),
drawn AS (
    SELECT a.campaign, a.party_key, a.arm, a.cluster, a.control_share, a.assigned_on, g.family, g.horizon_days,
           LEAST(DATE_DIFF('day', a.assigned_on, r.business_date), g.horizon_days) AS lived_days,
           YEAR(a.assigned_on) * 12 + MONTH(a.assigned_on) AS start_month,
           a.exposed_on IS NOT NULL AS exposed, a.contaminated_on IS NOT NULL AS contaminated
    FROM ops.assignment AS a
    JOIN going AS g ON g.campaign = a.campaign
    JOIN core.party AS p ON p.party_key = a.party_key
    CROSS JOIN run.month AS r
    WHERE a.assigned_on <= r.business_date
),
wealth AS (
    SELECT d.campaign, d.party_key, w.aum,
           YEAR(w.month) * 12 + MONTH(w.month) - d.start_month AS away,
           ROW_NUMBER() OVER (PARTITION BY d.campaign, d.party_key ORDER BY w.month DESC NULLS LAST) AS place
    FROM drawn AS d
    JOIN past.feature_wealth_month AS w ON w.party_key = d.party_key
    WHERE DATE_DIFF('day', d.assigned_on, w.month) <= d.lived_days
),
worth AS (
    SELECT campaign, party_key, MAX(CASE WHEN away = -1 THEN aum END) AS aum_before,
           MAX(CASE WHEN place = 1 THEN aum END) AS aum_after
    FROM wealth
    GROUP BY campaign, party_key
),
earned AS (
    SELECT d.campaign, d.party_key,
           CAST(SUM(CASE WHEN YEAR(m.month) * 12 + MONTH(m.month) BETWEEN d.start_month - 3 AND d.start_month - 1
                         THEN m.contribution END) AS DECIMAL(18,2)) AS earned_before,
           CAST(SUM(CASE WHEN YEAR(m.month) * 12 + MONTH(m.month) >= d.start_month
                         THEN m.contribution END) AS DECIMAL(18,2)) AS earned_after
    FROM drawn AS d
    JOIN past.feature_contribution_month AS m ON m.party_key = d.party_key
    WHERE DATE_DIFF('day', d.assigned_on, m.month) <= d.lived_days
    GROUP BY d.campaign, d.party_key
),
held AS (
    SELECT d.campaign, d.party_key,
           MAX(CASE WHEN DATE_DIFF('day', d.assigned_on, a.opened_on) BETWEEN 1 AND d.lived_days THEN 1 ELSE 0 END) AS opened,
           MAX(CASE WHEN a.opened_on <= d.assigned_on AND (a.closed_on IS NULL OR a.closed_on > d.assigned_on)
                    THEN 1 ELSE 0 END) AS held_before
    FROM drawn AS d
    JOIN core.account AS a ON a.party_key = d.party_key
    WHERE a.family = d.family
       OR d.family = '' AND a.family IN ('time', 'cd', 'structured', 'wealth', 'fund', 'insurance', 'bond', 'metal', 'trust')
    GROUP BY d.campaign, d.party_key
),
tiered AS (
    SELECT d.campaign, d.party_key, MAX(t.held_rank) AS tier_rank
    FROM drawn AS d
    JOIN past.score_tier AS t ON t.party_key = d.party_key
    WHERE YEAR(t.month) * 12 + MONTH(t.month) = d.start_month - 1
    GROUP BY d.campaign, d.party_key
)
SELECT d.campaign, d.party_key, r.month, d.arm, d.cluster, d.control_share, d.assigned_on, d.lived_days, d.horizon_days,
       tiered.tier_rank, f.age_band, d.exposed, d.contaminated, worth.aum_before, worth.aum_after,
       COALESCE(held.opened, 0) = 1 AS opened, COALESCE(held.held_before, 0) = 1 AS held_before,
       CASE WHEN worth.aum_before >= k.loss_base
            THEN COALESCE(worth.aum_after, 0) >= CAST(worth.aum_before AS DECIMAL(24,2)) * k.loss_share END AS retained,
       earned.earned_before AS contribution_before, earned.earned_after AS contribution_after
FROM drawn AS d
CROSS JOIN run.month AS r
CROSS JOIN policy.churn AS k
LEFT JOIN worth ON worth.campaign = d.campaign AND worth.party_key = d.party_key
LEFT JOIN earned ON earned.campaign = d.campaign AND earned.party_key = d.party_key
LEFT JOIN held ON held.campaign = d.campaign AND held.party_key = d.party_key
LEFT JOIN tiered ON tiered.campaign = d.campaign AND tiered.party_key = d.party_key
LEFT JOIN score.segment_fact AS f ON f.party_key = d.party_key
