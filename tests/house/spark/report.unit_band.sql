SELECT
  wealth.month,
  COALESCE(party.unit_no, '') AS unit_no,
  band.band,
  COUNT(*) AS customers,
  SUM(wealth.aum) AS aum
FROM feature__wealth_month AS wealth
JOIN core__party AS party
  ON party.party_key = wealth.party_key
JOIN policy__lists_band AS band
  ON band.sort = 'aum'
  AND wealth.aum >= band.lower_bound
  AND wealth.aum < band.upper_bound
WHERE
  wealth.accounts_open > 0
GROUP BY
  wealth.month,
  COALESCE(party.unit_no, ''),
  band.band
