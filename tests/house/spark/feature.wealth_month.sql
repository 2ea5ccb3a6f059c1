WITH held AS (
  SELECT
    account.party_key,
    account.family,
    account.component,
    account.in_aum,
    account.aum_weight,
    account.closed_on,
    worth.balance_base,
    worth.in_transit_base,
    worth.balance_days_base,
    worth.in_transit_days_base,
    worth.refused
  FROM core__account AS account
  JOIN feature__account_month AS worth
    ON worth.account_no = account.account_no
  WHERE
    account.holders = 1
  UNION ALL
  SELECT
    party_key,
    family,
    component,
    in_aum,
    aum_weight,
    closed_on,
    balance_base,
    in_transit_base,
    balance_days_base,
    in_transit_days_base,
    refused
  FROM feature__joint_month AS joint_month
), summed AS (
  SELECT
    held.party_key,
    SUM(CASE WHEN component = 'demand' THEN balance_base ELSE 0 END) AS demand,
    SUM(CASE WHEN component = 'time' THEN balance_base ELSE 0 END) AS time,
    SUM(CASE WHEN component = 'structured' THEN balance_base ELSE 0 END) AS structured,
    SUM(CASE WHEN component = 'wealth' THEN balance_base ELSE 0 END) AS wealth,
    SUM(CASE WHEN component = 'fund' THEN balance_base ELSE 0 END) AS fund,
    SUM(CASE WHEN component = 'insurance' THEN balance_base ELSE 0 END) AS insurance,
    SUM(CASE WHEN component = 'other' THEN balance_base ELSE 0 END) AS other,
    SUM(CASE WHEN in_aum THEN in_transit_base ELSE 0 END) AS in_transit,
    SUM(CASE WHEN component = 'loan' THEN balance_base ELSE 0 END) AS loans,
    SUM(CASE WHEN in_aum THEN balance_days_base ELSE 0 END) AS aum_days,
    SUM(CASE WHEN in_aum THEN ROUND(balance_days_base * aum_weight, 2) ELSE 0 END) AS weighted_days,
    SUM(
      CASE
        WHEN component IN ('demand', 'time', 'structured')
        THEN balance_days_base - in_transit_days_base
        ELSE 0
      END
    ) AS deposits_days,
    SUM(
      CASE
        WHEN component = 'loan'
        THEN balance_days_base - in_transit_days_base
        ELSE 0
      END
    ) AS loans_days,
    SUM(CASE WHEN in_aum AND NOT refused IS NULL THEN 1 ELSE 0 END) AS accounts_refused,
    SUM(CASE WHEN closed_on IS NULL OR closed_on > month.business_date THEN 1 ELSE 0 END) AS accounts_open,
    COUNT(DISTINCT CASE WHEN balance_base <> 0 OR in_transit_base <> 0 THEN family END) AS families_held
  FROM held
  CROSS JOIN run__month AS month
  GROUP BY
    held.party_key
), owner AS (
  SELECT
    party.party_key,
    party.bucket,
    month.month,
    month.days,
    month.days_in_month,
    month.balance_basis AS basis,
    month.balance_basis = 'daily' AS has_average,
    NOT counted.kind IS NULL AS has_aum,
    COALESCE(summed.accounts_refused, 0) AS accounts_refused,
    COALESCE(summed.accounts_open, 0) AS accounts_open,
    COALESCE(summed.families_held, 0) AS families_held,
    COALESCE(summed.demand, 0) AS demand,
    COALESCE(summed.time, 0) AS time,
    COALESCE(summed.structured, 0) AS structured,
    COALESCE(summed.wealth, 0) AS wealth,
    COALESCE(summed.fund, 0) AS fund,
    COALESCE(summed.insurance, 0) AS insurance,
    COALESCE(summed.other, 0) AS other,
    COALESCE(summed.in_transit, 0) AS in_transit,
    COALESCE(summed.loans, 0) AS loans,
    COALESCE(summed.aum_days, 0) AS aum_days,
    COALESCE(summed.weighted_days, 0) AS weighted_days,
    COALESCE(summed.deposits_days, 0) AS deposits_days,
    COALESCE(summed.loans_days, 0) AS loans_days
  FROM core__party AS party
  JOIN run__month AS month
    ON party.since IS NULL OR party.since <= month.business_date
  LEFT JOIN summed
    ON summed.party_key = party.party_key
  LEFT JOIN policy__aum_kind AS counted
    ON counted.kind = party.kind
  WHERE
    party.is_owner
), fen AS (
  SELECT
    owner.*,
    CAST(ROUND(2 * days) AS BIGINT) AS twice,
    CASE
      WHEN has_average AND has_aum AND accounts_refused = 0
      THEN CAST(ROUND(aum_days * 100) AS BIGINT)
    END AS aum_fen,
    CASE
      WHEN has_average AND has_aum AND accounts_refused = 0
      THEN CAST(ROUND(weighted_days * 100) AS BIGINT)
    END AS weighted_fen,
    CASE WHEN has_average THEN CAST(ROUND(deposits_days * 100) AS BIGINT) END AS deposits_fen,
    CASE WHEN has_average THEN CAST(ROUND(loans_days * 100) AS BIGINT) END AS loans_fen
  FROM owner
), average AS (
  SELECT
    fen.*,
    SIGN(aum_fen) * (
      (
        2 * ABS(aum_fen) + twice DIV 2
      ) DIV twice
    ) AS aum_average,
    SIGN(weighted_fen) * (
      (
        2 * ABS(weighted_fen) + twice DIV 2
      ) DIV twice
    ) AS weighted_average_fen,
    SIGN(deposits_fen) * (
      (
        2 * ABS(deposits_fen) + twice DIV 2
      ) DIV twice
    ) AS deposits_average_fen,
    SIGN(loans_fen) * (
      (
        2 * ABS(loans_fen) + twice DIV 2
      ) DIV twice
    ) AS loans_average_fen
  FROM fen
)
SELECT
  party_key,
  month,
  bucket,
  CASE
    WHEN has_aum AND accounts_refused = 0
    THEN demand + time + structured + wealth + fund + insurance + other + in_transit
  END AS aum,
  CAST(aum_average AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS daily_average,
  CAST(weighted_average_fen AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS weighted_average,
  demand,
  time,
  structured,
  wealth,
  fund,
  insurance,
  other,
  in_transit,
  demand + time + structured AS deposits,
  CAST(deposits_average_fen AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS deposits_average,
  loans,
  CAST(loans_average_fen AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS loans_average,
  days,
  days_in_month,
  accounts_open,
  families_held,
  basis,
  CASE WHEN has_average AND has_aum AND accounts_refused = 0 THEN aum_days END AS aum_days,
  CASE WHEN has_average THEN deposits_days END AS deposits_days,
  accounts_refused
FROM average
