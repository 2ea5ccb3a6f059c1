SELECT
  tier.month,
  COALESCE(party.unit_no, '') AS unit_no,
  COALESCE(party.keeper_no, '') AS keeper_no,
  party.kind,
  COALESCE(tier.held_rank, -1) AS tier_rank,
  COUNT(*) AS customers,
  SUM(COALESCE(wealth.aum, 0)) AS aum,
  SUM(COALESCE(wealth.daily_average, 0)) AS daily_average
FROM score__tier AS tier
JOIN core__party AS party
  ON party.party_key = tier.party_key
LEFT JOIN feature__wealth_month AS wealth
  ON wealth.party_key = tier.party_key
GROUP BY
  tier.month,
  COALESCE(party.unit_no, ''),
  COALESCE(party.keeper_no, ''),
  party.kind,
  COALESCE(tier.held_rank, -1)
