WITH aged AS (
  SELECT
    w.*,
    COALESCE(w.daily_average, w.aum) AS average,
    (
      YEAR(r.month) * 12 + MONTH(r.month)
    ) - (
      YEAR(w.month) * 12 + MONTH(w.month)
    ) AS back
  FROM past__feature_wealth_month AS w
  CROSS JOIN run__month AS r
), wealth AS (
  SELECT
    party_key,
    MAX(bucket) AS bucket,
    MAX(CASE WHEN back = 0 THEN average END) AS average,
    MAX(CASE WHEN back = 0 THEN aum END) AS aum,
    MAX(CASE WHEN back = 1 THEN average END) AS average_1,
    SUM(CASE WHEN back BETWEEN 1 AND 3 THEN average END) AS sum_3,
    SUM(CASE WHEN back BETWEEN 1 AND 3 AND NOT average IS NULL THEN 1 ELSE 0 END) AS months_3,
    SUM(CASE WHEN back BETWEEN 1 AND 6 THEN average END) AS sum_6,
    SUM(CASE WHEN back BETWEEN 1 AND 6 AND NOT average IS NULL THEN 1 ELSE 0 END) AS months_6,
    SUM(CASE WHEN back BETWEEN 0 AND 2 THEN average END) AS sum_base,
    SUM(CASE WHEN back BETWEEN 0 AND 2 AND NOT average IS NULL THEN 1 ELSE 0 END) AS months_base,
    MAX(CASE WHEN back = 0 THEN demand END) AS demand,
    MAX(CASE WHEN back = 0 THEN time END) AS time,
    MAX(CASE WHEN back = 0 THEN wealth + fund + insurance + structured END) AS wealth,
    MAX(CASE WHEN back = 0 THEN in_transit END) AS in_transit,
    MAX(CASE WHEN back = 0 THEN loans END) AS loans,
    MAX(CASE WHEN back = 0 THEN families_held END) AS families_held,
    MAX(CASE WHEN back = 0 THEN accounts_open END) AS accounts_open
  FROM aged
  GROUP BY
    party_key
), activity AS (
  SELECT
    a.party_key,
    SUM(CASE WHEN a.month = r.month THEN a.initiated_count ELSE 0 END) AS initiated,
    SUM(
      CASE
        WHEN a.month < r.month AND CAST(DATEDIFF(r.month, a.month) AS BIGINT) < 94
        THEN a.initiated_count
        ELSE 0
      END
    ) AS initiated_3,
    SUM(CASE WHEN a.month = r.month THEN a.mobile_log_ins + a.web_log_ins ELSE 0 END) AS log_ins,
    SUM(
      CASE
        WHEN a.month < r.month AND CAST(DATEDIFF(r.month, a.month) AS BIGINT) < 94
        THEN a.mobile_log_ins + a.web_log_ins
        ELSE 0
      END
    ) AS log_ins_3,
    SUM(CASE WHEN a.month = r.month THEN a.inflow ELSE 0 END) AS inflow,
    MAX(CASE WHEN a.month = r.month THEN a.last_initiated_on END) AS last_initiated_on
  FROM past__feature_activity_month AS a
  CROSS JOIN run__month AS r
  GROUP BY
    a.party_key
), outflow AS (
  SELECT
    o.party_key,
    SUM(
      CASE WHEN NOT l.destination IS NULL AND o.day >= r.month THEN o.amount ELSE 0 END
    ) AS left_now,
    SUM(CASE WHEN NOT l.destination IS NULL AND o.day < r.month THEN o.amount ELSE 0 END) AS left_before,
    SUM(
      CASE
        WHEN l.destination IS NULL AND o.destination <> 'internal' AND o.day >= r.month
        THEN o.amount
        ELSE 0
      END
    ) AS spent_now
  FROM past__feature_outflow_day AS o
  CROSS JOIN run__month AS r
  LEFT JOIN policy__warning_leaving AS l
    ON l.destination = o.destination
  WHERE
    o.day <= r.business_date
  GROUP BY
    o.party_key
), pay AS (
  SELECT
    s.party_key,
    COUNT(DISTINCT s.month) AS cycles,
    SUM(CASE WHEN s.month = r.month THEN 1 ELSE 0 END) AS paid_now
  FROM past__feature_salary_month AS s
  CROSS JOIN run__month AS r
  GROUP BY
    s.party_key
), spoken AS (
  SELECT
    party_key,
    COUNT(*) AS signals,
    SUM(CASE WHEN signal = 'outflow' THEN 1 ELSE 0 END) AS outflow,
    SUM(CASE WHEN signal = 'payroll_stopped' THEN 1 ELSE 0 END) AS payroll,
    SUM(CASE WHEN signal = 'matured' THEN 1 ELSE 0 END) AS matured,
    SUM(CASE WHEN signal = 'log_ins_down' THEN 1 ELSE 0 END) AS log_ins,
    SUM(CASE WHEN signal = 'complaint' THEN 1 ELSE 0 END) AS complaint,
    SUM(CASE WHEN signal = 'debit_cancelled' THEN 1 ELSE 0 END) AS debit,
    SUM(CASE WHEN signal = 'slope' THEN 1 ELSE 0 END) AS slope,
    SUM(CASE WHEN signal = 'early_withdrawal' THEN 1 ELSE 0 END) AS early,
    SUM(CASE WHEN signal = 'closing_request' THEN 1 ELSE 0 END) AS closing
  FROM score__signal AS signal
  GROUP BY
    party_key
), known AS (
  SELECT
    w.*,
    p.birth_date,
    p.since,
    p.area,
    b.age_band,
    CASE
      WHEN w.months_base = 3
      THEN CAST(CAST(ROUND((
        CAST(w.sum_base AS DOUBLE) / 3e0
      ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2))
    END AS base_average,
    CASE
      WHEN w.months_3 > 0
      THEN CAST(w.sum_3 AS DOUBLE) / CAST(w.months_3 AS DOUBLE)
    END AS mean_3,
    CASE
      WHEN w.months_6 > 0
      THEN CAST(w.sum_6 AS DOUBLE) / CAST(w.months_6 AS DOUBLE)
    END AS mean_6,
    CAST(CAST(DATEDIFF(r.business_date, p.birth_date) AS BIGINT) AS DOUBLE) / 3.6525e2 AS age,
    CAST(CAST(DATEDIFF(r.business_date, p.since) AS BIGINT) AS DOUBLE) / 3.6525e2 AS tenure,
    CASE WHEN w.average > 0 THEN CAST(w.average AS DOUBLE) END AS whole
  FROM wealth AS w
  JOIN core__party AS p
    ON p.party_key = w.party_key
  CROSS JOIN run__month AS r
  LEFT JOIN policy__age_band AS b
    ON FLOOR(
      CAST(CAST(DATEDIFF(r.business_date, p.birth_date) AS BIGINT) AS DOUBLE) / 3.6525e2
    ) BETWEEN b.age_from AND b.age_to
  WHERE
    NOT w.average IS NULL
)
SELECT
  k.party_key,
  r.month,
  k.bucket,
  k.base_average,
  k.average,
  t.held_rank AS tier_rank,
  k.age_band,
  LN(GREATEST(CAST(k.average AS DOUBLE), 1e0)) AS ln_average,
  CASE
    WHEN k.average_1 > 0
    THEN LEAST(k.whole / CAST(k.average_1 AS DOUBLE), 3e0)
  END AS against_1,
  CASE WHEN k.mean_3 > 0 THEN LEAST(k.whole / k.mean_3, 3e0) END AS against_3,
  CASE WHEN k.mean_6 > 0 THEN LEAST(k.whole / k.mean_6, 3e0) END AS against_6,
  LEAST(CAST(k.aum AS DOUBLE) / k.whole, 3e0) AS point_to_average,
  LEAST(CAST(k.demand AS DOUBLE) / k.whole, 3e0) AS demand_share,
  LEAST(CAST(k.time AS DOUBLE) / k.whole, 3e0) AS time_share,
  LEAST(CAST(k.wealth AS DOUBLE) / k.whole, 3e0) AS wealth_share,
  LEAST(CAST(k.in_transit AS DOUBLE) / k.whole, 3e0) AS transit_share,
  CAST(k.families_held AS DOUBLE) AS families,
  CAST(k.accounts_open AS DOUBLE) AS accounts,
  k.tenure AS tenure_years,
  k.age,
  CASE WHEN k.area = 'rural' THEN 1e0 ELSE 0e0 END AS rural,
  CASE WHEN k.loans > 0 THEN 1e0 ELSE 0e0 END AS has_loan,
  CAST(COALESCE(a.initiated, 0) AS DOUBLE) AS initiated,
  CASE
    WHEN a.initiated_3 > 0
    THEN LEAST(CAST(a.initiated AS DOUBLE) * 3e0 / CAST(a.initiated_3 AS DOUBLE), 3e0)
  END AS initiated_against_3,
  CAST(CAST(DATEDIFF(r.business_date, a.last_initiated_on) AS BIGINT) AS DOUBLE) AS idle_days,
  CAST(COALESCE(a.log_ins, 0) AS DOUBLE) AS log_ins,
  CASE
    WHEN a.log_ins_3 > 0
    THEN LEAST(CAST(a.log_ins AS DOUBLE) * 3e0 / CAST(a.log_ins_3 AS DOUBLE), 3e0)
  END AS log_ins_against_3,
  LEAST(CAST(COALESCE(o.left_now, 0) AS DOUBLE) / k.whole, 3e0) AS left_share,
  LEAST(
    (
      CAST(COALESCE(o.left_now, 0) AS DOUBLE) - CAST(COALESCE(o.left_before, 0) AS DOUBLE) / 6e0
    ) / k.whole,
    3e0
  ) AS left_against_6,
  LEAST(CAST(COALESCE(o.spent_now, 0) AS DOUBLE) / k.whole, 3e0) AS spent_share,
  LEAST(CAST(COALESCE(a.inflow, 0) AS DOUBLE) / k.whole, 3e0) AS inflow_share,
  CASE WHEN pay.paid_now > 0 THEN 1e0 ELSE 0e0 END AS paid,
  CASE WHEN pay.cycles >= 3 AND pay.paid_now = 0 THEN 1e0 ELSE 0e0 END AS pay_missed,
  CAST(COALESCE(s.signals, 0) AS DOUBLE) AS signals,
  CAST(COALESCE(s.outflow, 0) AS DOUBLE) AS s_outflow,
  CAST(COALESCE(s.payroll, 0) AS DOUBLE) AS s_payroll,
  CAST(COALESCE(s.matured, 0) AS DOUBLE) AS s_matured,
  CAST(COALESCE(s.log_ins, 0) AS DOUBLE) AS s_log_ins,
  CAST(COALESCE(s.complaint, 0) AS DOUBLE) AS s_complaint,
  CAST(COALESCE(s.debit, 0) AS DOUBLE) AS s_debit,
  CAST(COALESCE(s.slope, 0) AS DOUBLE) AS s_slope,
  CAST(COALESCE(s.early, 0) AS DOUBLE) AS s_early,
  CAST(COALESCE(s.closing, 0) AS DOUBLE) AS s_closing
FROM known AS k
CROSS JOIN run__month AS r
LEFT JOIN activity AS a
  ON a.party_key = k.party_key
LEFT JOIN outflow AS o
  ON o.party_key = k.party_key
LEFT JOIN pay
  ON pay.party_key = k.party_key
LEFT JOIN spoken AS s
  ON s.party_key = k.party_key
LEFT JOIN score__tier AS t
  ON t.party_key = k.party_key
