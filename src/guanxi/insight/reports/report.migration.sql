-- report.migration · grain: month, unit_no, from_rank, to_rank · scope: whole · months: each · prev: yes
-- Tier migration (等级迁徙) from the month before, by managing outlet, for customer kinds that have AUM; -1 stands for no
-- tier. Empty for the first month of the lake. Customers without a tier in both months are left out.
SELECT now.month, COALESCE(party.unit_no, '') AS unit_no, COALESCE(past.held_rank, -1) AS from_rank,
       COALESCE(now.held_rank, -1) AS to_rank, COUNT(*) AS customers, SUM(COALESCE(wealth.aum, 0)) AS aum
FROM score.tier AS now
JOIN run.month AS month ON NOT month.first
JOIN core.party AS party ON party.party_key = now.party_key
JOIN policy.aum_kind AS counted ON counted.kind = party.kind
LEFT JOIN prev.score_tier AS past ON past.party_key = now.party_key
LEFT JOIN feature.wealth_month AS wealth ON wealth.party_key = now.party_key
WHERE past.held_rank IS NOT NULL OR now.held_rank IS NOT NULL
GROUP BY now.month, COALESCE(party.unit_no, ''), COALESCE(past.held_rank, -1), COALESCE(now.held_rank, -1)
