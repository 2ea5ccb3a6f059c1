WITH person AS (
  SELECT
    behaviour.party_key,
    COALESCE(behaviour.age_band, '') AS age_band,
    COALESCE(party.area, '') AS area,
    COALESCE(tier.held_rank, -1) AS tier_rank
  FROM score__behaviour AS behaviour
  JOIN core__party AS party
    ON party.party_key = behaviour.party_key AND party.kind IN ('person', 'sole_trader')
  JOIN feature__wealth_month AS wealth
    ON wealth.party_key = behaviour.party_key AND wealth.accounts_open > 0
  LEFT JOIN score__tier AS tier
    ON tier.party_key = behaviour.party_key
), asked AS (
  SELECT
    person.age_band,
    person.area,
    person.tier_rank,
    wanted.family,
    CASE
      WHEN NOT held.first_opened_on IS NULL
      AND CAST(DATEDIFF(month.business_date, held.first_opened_on) AS BIGINT) < setting.window_days
      THEN 1
      ELSE 0
    END AS took
  FROM person
  CROSS JOIN policy__need_family AS wanted
  CROSS JOIN policy__need AS setting
  CROSS JOIN run__month AS month
  LEFT JOIN feature__family_held AS held
    ON held.party_key = person.party_key AND held.family = wanted.family
  WHERE
    held.first_opened_on IS NULL
    OR CAST(DATEDIFF(month.business_date, held.first_opened_on) AS BIGINT) < setting.window_days
), cell AS (
  SELECT
    age_band,
    area,
    tier_rank,
    family,
    COUNT(*) AS exposed,
    SUM(took) AS takers
  FROM asked
  GROUP BY
    age_band,
    area,
    tier_rank,
    family
), bank AS (
  SELECT
    family,
    SUM(exposed) AS exposed,
    SUM(takers) AS takers
  FROM cell
  GROUP BY
    family
)
SELECT
  cell.age_band,
  cell.area,
  cell.tier_rank,
  cell.family,
  cell.exposed < setting.least_peers AS whole_bank,
  CASE WHEN cell.exposed < setting.least_peers THEN bank.exposed ELSE cell.exposed END AS exposed,
  CASE WHEN cell.exposed < setting.least_peers THEN bank.takers ELSE cell.takers END AS takers,
  (
    CAST(cell.takers AS DOUBLE) + CAST(setting.cell_weight AS DOUBLE) * CAST(bank.takers AS DOUBLE) / CAST(bank.exposed AS DOUBLE)
  ) / (
    CAST(cell.exposed AS DOUBLE) + CAST(setting.cell_weight AS DOUBLE)
  ) AS rate
FROM cell
JOIN bank
  ON bank.family = cell.family
CROSS JOIN policy__need AS setting
