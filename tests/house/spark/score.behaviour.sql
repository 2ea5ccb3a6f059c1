WITH used AS (
  SELECT
    a.party_key,
    SUM(a.counter_count) AS counter,
    SUM(a.self_service_count) AS self_service,
    SUM(a.mobile_count) AS mobile,
    SUM(a.web_count) AS web,
    SUM(a.phone_count) AS phone,
    SUM(a.third_party_count) AS third_party,
    SUM(a.mobile_log_ins) AS mobile_log_ins,
    SUM(a.web_log_ins) AS web_log_ins
  FROM past__feature_activity_month AS a
  CROSS JOIN run__month AS r
  CROSS JOIN policy__behaviour AS k
  WHERE
    YEAR(r.month) * 12 + MONTH(r.month) - YEAR(a.month) * 12 - MONTH(a.month) < k.profile_months
  GROUP BY
    a.party_key
), profiled AS (
  SELECT
    u.party_key,
    CASE
      WHEN u.counter + u.self_service + u.mobile + u.web + u.phone = 0
      THEN CASE
        WHEN u.mobile_log_ins > 0 AND u.mobile_log_ins >= u.web_log_ins
        THEN 'mobile'
        WHEN u.web_log_ins > 0
        THEN 'web'
        WHEN u.third_party > 0
        THEN 'third_party'
        ELSE 'silent'
      END
      WHEN u.mobile >= k.profile_share * (
        u.counter + u.self_service + u.mobile + u.web + u.phone
      )
      THEN 'mobile'
      WHEN u.web >= k.profile_share * (
        u.counter + u.self_service + u.mobile + u.web + u.phone
      )
      THEN 'web'
      WHEN u.counter >= k.profile_share * (
        u.counter + u.self_service + u.mobile + u.web + u.phone
      )
      THEN 'counter'
      WHEN u.self_service >= k.profile_share * (
        u.counter + u.self_service + u.mobile + u.web + u.phone
      )
      THEN 'self_service'
      WHEN u.phone >= k.profile_share * (
        u.counter + u.self_service + u.mobile + u.web + u.phone
      )
      THEN 'phone'
      ELSE 'mixed'
    END AS channel_profile
  FROM used AS u
  CROSS JOIN policy__behaviour AS k
), delivered AS (
  SELECT
    COUNT(*) AS postings
  FROM staged__transactions AS transactions
), gathered AS (
  SELECT
    i.party_key,
    i.month,
    i.bucket,
    i.contribution_12m,
    CASE
      WHEN i.deposit_margin_12m > 0
      THEN i.deposit_margin_12m
      ELSE CAST(0 AS DECIMAL(18, 2))
    END AS deposits,
    CASE
      WHEN i.loan_margin_12m > 0
      THEN i.loan_margin_12m
      ELSE CAST(0 AS DECIMAL(18, 2))
    END AS loans,
    CASE
      WHEN i.fee_income_12m > 0
      THEN i.fee_income_12m
      ELSE CAST(0 AS DECIMAL(18, 2))
    END AS fees,
    CAST(DATEDIFF(r.business_date, p.since) AS BIGINT) AS tenure_days,
    COALESCE(w.families_held, 0) AS families_held,
    i.recency_days,
    i.frequency_days,
    d.postings,
    f1.percentile AS recency_percentile,
    f2.percentile AS frequency_percentile,
    f3.percentile AS money_percentile,
    CASE
      WHEN NOT p.birth_date IS NULL AND p.birth_date <= r.business_date
      THEN YEAR(r.business_date) - YEAR(p.birth_date) - CASE
        WHEN MONTH(r.business_date) * 100 + DAY(r.business_date) < MONTH(p.birth_date) * 100 + DAY(p.birth_date)
        THEN 1
        ELSE 0
      END
    END AS age
  FROM feature__indicator_month AS i
  INNER JOIN core__party AS p
    ON p.party_key = i.party_key
  CROSS JOIN run__month AS r
  CROSS JOIN delivered AS d
  LEFT JOIN feature__wealth_month AS w
    ON w.party_key = i.party_key
  LEFT JOIN feature__indicator_rank AS f1
    ON f1.segment = i.segment AND f1.indicator = 'recency' AND f1.bin = i.recency_days
  LEFT JOIN feature__indicator_rank AS f2
    ON f2.segment = i.segment
    AND f2.indicator = 'frequency'
    AND f2.bin = i.frequency_days
  LEFT JOIN feature__indicator_rank AS f3
    ON f3.segment = i.segment AND f3.indicator = 'money' AND f3.bin = i.average_bin
), shared AS (
  SELECT
    g.*,
    CASE
      WHEN g.deposits + g.loans + g.fees > 0
      THEN CAST(g.deposits AS DOUBLE) / CAST(g.deposits + g.loans + g.fees AS DOUBLE)
    END AS deposit_share,
    CASE
      WHEN g.deposits + g.loans + g.fees > 0
      THEN CAST(g.loans AS DOUBLE) / CAST(g.deposits + g.loans + g.fees AS DOUBLE)
    END AS loan_share,
    CASE
      WHEN g.deposits + g.loans + g.fees > 0
      THEN CAST(g.fees AS DOUBLE) / CAST(g.deposits + g.loans + g.fees AS DOUBLE)
    END AS fee_share,
    NOT g.contribution_12m IS NULL
    AND COALESCE(g.tenure_days >= k.preference_tenure_days, FALSE) AS judged
  FROM gathered AS g
  CROSS JOIN policy__behaviour AS k
)
SELECT
  s.party_key,
  s.month,
  s.bucket,
  CASE
    WHEN NOT s.judged OR s.deposit_share IS NULL
    THEN 'unsettled'
    WHEN s.deposit_share >= k.deposit_share
    THEN 'deposit_reliant'
    WHEN s.fee_share >= k.fee_share
    THEN 'fee_reliant'
    WHEN s.loan_share >= k.loan_share
    THEN 'loan_reliant'
    WHEN s.families_held >= k.balanced_families
    AND s.deposit_share < k.balanced_below
    AND s.fee_share < k.balanced_below
    AND s.loan_share < k.balanced_below
    THEN 'balanced'
    ELSE 'unsettled'
  END AS preference,
  s.recency_days,
  s.frequency_days,
  CASE
    WHEN NOT s.recency_percentile IS NULL
    THEN 5 - CAST(RINT(FLOOR(s.recency_percentile / 2e1)) AS INT)
    WHEN NOT s.recency_days IS NULL OR s.postings > 0
    THEN 1
  END AS recency_rank,
  CASE
    WHEN NOT s.frequency_percentile IS NULL
    THEN 1 + CAST(RINT(FLOOR(s.frequency_percentile / 2e1)) AS INT)
    WHEN NOT s.frequency_days IS NULL OR s.postings > 0
    THEN 1
  END AS frequency_rank,
  CASE
    WHEN NOT s.money_percentile IS NULL
    THEN 1 + CAST(RINT(FLOOR(s.money_percentile / 2e1)) AS INT)
  END AS money_rank,
  s.families_held,
  b.age_band,
  COALESCE(c.channel_profile, CASE WHEN s.postings > 0 THEN 'silent' END) AS channel_profile
FROM shared AS s
CROSS JOIN policy__behaviour AS k
LEFT JOIN profiled AS c
  ON c.party_key = s.party_key
LEFT JOIN policy__age_band AS b
  ON s.age BETWEEN b.age_from AND b.age_to
