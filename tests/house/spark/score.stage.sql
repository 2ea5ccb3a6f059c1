WITH measured AS (
  SELECT
    w.party_key,
    (
      YEAR(r.month) * 12 + MONTH(r.month) - CASE WHEN r.closed THEN 0 ELSE 1 END
    ) - (
      YEAR(w.month) * 12 + MONTH(w.month)
    ) AS age,
    CASE k.measure
      WHEN 'daily_average'
      THEN w.daily_average
      WHEN 'aum'
      THEN w.aum
      WHEN 'deposits_average'
      THEN w.deposits_average
      ELSE w.deposits
    END AS amount
  FROM past__feature_wealth_month AS w
  INNER JOIN core__party AS p
    ON p.party_key = w.party_key
  INNER JOIN policy__stage_measure AS k
    ON k.kind = p.kind
  CROSS JOIN run__month AS r
), windowed AS (
  SELECT
    party_key,
    MAX(CASE WHEN age = 0 THEN amount END) AS now_average,
    MAX(CASE WHEN age = 1 THEN amount END) AS before_average,
    MAX(CASE WHEN age = 3 THEN amount END) AS quarter_average,
    SUM(CASE WHEN age BETWEEN 4 AND 6 THEN amount END) AS base_sum,
    SUM(CASE WHEN age BETWEEN 4 AND 6 AND NOT amount IS NULL THEN 1 ELSE 0 END) AS base_months,
    SUM(CASE WHEN age BETWEEN 5 AND 7 THEN amount END) AS base_before_sum,
    SUM(CASE WHEN age BETWEEN 5 AND 7 AND NOT amount IS NULL THEN 1 ELSE 0 END) AS base_before_months
  FROM measured
  GROUP BY
    party_key
), based AS (
  SELECT
    party_key,
    now_average,
    before_average,
    quarter_average,
    CASE
      WHEN base_months = 3
      THEN CAST(CAST(ROUND((
        CAST(base_sum AS DOUBLE) / 3e0
      ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2))
    END AS base_average,
    CASE
      WHEN base_before_months = 3
      THEN CAST(CAST(ROUND((
        CAST(base_before_sum AS DOUBLE) / 3e0
      ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2))
    END AS base_before
  FROM windowed
), opened AS (
  SELECT
    a.party_key,
    a.family,
    a.opened_on,
    CASE
      WHEN a.closed_on IS NULL AND COALESCE(a.state, 'open') <> 'closed'
      THEN 1
      WHEN a.closed_on > r.business_date
      THEN 1
      ELSE 0
    END AS is_open,
    CASE WHEN a.matures_on IS NULL OR a.matures_on > r.business_date THEN 1 ELSE 0 END AS is_unmatured
  FROM core__account AS a
  CROSS JOIN run__month AS r
  WHERE
    a.opened_on <= r.business_date
  UNION ALL
  SELECT
    j.party_key,
    j.family,
    j.opened_on,
    CASE WHEN j.closed_on IS NULL OR j.closed_on > r.business_date THEN 1 ELSE 0 END AS is_open,
    1 AS is_unmatured
  FROM feature__joint_month AS j
  CROSS JOIN run__month AS r
), by_family AS (
  SELECT
    o.party_key,
    o.family,
    MIN(o.opened_on) AS first_opened_on,
    SUM(o.is_open) AS accounts_open,
    SUM(CASE WHEN NOT g.family IS NULL THEN o.is_open * o.is_unmatured ELSE 0 END) AS resting
  FROM opened AS o
  LEFT JOIN policy__stage_resting AS g
    ON g.family = o.family
  GROUP BY
    o.party_key,
    o.family
), held AS (
  SELECT
    party_key,
    MIN(first_opened_on) AS first_opened_on,
    MAX(CASE WHEN accounts_open > 0 THEN first_opened_on END) AS newest_family_on,
    SUM(accounts_open) AS accounts_open,
    SUM(resting) AS resting
  FROM by_family
  GROUP BY
    party_key
), delivered AS (
  SELECT
    COUNT(*) AS postings
  FROM staged__transactions AS transactions
), fact AS (
  SELECT
    p.party_key,
    p.bucket,
    b.now_average,
    b.before_average,
    b.quarter_average,
    b.base_average,
    b.base_before,
    COALESCE(o.old_base, b.base_average) AS lost_base,
    o.old_base,
    COALESCE(o.was_lost, FALSE) AS was_lost,
    o.stage AS old_stage,
    o.months_in_stage AS old_months,
    o.idle_days AS old_idle,
    h.first_opened_on,
    COALESCE(h.accounts_open, 0) AS accounts_open,
    COALESCE(h.resting, 0) AS resting,
    CAST(DATEDIFF(r.business_date, COALESCE(p.since, h.first_opened_on)) AS BIGINT) AS tenure_days,
    CASE
      WHEN h.newest_family_on > h.first_opened_on
      THEN CAST(DATEDIFF(r.business_date, h.newest_family_on) AS BIGINT)
    END AS new_family_days,
    CASE
      WHEN NOT a.last_initiated_on IS NULL
      THEN CAST(DATEDIFF(r.business_date, a.last_initiated_on) AS BIGINT)
      WHEN NOT o.idle_days IS NULL
      THEN o.idle_days + r.days
      WHEN d.postings = 0 OR h.first_opened_on IS NULL
      THEN NULL
      WHEN CAST(DATEDIFF(r.business_date, h.first_opened_on) AS BIGINT) < r.days
      THEN CAST(DATEDIFF(r.business_date, h.first_opened_on) AS BIGINT)
      ELSE r.days
    END AS idle_days
  FROM core__party AS p
  CROSS JOIN run__month AS r
  CROSS JOIN delivered AS d
  LEFT JOIN held AS h
    ON h.party_key = p.party_key
  LEFT JOIN based AS b
    ON b.party_key = p.party_key
  LEFT JOIN feature__activity_month AS a
    ON a.party_key = p.party_key
  LEFT JOIN prev__score_stage AS o
    ON o.party_key = p.party_key
  WHERE
    NOT h.first_opened_on IS NULL
    OR NOT o.party_key IS NULL
    OR p.since IS NULL
    OR p.since <= r.business_date
), judged AS (
  SELECT
    f.party_key,
    f.bucket,
    f.now_average,
    f.quarter_average,
    f.base_average,
    f.lost_base,
    f.old_base,
    f.was_lost,
    f.old_stage,
    f.old_months,
    f.tenure_days,
    f.idle_days,
    CASE
      WHEN f.first_opened_on IS NULL AND COALESCE(f.old_stage, 'potential') = 'potential'
      THEN 'no_account'
      WHEN f.accounts_open = 0
      THEN 'all_closed'
      WHEN COALESCE(
        f.lost_base >= k.base_floor
        AND f.now_average < CAST(f.lost_base AS DECIMAL(24, 2)) * k.lost_share
        AND f.before_average < CAST(f.lost_base AS DECIMAL(24, 2)) * k.lost_share
        AND f.now_average < k.lost_ceiling
        AND f.before_average < k.lost_ceiling,
        FALSE
      )
      THEN 'balance_gone'
      WHEN COALESCE(
        f.was_lost
        AND f.old_base >= k.base_floor
        AND f.now_average >= CAST(f.old_base AS DECIMAL(24, 2)) * k.won_back_share
        AND (
          f.old_stage <> 'won_back' OR f.old_months < k.won_back_months
        ),
        FALSE
      )
      THEN 'returned'
      WHEN COALESCE(
        f.base_average >= k.base_floor
        AND f.now_average <= CAST(f.base_average AS DECIMAL(24, 2)) * k.declining_share
        AND f.before_average <= CAST(f.base_before AS DECIMAL(24, 2)) * k.declining_share,
        FALSE
      )
      THEN 'balance_fell'
      WHEN COALESCE(f.idle_days >= k.asleep_days, FALSE) AND f.resting = 0
      THEN 'asleep'
      WHEN COALESCE(f.tenure_days <= k.trial_days, FALSE)
      THEN 'new_customer'
      WHEN COALESCE(f.tenure_days <= k.growing_days, FALSE)
      THEN 'first_year'
      WHEN COALESCE(
        f.now_average - f.quarter_average >= k.growth_amount
        AND f.now_average - f.quarter_average >= CAST(f.quarter_average AS DECIMAL(24, 2)) * k.growth_share,
        FALSE
      )
      THEN 'balance_grew'
      WHEN COALESCE(f.new_family_days <= k.new_family_days, FALSE)
      THEN 'new_family'
      ELSE 'steady'
    END AS reason_code,
    COALESCE(f.now_average >= CAST(f.old_base AS DECIMAL(24, 2)) * k.declining_share, FALSE) AS has_recovered
  FROM fact AS f
  CROSS JOIN policy__stage AS k
), named AS (
  SELECT
    j.party_key,
    j.bucket,
    j.reason_code,
    j.now_average,
    j.lost_base,
    j.old_base,
    j.was_lost,
    j.has_recovered,
    j.old_stage,
    j.old_months,
    j.tenure_days,
    j.idle_days,
    CASE
      WHEN j.reason_code IN ('all_closed', 'balance_gone', 'returned')
      THEN j.lost_base
      WHEN j.reason_code = 'balance_grew'
      THEN j.quarter_average
      ELSE j.base_average
    END AS base_average,
    CASE
      WHEN j.reason_code = 'no_account'
      THEN 'potential'
      WHEN j.reason_code IN ('all_closed', 'balance_gone')
      THEN 'lost'
      WHEN j.reason_code = 'returned'
      THEN 'won_back'
      WHEN j.reason_code IN ('balance_fell', 'asleep')
      THEN 'declining'
      WHEN j.reason_code = 'new_customer'
      THEN 'trial'
      WHEN j.reason_code IN ('first_year', 'balance_grew', 'new_family')
      THEN 'growing'
      ELSE 'mature'
    END AS stage
  FROM judged AS j
)
SELECT
  n.party_key,
  r.month,
  n.bucket,
  n.stage,
  n.reason_code,
  n.base_average,
  n.now_average,
  CASE
    WHEN n.base_average > 0
    THEN CAST(n.now_average AS DOUBLE) / CAST(n.base_average AS DOUBLE) - 1e0
  END AS change_share,
  n.tenure_days,
  n.idle_days,
  CASE WHEN n.stage = COALESCE(n.old_stage, '') THEN n.old_months + 1 ELSE 1 END AS months_in_stage,
  CASE
    WHEN n.stage = 'lost' OR n.reason_code = 'balance_fell'
    THEN n.lost_base
    WHEN n.stage = 'won_back'
    THEN n.old_base
    WHEN n.old_stage = 'won_back' OR (
      n.has_recovered AND NOT n.was_lost
    )
    THEN NULL
    ELSE n.old_base
  END AS old_base,
  n.stage IN ('lost', 'won_back') OR (
    n.was_lost AND n.old_stage <> 'won_back'
  ) AS was_lost
FROM named AS n
CROSS JOIN run__month AS r
