-- report.unit_tier · grain: month, unit_no, keeper_no, kind, tier_rank · scope: whole · months: each
-- Customers and their AUM per tier held, by managing outlet and keeper; rank -1 stands for 未评级 (no tier).
SELECT tier.month, COALESCE(party.unit_no, '') AS unit_no, COALESCE(party.keeper_no, '') AS keeper_no, party.kind,
       COALESCE(tier.held_rank, -1) AS tier_rank, COUNT(*) AS customers, SUM(COALESCE(wealth.aum, 0)) AS aum,
       SUM(COALESCE(wealth.daily_average, 0)) AS daily_average
FROM score.tier AS tier
JOIN core.party AS party ON party.party_key = tier.party_key
LEFT JOIN feature.wealth_month AS wealth ON wealth.party_key = tier.party_key
GROUP BY tier.month, COALESCE(party.unit_no, ''), COALESCE(party.keeper_no, ''), party.kind, COALESCE(tier.held_rank, -1)
