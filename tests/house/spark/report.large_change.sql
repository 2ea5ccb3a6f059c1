WITH moved AS (
  SELECT
    today.party_key,
    today.day,
    COALESCE(before.aum, 0) AS aum_before,
    today.aum AS aum_after,
    today.aum - COALESCE(before.aum, 0) AS change
  FROM feature__wealth_day AS today
  LEFT JOIN feature__wealth_day AS before
    ON before.party_key = today.party_key AND before.label = 'yesterday'
  WHERE
    today.label = 'today'
    AND NOT today.aum IS NULL
    AND (
      before.party_key IS NULL OR NOT before.aum IS NULL
    )
    AND EXISTS(
      SELECT
        1
      FROM feature__wealth_day AS known
      WHERE
        known.label = 'yesterday'
    )
)
SELECT
  moved.party_key,
  party.unit_no,
  party.keeper_no,
  moved.day,
  moved.aum_before,
  moved.aum_after,
  moved.change,
  CASE
    WHEN moved.aum_before <> 0
    THEN CAST(moved.change AS DOUBLE) / CAST(moved.aum_before AS DOUBLE)
  END AS change_share
FROM moved
JOIN core__party AS party
  ON party.party_key = moved.party_key
CROSS JOIN policy__lists_limit AS limits
WHERE
  ABS(moved.change) >= limits.large_change_amount
  AND ABS(moved.change) >= ABS(CAST(moved.aum_before AS DECIMAL(38, 2)) * limits.large_change_share)
