-- report.unit_day · grain: label, unit_no, keeper_no · scope: whole · months: last · past: 26
-- Daily report (业务日报) by managing outlet and keeper ('' when none) as they are today, for each reference day:
-- deposits at the day, their average of the month and of the year so far, AUM, wealth products, loans, customers with
-- an open account, and those active in the month. The year's average counts from the first month the lake knows.
WITH year_span AS (
    SELECT reference.label, reference.days AS month_days, DATE_DIFF('day', MIN(known.month), reference.day) + 1 AS year_days
    FROM run.reference_day AS reference
    JOIN (SELECT DISTINCT month FROM past.feature_wealth_month) AS known
      ON YEAR(known.month) = YEAR(reference.day) AND known.month <= reference.day
    GROUP BY reference.label, reference.days, reference.day
),
summed AS (
    SELECT position.label, position.day, COALESCE(party.unit_no, '') AS unit_no,
           COALESCE(party.keeper_no, '') AS keeper_no, year_span.month_days, year_span.year_days,
           SUM(position.deposits) AS deposits,
           CAST(SUM(position.deposits_days) * 100 AS BIGINT) AS month_fen,
           CAST(SUM(position.deposits_year_days) * 100 AS BIGINT) AS year_fen,
           SUM(COALESCE(position.aum, 0)) AS aum, SUM(position.wealth) AS wealth, SUM(position.loans) AS loans,
           SUM(CASE WHEN position.active THEN 1 ELSE 0 END) AS active_customers,
           SUM(CASE WHEN position.accounts_open > 0 THEN 1 ELSE 0 END) AS customers
    FROM feature.wealth_day AS position
    JOIN core.party AS party ON party.party_key = position.party_key
    JOIN year_span ON year_span.label = position.label
    GROUP BY position.label, position.day, COALESCE(party.unit_no, ''), COALESCE(party.keeper_no, ''),
             year_span.month_days, year_span.year_days
)
SELECT label, day, unit_no, keeper_no, deposits,
       CAST(SIGN(month_fen) * ((2 * ABS(month_fen) + month_days) // (2 * month_days)) AS DECIMAL(18,0))
           * CAST(0.01 AS DECIMAL(3,2)) AS deposits_average,
       CAST(SIGN(year_fen) * ((2 * ABS(year_fen) + year_days) // (2 * year_days)) AS DECIMAL(18,0))
           * CAST(0.01 AS DECIMAL(3,2)) AS deposits_year_average,
       aum, wealth, loans, active_customers, customers
FROM summed
