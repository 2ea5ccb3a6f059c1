WITH known AS (
  SELECT
    indicator.party_key,
    indicator.bucket,
    indicator.segment,
    COALESCE(tier.held_rank, -1) AS tier_rank,
    indicator.contribution_12m,
    month.month,
    GREATEST(
      1,
      CAST(RINT(CEIL(CAST(COALESCE(stage.tenure_days, 366) AS DOUBLE) / 304e-1)) AS INT)
    ) AS months_here
  FROM feature__indicator_month AS indicator
  CROSS JOIN run__month AS month
  LEFT JOIN score__tier AS tier
    ON tier.party_key = indicator.party_key
  LEFT JOIN score__stage AS stage
    ON stage.party_key = indicator.party_key
  WHERE
    NOT indicator.segment IS NULL
), expected AS (
  SELECT
    known.*,
    LEAST(known.months_here, cell.months) AS months_known,
    cell.loss_rate,
    setting.months,
    CAST(CAST(ROUND(
      (
        (
          ROUND(
            (
              (
                CAST(known.contribution_12m AS DOUBLE) + CAST(setting.shrink_months AS DOUBLE) * CAST(cell.monthly_mean AS DOUBLE)
              ) / CAST(LEAST(known.months_here, cell.months) + setting.shrink_months AS DOUBLE)
            ) * 1e2
          ) / 1e2
        )
      ) * 1e2
    ) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS expected_month,
    1e0 - CAST(cell.loss_rate AS DOUBLE) AS stays,
    (
      1e0 - CAST(cell.loss_rate AS DOUBLE)
    ) * POWER(1e0 + CAST(setting.discount_rate AS DOUBLE), -1e0 / 12e0) AS counts
  FROM known
  CROSS JOIN policy__lifetime AS setting
  JOIN feature__lifetime_cell AS cell
    ON cell.segment = known.segment AND cell.tier_rank = known.tier_rank
)
SELECT
  party_key,
  month,
  bucket,
  segment,
  tier_rank,
  contribution_12m,
  months_known,
  expected_month,
  loss_rate,
  ROUND(
    CAST(expected_month AS DECIMAL(38, 2)) * CAST(CAST(ROUND(
      (
        (
          ROUND(
            (
              CASE
                WHEN stays >= 1e0
                THEN 12e0
                ELSE stays * (
                  1e0 - POWER(stays, 12e0)
                ) / (
                  1e0 - stays
                )
              END
            ) * 1e8
          ) / 1e8
        )
      ) * 1e8
    ) AS DECIMAL(28, 0)) * 0.00000001 AS DECIMAL(18, 8)),
    2
  ) AS next_12m,
  ROUND(
    CAST(expected_month AS DECIMAL(38, 2)) * CAST(CAST(ROUND(
      (
        (
          ROUND(
            (
              CASE
                WHEN counts >= 1e0
                THEN CAST(months AS DOUBLE)
                ELSE counts * (
                  1e0 - POWER(counts, CAST(months AS DOUBLE))
                ) / (
                  1e0 - counts
                )
              END
            ) * 1e8
          ) / 1e8
        )
      ) * 1e8
    ) AS DECIMAL(28, 0)) * 0.00000001 AS DECIMAL(18, 8)),
    2
  ) AS lifetime_value
FROM expected
