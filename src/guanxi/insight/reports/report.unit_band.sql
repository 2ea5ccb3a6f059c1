-- report.unit_band · grain: month, unit_no, band · scope: whole · months: each
-- Customers with an open account per band of AUM at the last day counted, by managing outlet. Bands look at the day
-- alone: no average, no protection against a fall, so they differ from tiers.
SELECT wealth.month, COALESCE(party.unit_no, '') AS unit_no, band.band, COUNT(*) AS customers, SUM(wealth.aum) AS aum
FROM feature.wealth_month AS wealth
JOIN core.party AS party ON party.party_key = wealth.party_key
JOIN policy.lists_band AS band
  ON band.sort = 'aum' AND wealth.aum >= band.lower_bound AND wealth.aum < band.upper_bound
WHERE wealth.accounts_open > 0
GROUP BY wealth.month, COALESCE(party.unit_no, ''), band.band
