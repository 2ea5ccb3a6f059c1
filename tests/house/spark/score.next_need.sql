WITH complained AS (
  SELECT
    member.party_key,
    COUNT(*) AS complaints
  FROM past__staged_service_events AS event
  JOIN core__party_member AS member
    ON member.customer_no = event.customer_no
  CROSS JOIN run__month AS month
  CROSS JOIN policy__need AS setting
  WHERE
    event.kind = 'complaint'
    AND event.day <= month.business_date
    AND (
      event.settled_on IS NULL
      OR CAST(DATEDIFF(month.business_date, event.day) AS BIGINT) < setting.complaint_days
    )
  GROUP BY
    member.party_key
), maturing AS (
  SELECT
    party_key,
    SUM(amount) AS amount,
    MIN(matures_on) AS day
  FROM report__maturity AS maturity
  CROSS JOIN policy__need AS setting
  WHERE
    days_left <= setting.maturing_days AND NOT rolls_over
  GROUP BY
    party_key
), investor AS (
  SELECT
    party.party_key,
    party.bucket,
    COALESCE(party.area, '') AS area,
    party.professional,
    COALESCE(behaviour.age_band, '') AS age_band,
    COALESCE(tier.held_rank, -1) AS tier_rank,
    CASE
      WHEN party.risk_grade IS NULL
      THEN 'none'
      WHEN party.risk_expires_on >= month.business_date
      THEN party.risk_grade
      ELSE 'expired'
    END AS customer_grade,
    CASE
      WHEN party.birth_date IS NULL
      THEN -1
      ELSE YEAR(month.business_date) - YEAR(party.birth_date) - CASE
        WHEN MONTH(month.business_date) * 100 + DAY(month.business_date) < MONTH(party.birth_date) * 100 + DAY(party.birth_date)
        THEN 1
        ELSE 0
      END
    END AS age,
    wealth.demand,
    wealth.aum,
    maturing.amount AS maturing_amount,
    maturing.day AS maturing_day
  FROM core__party AS party
  CROSS JOIN run__month AS month
  JOIN feature__wealth_month AS wealth
    ON wealth.party_key = party.party_key AND wealth.accounts_open > 0
  LEFT JOIN score__behaviour AS behaviour
    ON behaviour.party_key = party.party_key
  LEFT JOIN score__tier AS tier
    ON tier.party_key = party.party_key
  LEFT JOIN complained
    ON complained.party_key = party.party_key
  LEFT JOIN maturing
    ON maturing.party_key = party.party_key
  WHERE
    party.kind IN ('person', 'sole_trader')
    AND COALESCE(party.state, 'active') = 'active'
    AND complained.party_key IS NULL
    AND NOT party.offers_paused
), ranked AS (
  SELECT
    investor.*,
    product.family,
    product.product_code,
    product.product_name,
    product.product_grade,
    product.answer,
    cell.rate,
    cell.exposed,
    cell.takers,
    likely.chance,
    ROW_NUMBER() OVER (
      PARTITION BY investor.party_key
      ORDER BY COALESCE(likely.chance, cell.rate) DESC, cell.rate DESC, product.family ASC NULLS LAST
    ) AS place
  FROM investor
  CROSS JOIN policy__suitability_age AS ages
  JOIN feature__need_product AS product
    ON product.customer_grade = investor.customer_grade
    AND product.professional = investor.professional
    AND product.senior = (
      investor.age = -1 OR investor.age >= ages.senior_age
    )
  JOIN feature__need_cell AS cell
    ON cell.age_band = investor.age_band
    AND cell.area = investor.area
    AND cell.tier_rank = investor.tier_rank
    AND cell.family = product.family
    AND cell.takers > 0
  LEFT JOIN score__need_chance AS likely
    ON likely.party_key = investor.party_key AND likely.family = product.family
  LEFT JOIN feature__family_held AS held
    ON held.party_key = investor.party_key
    AND held.family = product.family
    AND held.accounts_open > 0
  WHERE
    held.party_key IS NULL
    AND (
      investor.age = -1 OR investor.age >= ages.adult_age
    )
)
SELECT
  ranked.party_key,
  CAST(ranked.place AS INT) AS place,
  ranked.bucket,
  ranked.family,
  ranked.product_code,
  ranked.product_name,
  ranked.product_grade,
  ranked.customer_grade,
  ranked.answer,
  ranked.rate,
  ranked.exposed,
  ranked.takers,
  CASE
    WHEN NOT ranked.maturing_amount IS NULL
    THEN 'maturing'
    WHEN ranked.demand >= setting.idle_amount
    AND ranked.demand >= CAST(ranked.aum AS DECIMAL(38, 2)) * setting.idle_share
    THEN 'idle'
  END AS own_reason,
  CASE
    WHEN NOT ranked.maturing_amount IS NULL
    THEN ranked.maturing_amount
    WHEN ranked.demand >= setting.idle_amount
    AND ranked.demand >= CAST(ranked.aum AS DECIMAL(38, 2)) * setting.idle_share
    THEN ranked.demand
  END AS own_amount,
  ranked.maturing_day AS own_day,
  ranked.chance
FROM ranked
CROSS JOIN policy__need AS setting
WHERE
  ranked.place <= setting.at_most
