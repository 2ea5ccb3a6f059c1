WITH placed AS (
  SELECT
    tier.party_key,
    tier.held_rank,
    held.lower_bound AS held_line,
    held.tier_rank = bottom.tier_rank AS is_bottom,
    above.lower_bound AS next_line,
    CASE scheme.basis
      WHEN 'daily_average'
      THEN wealth.daily_average
      WHEN 'month_end'
      THEN wealth.aum
    END AS measure
  FROM score__tier AS tier
  JOIN core__party AS party
    ON party.party_key = tier.party_key
  JOIN policy__tier_scheme AS scheme
    ON scheme.scheme = tier.scheme AND scheme.customer_kind = party.kind
  JOIN feature__wealth_month AS wealth
    ON wealth.party_key = tier.party_key
  JOIN policy__tier_band AS held
    ON held.scheme = tier.scheme AND held.tier_rank = tier.held_rank
  JOIN (
    SELECT
      scheme,
      MIN(tier_rank) AS tier_rank
    FROM policy__tier_band AS tier_band
    GROUP BY
      scheme
  ) AS bottom
    ON bottom.scheme = tier.scheme
  LEFT JOIN policy__tier_band AS above
    ON above.scheme = tier.scheme AND above.lower_bound = held.upper_bound
), sided AS (
  SELECT
    placed.*,
    CASE
      WHEN placed.measure < placed.next_line
      AND placed.measure >= CAST(placed.next_line AS DECIMAL(38, 2)) * (
        1 - limits.near_below_share
      )
      THEN 'below'
      WHEN NOT placed.is_bottom
      AND placed.measure >= placed.held_line
      AND placed.measure <= CAST(placed.held_line AS DECIMAL(38, 2)) * (
        1 + limits.near_above_share
      )
      THEN 'above'
    END AS side
  FROM placed
  CROSS JOIN policy__lists_limit AS limits
)
SELECT
  sided.party_key,
  party.unit_no,
  party.keeper_no,
  sided.held_rank,
  sided.side,
  CASE sided.side WHEN 'below' THEN sided.next_line ELSE sided.held_line END AS line,
  sided.measure AS daily_average,
  CASE sided.side
    WHEN 'below'
    THEN sided.next_line - sided.measure
    ELSE sided.measure - sided.held_line
  END AS gap
FROM sided
JOIN core__party AS party
  ON party.party_key = sided.party_key
WHERE
  NOT sided.side IS NULL
