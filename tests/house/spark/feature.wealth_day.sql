WITH counted AS (
  SELECT
    month,
    MAX(days) AS days,
    MIN(basis) AS basis
  FROM past__feature_wealth_month AS feature_wealth_month
  GROUP BY
    month
), known_day AS (
  SELECT
    reference.label,
    reference.day,
    reference.month,
    reference.days,
    counted.days = reference.days AS is_last,
    counted.basis = 'daily' AS has_average
  FROM run__reference_day AS reference
  JOIN counted
    ON counted.month = reference.month AND counted.days >= reference.days
), rate AS (
  SELECT
    known_day.label,
    rate.currency,
    rate.mid,
    ROW_NUMBER() OVER (PARTITION BY known_day.label, rate.currency ORDER BY rate.day DESC) AS place
  FROM known_day
  JOIN staged__fx_rates AS rate
    ON rate.day <= known_day.day
  JOIN policy__aum_setting AS setting
    ON CAST(DATEDIFF(known_day.day, rate.day) AS BIGINT) <= setting.fx_stale_days
  WHERE
    NOT known_day.is_last
), known AS (
  SELECT
    within.label,
    within.month,
    within.days,
    worth.account_no,
    CAST(0 AS BIGINT) AS from_day,
    0 AS is_change,
    worth.balance,
    worth.in_transit
  FROM known_day AS within
  JOIN past__feature_account_month AS worth
    ON CAST(DATEDIFF(within.month, worth.month) AS BIGINT) BETWEEN 28 AND 31
    AND NOT worth.balance IS NULL
  WHERE
    NOT within.is_last
  UNION ALL
  SELECT
    within.label,
    within.month,
    within.days,
    change.account_no,
    CAST(DATEDIFF(change.day, within.month) AS BIGINT) AS from_day,
    1 AS is_change,
    change.balance,
    change.in_transit
  FROM known_day AS within
  JOIN past__core_balance_change AS change
    ON change.day BETWEEN within.month AND within.day
  WHERE
    NOT within.is_last
), chained AS (
  SELECT
    label,
    month,
    days,
    account_no,
    from_day,
    balance,
    in_transit,
    LEAD(from_day) OVER (
      PARTITION BY label, account_no
      ORDER BY from_day ASC NULLS LAST, is_change ASC NULLS LAST
    ) AS next_day
  FROM known
), rolled AS (
  SELECT
    chained.label,
    chained.account_no,
    SUM(CASE WHEN chained.next_day IS NULL THEN chained.balance ELSE 0 END) AS balance,
    SUM(CASE WHEN chained.next_day IS NULL THEN chained.in_transit ELSE 0 END) AS in_transit,
    SUM(
      CAST(chained.balance AS DECIMAL(38, 2)) * GREATEST(
        LEAST(
          COALESCE(chained.next_day, chained.days),
          COALESCE(CAST(DATEDIFF(account.closed_on, chained.month) AS BIGINT), chained.days)
        ) - chained.from_day,
        0
      )
    ) AS balance_days
  FROM chained
  JOIN core__account AS account
    ON account.account_no = chained.account_no
  GROUP BY
    chained.label,
    chained.account_no
), priced AS (
  SELECT
    within.label,
    within.day,
    account.account_no,
    account.component,
    account.in_aum,
    account.holders,
    account.closed_on IS NULL OR account.closed_on > within.day AS is_open,
    rolled.account_no IS NULL
    OR (
      account.currency <> month.base_currency AND rate.mid IS NULL
    ) AS is_unread,
    CASE
      WHEN account.currency = month.base_currency
      THEN CAST(1 AS DECIMAL(18, 8))
      ELSE rate.mid
    END AS mid,
    COALESCE(CAST(rolled.balance AS DECIMAL(38, 2)), 0) AS balance,
    COALESCE(CAST(rolled.in_transit AS DECIMAL(38, 2)), 0) AS in_transit,
    COALESCE(rolled.balance_days, 0) AS balance_days
  FROM known_day AS within
  CROSS JOIN run__month AS month
  JOIN core__account AS account
    ON account.opened_on <= within.day
    AND (
      account.closed_on IS NULL OR account.closed_on >= within.month
    )
  LEFT JOIN rolled
    ON rolled.label = within.label AND rolled.account_no = account.account_no
  LEFT JOIN rate
    ON rate.label = within.label AND rate.currency = account.currency AND rate.place = 1
  WHERE
    NOT within.is_last
), based AS (
  SELECT
    label,
    day,
    account_no,
    component,
    in_aum,
    holders,
    is_open,
    is_open AND is_unread AS is_missing,
    CASE WHEN is_open THEN ROUND(balance * mid, 2) ELSE 0 END AS balance,
    CASE WHEN is_open THEN ROUND(in_transit * mid, 2) ELSE 0 END AS in_transit,
    ROUND(balance_days * mid, 2) AS balance_days
  FROM priced
), shared AS (
  SELECT
    based.label,
    based.day,
    holding.party_key,
    based.component,
    based.in_aum,
    based.is_open,
    based.is_missing,
    based.account_no,
    holding.is_primary,
    based.balance,
    based.in_transit,
    based.balance_days,
    CASE
      WHEN based.holders = 1
      THEN based.balance
      ELSE ROUND(based.balance * holding.share, 2)
    END AS part,
    CASE
      WHEN based.holders = 1
      THEN based.in_transit
      ELSE ROUND(based.in_transit * holding.share, 2)
    END AS in_transit_part,
    CASE
      WHEN based.holders = 1
      THEN based.balance_days
      ELSE ROUND(based.balance_days * holding.share, 2)
    END AS days_part
  FROM based
  JOIN core__holding AS holding
    ON holding.account_no = based.account_no
), given_away AS (
  SELECT
    label,
    account_no,
    SUM(part) AS part,
    SUM(in_transit_part) AS in_transit_part,
    SUM(days_part) AS days_part
  FROM shared
  WHERE
    NOT is_primary
  GROUP BY
    label,
    account_no
), owned AS (
  SELECT
    shared.label,
    shared.day,
    shared.party_key,
    shared.component,
    shared.in_aum,
    shared.is_open,
    shared.is_missing,
    CASE
      WHEN shared.is_primary
      THEN shared.balance - COALESCE(given_away.part, 0)
      ELSE shared.part
    END AS balance,
    CASE
      WHEN shared.is_primary
      THEN shared.in_transit - COALESCE(given_away.in_transit_part, 0)
      ELSE shared.in_transit_part
    END AS in_transit,
    CASE
      WHEN shared.is_primary
      THEN shared.balance_days - COALESCE(given_away.days_part, 0)
      ELSE shared.days_part
    END AS balance_days
  FROM shared
  LEFT JOIN given_away
    ON given_away.label = shared.label AND given_away.account_no = shared.account_no
), summed AS (
  SELECT
    label,
    party_key,
    SUM(CASE WHEN is_open THEN 1 ELSE 0 END) AS accounts_open,
    SUM(CASE WHEN in_aum AND is_missing THEN 1 ELSE 0 END) AS accounts_missing,
    SUM(CASE WHEN in_aum THEN balance + in_transit ELSE 0 END) AS aum,
    SUM(CASE WHEN component = 'wealth' THEN balance ELSE 0 END) AS wealth,
    SUM(CASE WHEN component IN ('demand', 'time', 'structured') THEN balance ELSE 0 END) AS deposits,
    SUM(
      CASE WHEN component IN ('demand', 'time', 'structured') THEN balance_days ELSE 0 END
    ) AS deposits_days,
    SUM(CASE WHEN component = 'loan' THEN balance ELSE 0 END) AS loans
  FROM owned
  GROUP BY
    label,
    party_key
), position AS (
  SELECT
    known_day.label,
    known_day.day,
    wealth.party_key,
    wealth.aum,
    wealth.wealth,
    wealth.deposits,
    wealth.deposits_days,
    wealth.loans,
    wealth.accounts_open
  FROM known_day
  JOIN past__feature_wealth_month AS wealth
    ON wealth.month = known_day.month
  WHERE
    known_day.is_last
  UNION ALL
  SELECT
    known_day.label,
    known_day.day,
    party.party_key,
    CASE
      WHEN NOT counted.kind IS NULL AND COALESCE(summed.accounts_missing, 0) = 0
      THEN COALESCE(summed.aum, 0)
    END AS aum,
    COALESCE(summed.wealth, 0) AS wealth,
    COALESCE(summed.deposits, 0) AS deposits,
    CASE WHEN known_day.has_average THEN COALESCE(summed.deposits_days, 0) END AS deposits_days,
    COALESCE(summed.loans, 0) AS loans,
    COALESCE(summed.accounts_open, 0) AS accounts_open
  FROM known_day
  JOIN core__party AS party
    ON party.is_owner AND (
      party.since IS NULL OR party.since <= known_day.day
    )
  LEFT JOIN summed
    ON summed.label = known_day.label AND summed.party_key = party.party_key
  LEFT JOIN policy__aum_kind AS counted
    ON counted.kind = party.kind
  WHERE
    NOT known_day.is_last
), earlier AS (
  SELECT
    known_day.label,
    wealth.party_key,
    SUM(wealth.deposits_days) AS deposits_days
  FROM known_day
  JOIN past__feature_wealth_month AS wealth
    ON YEAR(wealth.month) = YEAR(known_day.day) AND wealth.month < known_day.month
  GROUP BY
    known_day.label,
    wealth.party_key
), moved AS (
  SELECT
    known_day.label,
    activity.party_key
  FROM known_day
  JOIN past__feature_activity_month AS activity
    ON activity.month = known_day.month AND activity.first_initiated_on <= known_day.day
)
SELECT
  position.label,
  position.day,
  position.party_key,
  party.bucket,
  position.aum,
  position.wealth,
  position.deposits,
  position.deposits_days,
  position.deposits_days + COALESCE(earlier.deposits_days, 0) AS deposits_year_days,
  position.loans,
  position.accounts_open,
  NOT moved.party_key IS NULL AS active
FROM position
JOIN core__party AS party
  ON party.party_key = position.party_key
LEFT JOIN earlier
  ON earlier.label = position.label AND earlier.party_key = position.party_key
LEFT JOIN moved
  ON moved.label = position.label AND moved.party_key = position.party_key
