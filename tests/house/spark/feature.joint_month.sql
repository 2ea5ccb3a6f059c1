WITH whole AS (
  SELECT
    account.account_no,
    account.family,
    account.component,
    account.in_aum,
    account.aum_weight,
    account.opened_on,
    account.closed_on,
    worth.month,
    worth.refused,
    worth.balance_base,
    worth.in_transit_base,
    worth.balance_days_base,
    worth.in_transit_days_base
  FROM core__account AS account
  JOIN feature__account_month AS worth
    ON worth.account_no = account.account_no
  WHERE
    account.holders > 1
), part AS (
  SELECT
    whole.account_no,
    holding.party_key,
    holding.bucket,
    holding.is_primary,
    ROUND(CAST(whole.balance_base AS DECIMAL(38, 2)) * holding.share, 2) AS balance_base,
    ROUND(CAST(whole.in_transit_base AS DECIMAL(38, 2)) * holding.share, 2) AS in_transit_base,
    ROUND(whole.balance_days_base * holding.share, 2) AS balance_days_base,
    ROUND(whole.in_transit_days_base * holding.share, 2) AS in_transit_days_base
  FROM whole
  JOIN core__holding AS holding
    ON holding.account_no = whole.account_no
), given_away AS (
  SELECT
    account_no,
    SUM(balance_base) AS balance_base,
    SUM(in_transit_base) AS in_transit_base,
    SUM(balance_days_base) AS balance_days_base,
    SUM(in_transit_days_base) AS in_transit_days_base
  FROM part
  WHERE
    NOT is_primary
  GROUP BY
    account_no
)
SELECT
  whole.account_no,
  part.party_key,
  whole.month,
  part.bucket,
  whole.family,
  whole.component,
  whole.in_aum,
  whole.aum_weight,
  whole.opened_on,
  whole.closed_on,
  CASE
    WHEN part.is_primary
    THEN whole.balance_base - given_away.balance_base
    ELSE part.balance_base
  END AS balance_base,
  CASE
    WHEN part.is_primary
    THEN whole.in_transit_base - given_away.in_transit_base
    ELSE part.in_transit_base
  END AS in_transit_base,
  CASE
    WHEN part.is_primary
    THEN whole.balance_days_base - given_away.balance_days_base
    ELSE part.balance_days_base
  END AS balance_days_base,
  CASE
    WHEN part.is_primary
    THEN whole.in_transit_days_base - given_away.in_transit_days_base
    ELSE part.in_transit_days_base
  END AS in_transit_days_base,
  whole.refused
FROM whole
JOIN part
  ON part.account_no = whole.account_no
JOIN given_away
  ON given_away.account_no = whole.account_no
