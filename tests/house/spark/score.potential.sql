WITH paid AS (
  SELECT
    party_key,
    SUM(salary_amount) AS salary,
    SUM(outflow_same_name) AS sent_elsewhere
  FROM past__feature_activity_month AS feature_activity_month
  GROUP BY
    party_key
), person AS (
  SELECT
    wealth.party_key,
    wealth.bucket,
    wealth.month,
    wealth.aum,
    wealth.families_held,
    COALESCE(behaviour.age_band, '') AS age_band,
    COALESCE(party.area, '') AS area,
    COALESCE(paid.sent_elsewhere, 0) AS sent_elsewhere,
    earned.band AS salary_band
  FROM feature__wealth_month AS wealth
  JOIN core__party AS party
    ON party.party_key = wealth.party_key
  LEFT JOIN score__behaviour AS behaviour
    ON behaviour.party_key = wealth.party_key
  LEFT JOIN paid
    ON paid.party_key = wealth.party_key
  JOIN policy__lifetime_salary_band AS earned
    ON COALESCE(paid.salary, 0) >= earned.lower_bound
    AND COALESCE(paid.salary, 0) < earned.upper_bound
  WHERE
    NOT wealth.aum IS NULL AND wealth.accounts_open > 0
), peer AS (
  SELECT
    person.age_band,
    person.area,
    person.salary_band,
    person.aum,
    ROW_NUMBER() OVER (
      PARTITION BY person.age_band, person.area, person.salary_band
      ORDER BY person.aum ASC NULLS LAST, person.party_key ASC NULLS LAST
    ) AS place,
    COUNT(*) OVER (PARTITION BY person.age_band, person.area, person.salary_band) AS peers
  FROM person
  CROSS JOIN policy__lifetime AS setting
  WHERE
    person.families_held >= setting.peer_families
), cell AS (
  SELECT
    age_band,
    area,
    salary_band,
    MAX(peers) AS peers,
    MAX(CASE WHEN place = (
      peers + 3
    ) DIV 4 THEN aum END) AS peer_low,
    MAX(CASE WHEN place = (
      peers + 1
    ) DIV 2 THEN aum END) AS peer_middle,
    MAX(CASE WHEN place = (
      3 * peers + 3
    ) DIV 4 THEN aum END) AS peer_high
  FROM peer
  GROUP BY
    age_band,
    area,
    salary_band
), known AS (
  SELECT
    person.*,
    cell.peers,
    cell.peer_low,
    cell.peer_middle,
    cell.peer_high
  FROM person
  CROSS JOIN policy__lifetime AS setting
  LEFT JOIN cell
    ON cell.age_band = person.age_band
    AND cell.area = person.area
    AND cell.salary_band = person.salary_band
    AND cell.peers >= setting.peers
)
SELECT
  party_key,
  month,
  bucket,
  aum,
  COALESCE(peers, 0) AS peers,
  peer_low,
  peer_middle,
  peer_high,
  CASE
    WHEN NOT peer_low IS NULL
    THEN GREATEST(peer_low - aum, CAST(0 AS DECIMAL(18, 2)))
  END AS gap_low,
  CASE
    WHEN NOT peer_middle IS NULL
    THEN GREATEST(peer_middle - aum, CAST(0 AS DECIMAL(18, 2)))
  END AS gap_middle,
  CASE
    WHEN NOT peer_high IS NULL
    THEN GREATEST(peer_high - aum, CAST(0 AS DECIMAL(18, 2)))
  END AS gap_high,
  sent_elsewhere
FROM known
