WITH placed AS (
  SELECT
    indicator.party_key,
    indicator.segment,
    COALESCE(tier.held_rank, -1) AS tier_rank,
    indicator.contribution_12m
  FROM feature__indicator_month AS indicator
  LEFT JOIN score__tier AS tier
    ON tier.party_key = indicator.party_key
  WHERE
    NOT indicator.segment IS NULL
), mean AS (
  SELECT
    segment,
    tier_rank,
    COUNT(*) AS customers,
    SUM(CASE WHEN NOT contribution_12m IS NULL THEN 1 ELSE 0 END) AS known,
    SUM(contribution_12m) AS contribution
  FROM placed
  GROUP BY
    segment,
    tier_rank
), reach AS (
  SELECT
    CAST(COUNT(DISTINCT month) AS BIGINT) AS months
  FROM past__feature_contribution_month AS feature_contribution_month
), moved AS (
  SELECT
    stage.party_key,
    stage.month,
    stage.stage,
    LAG(stage.stage) OVER (PARTITION BY stage.party_key ORDER BY stage.month ASC NULLS LAST) AS stage_before
  FROM past__score_stage AS stage
  CROSS JOIN run__month AS month
  CROSS JOIN policy__lifetime AS setting
  WHERE
    YEAR(month.month) * 12 + MONTH(month.month) - YEAR(stage.month) * 12 - MONTH(stage.month) <= setting.loss_months
), lost AS (
  SELECT
    placed.segment,
    placed.tier_rank,
    COUNT(*) AS survivors,
    SUM(CASE WHEN moved.stage = 'lost' THEN 1 ELSE 0 END) AS losses
  FROM moved
  JOIN placed
    ON placed.party_key = moved.party_key
  WHERE
    NOT moved.stage_before IN ('potential', 'lost')
  GROUP BY
    placed.segment,
    placed.tier_rank
)
SELECT
  mean.segment,
  mean.tier_rank,
  month.month,
  mean.customers,
  CAST(reach.months AS INT) AS months,
  CASE
    WHEN mean.known > 0
    THEN (
      ROUND(
        (
          CAST(mean.contribution AS DOUBLE) / CAST(mean.known * reach.months AS DOUBLE)
        ) * 1e2
      ) / 1e2
    )
  END AS monthly_mean,
  COALESCE(lost.survivors, 0) AS survivors,
  COALESCE(lost.losses, 0) AS losses,
  (
    ROUND(
      (
        (
          CAST(COALESCE(lost.losses, 0) AS DOUBLE) + 5e-1
        ) / (
          CAST(COALESCE(lost.survivors, 0) AS DOUBLE) + 1e0
        )
      ) * 1e8
    ) / 1e8
  ) AS loss_rate
FROM mean
CROSS JOIN reach
CROSS JOIN run__month AS month
LEFT JOIN lost
  ON lost.segment = mean.segment AND lost.tier_rank = mean.tier_rank
