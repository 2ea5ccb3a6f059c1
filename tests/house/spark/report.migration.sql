SELECT
  now.month,
  COALESCE(party.unit_no, '') AS unit_no,
  COALESCE(past.held_rank, -1) AS from_rank,
  COALESCE(now.held_rank, -1) AS to_rank,
  COUNT(*) AS customers,
  SUM(COALESCE(wealth.aum, 0)) AS aum
FROM score__tier AS now
JOIN run__month AS month
  ON NOT month.first
JOIN core__party AS party
  ON party.party_key = now.party_key
JOIN policy__aum_kind AS counted
  ON counted.kind = party.kind
LEFT JOIN prev__score_tier AS past
  ON past.party_key = now.party_key
LEFT JOIN feature__wealth_month AS wealth
  ON wealth.party_key = now.party_key
WHERE
  NOT past.held_rank IS NULL OR NOT now.held_rank IS NULL
GROUP BY
  now.month,
  COALESCE(party.unit_no, ''),
  COALESCE(past.held_rank, -1),
  COALESCE(now.held_rank, -1)
