WITH company AS (
  SELECT
    party.party_key,
    party.bucket,
    scheme.scheme,
    wealth.month
  FROM core__party AS party
  JOIN feature__wealth_month AS wealth
    ON wealth.party_key = party.party_key AND wealth.accounts_open > 0
  JOIN policy__tier_scheme AS scheme
    ON scheme.basis = 'standing'
    AND scheme.customer_kind = party.kind
    AND (
      scheme.size_class IS NULL OR scheme.size_class = party.size_class
    )
), held AS (
  SELECT
    company.party_key,
    COUNT(*) AS months,
    SUM(COALESCE(wealth.deposits_average, wealth.deposits)) AS deposits,
    SUM(COALESCE(wealth.loans_average, wealth.loans)) AS loans
  FROM company
  JOIN past__feature_wealth_month AS wealth
    ON wealth.party_key = company.party_key
  GROUP BY
    company.party_key
), moved AS (
  SELECT
    company.party_key,
    SUM(activity.inflow + activity.outflow) AS settlement,
    SUM(CASE WHEN activity.initiated_count > 0 THEN 1 ELSE 0 END) AS months_active
  FROM company
  JOIN past__feature_activity_month AS activity
    ON activity.party_key = company.party_key
  GROUP BY
    company.party_key
), earned AS (
  SELECT
    company.party_key,
    SUM(contribution.contribution) AS contribution
  FROM company
  JOIN past__feature_contribution_month AS contribution
    ON contribution.party_key = company.party_key
  GROUP BY
    company.party_key
), swing AS (
  SELECT
    held.party_key,
    SUM(
      ABS(
        CAST(COALESCE(wealth.deposits_average, wealth.deposits) AS DECIMAL(38, 2)) * held.months - held.deposits
      )
    ) AS swing_months
  FROM held
  JOIN past__feature_wealth_month AS wealth
    ON wealth.party_key = held.party_key
  GROUP BY
    held.party_key
), measured AS (
  SELECT
    company.party_key,
    company.bucket,
    company.scheme,
    company.month,
    CAST(earned.contribution AS DECIMAL(18, 2)) AS value,
    CAST(CAST(ROUND(
      (
        (
          ROUND(
            (
              CAST(held.deposits + held.loans + COALESCE(moved.settlement, 0) AS DOUBLE) / CAST(held.months AS DOUBLE)
            ) * 1e2
          ) / 1e2
        )
      ) * 1e2
    ) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS volume,
    CAST(COALESCE(moved.months_active, 0) AS INT) AS months_active,
    CASE
      WHEN held.deposits > 0
      THEN CAST(swing.swing_months AS DOUBLE) / (
        CAST(held.months AS DOUBLE) * CAST(held.deposits AS DOUBLE)
      )
    END AS variation
  FROM company
  JOIN held
    ON held.party_key = company.party_key
  JOIN swing
    ON swing.party_key = company.party_key
  LEFT JOIN moved
    ON moved.party_key = company.party_key
  LEFT JOIN earned
    ON earned.party_key = company.party_key
), entry AS (
  SELECT
    party_key,
    scheme,
    'value' AS part,
    CAST(value AS DOUBLE) AS measure
  FROM measured
  WHERE
    NOT value IS NULL
  UNION ALL
  SELECT
    party_key,
    scheme,
    'volume' AS part,
    CAST(volume AS DOUBLE) AS measure
  FROM measured
  UNION ALL
  SELECT
    party_key,
    scheme,
    'active' AS part,
    CAST(months_active AS DOUBLE) AS measure
  FROM measured
  UNION ALL
  SELECT
    party_key,
    scheme,
    'steady' AS part,
    -variation AS measure
  FROM measured
  WHERE
    NOT variation IS NULL
), bin AS (
  SELECT
    scheme,
    part,
    measure,
    COUNT(*) AS entries
  FROM entry
  GROUP BY
    scheme,
    part,
    measure
), ranked AS (
  SELECT
    scheme,
    part,
    measure,
    entries,
    SUM(entries) OVER (
      PARTITION BY scheme, part
      ORDER BY measure ASC NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS up_to,
    SUM(entries) OVER (PARTITION BY scheme, part) AS all_entries
  FROM bin
), placed AS (
  SELECT
    entry.party_key,
    entry.part,
    1e2 * CAST(2 * ranked.up_to - ranked.entries AS DOUBLE) / CAST(2 * ranked.all_entries AS DOUBLE) AS score
  FROM entry
  JOIN ranked
    ON ranked.scheme = entry.scheme
    AND ranked.part = entry.part
    AND ranked.measure = entry.measure
), scored AS (
  SELECT
    party_key,
    MAX(CASE WHEN part = 'value' THEN score END) AS value_score,
    MAX(CASE WHEN part = 'volume' THEN score END) AS volume_score,
    MAX(CASE WHEN part = 'active' THEN score END) AS active_score,
    MAX(CASE WHEN part = 'steady' THEN score END) AS steady_score
  FROM placed
  GROUP BY
    party_key
), joined AS (
  SELECT
    measured.*,
    scored.value_score,
    scored.volume_score,
    (
      scored.active_score + COALESCE(scored.steady_score, 0e0)
    ) / 2e0 AS stability_score,
    CASE WHEN scored.value_score IS NULL THEN 0e0 ELSE CAST(weight.value AS DOUBLE) END AS value_weight,
    CAST(weight.volume AS DOUBLE) AS volume_weight,
    CAST(weight.stability AS DOUBLE) AS stability_weight
  FROM measured
  JOIN scored
    ON scored.party_key = measured.party_key
  JOIN policy__tier_standing AS weight
    ON weight.scheme = measured.scheme
)
SELECT
  party_key,
  month,
  bucket,
  scheme,
  value,
  volume,
  months_active,
  variation,
  value_score,
  volume_score,
  stability_score,
  CAST(CAST(ROUND(
    (
      (
        COALESCE(value_score, 0e0) * value_weight + volume_score * volume_weight + stability_score * stability_weight
      ) / (
        value_weight + volume_weight + stability_weight
      )
    ) * 1e2
  ) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS points
FROM joined
WHERE
  value_weight + volume_weight + stability_weight > 0e0
