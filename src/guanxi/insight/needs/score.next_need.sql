-- score.next_need · grain: party_key, place · scope: bucket · months: last · past: 14
-- What would help next (下一需求): families not held, of which a suitable product is on sale, ordered by the model of
-- needs where one serves (score.need_chance), else by how many peers took them; none where no peer did; at most as many as the policy says. Held back altogether: minors, the deceased, whose complaint is open or
-- young, whom nothing is offered to. A reason of the customer's own stands beside: money that matures soon, or that lies idle.
WITH complained AS (
    SELECT member.party_key, COUNT(*) AS complaints
    FROM past.staged_service_events AS event
    JOIN core.party_member AS member ON member.customer_no = event.customer_no
    CROSS JOIN run.month AS month
    CROSS JOIN policy.need AS setting
    WHERE event.kind = 'complaint' AND event.day <= month.business_date
      AND (event.settled_on IS NULL OR DATE_DIFF('day', event.day, month.business_date) < setting.complaint_days)
    GROUP BY member.party_key
),
maturing AS (
    SELECT party_key, SUM(amount) AS amount, MIN(matures_on) AS day
    FROM report.maturity
    CROSS JOIN policy.need AS setting
    WHERE days_left <= setting.maturing_days AND NOT rolls_over
    GROUP BY party_key
),
investor AS (
    SELECT party.party_key, party.bucket, COALESCE(party.area, '') AS area, party.professional,
           COALESCE(behaviour.age_band, '') AS age_band, COALESCE(tier.held_rank, -1) AS tier_rank,
           CASE WHEN party.risk_grade IS NULL THEN 'none'
                WHEN party.risk_expires_on >= month.business_date THEN party.risk_grade ELSE 'expired' END
               AS customer_grade,
           CASE WHEN party.birth_date IS NULL THEN -1
                ELSE YEAR(month.business_date) - YEAR(party.birth_date)
                     - CASE WHEN MONTH(month.business_date) * 100 + DAY(month.business_date)
                                 < MONTH(party.birth_date) * 100 + DAY(party.birth_date) THEN 1 ELSE 0 END END AS age,
           wealth.demand, wealth.aum, maturing.amount AS maturing_amount, maturing.day AS maturing_day
    FROM core.party AS party
    CROSS JOIN run.month AS month
    JOIN feature.wealth_month AS wealth ON wealth.party_key = party.party_key AND wealth.accounts_open > 0
    LEFT JOIN score.behaviour AS behaviour ON behaviour.party_key = party.party_key
    LEFT JOIN score.tier AS tier ON tier.party_key = party.party_key
    LEFT JOIN complained ON complained.party_key = party.party_key
    LEFT JOIN maturing ON maturing.party_key = party.party_key
    WHERE party.kind IN ('person', 'sole_trader') AND COALESCE(party.state, 'active') = 'active'
      AND complained.party_key IS NULL AND NOT party.offers_paused
),
ranked AS (
    SELECT investor.*, product.family, product.product_code, product.product_name, product.product_grade, product.answer,
           cell.rate, cell.exposed, cell.takers, likely.chance,
           ROW_NUMBER() OVER (
               PARTITION BY investor.party_key
               ORDER BY COALESCE(likely.chance, cell.rate) DESC, cell.rate DESC, product.family ASC
           ) AS place
    FROM investor
    CROSS JOIN policy.suitability_age AS ages
    JOIN feature.need_product AS product
      ON product.customer_grade = investor.customer_grade AND product.professional = investor.professional
     AND product.senior = (investor.age = -1 OR investor.age >= ages.senior_age)
    JOIN feature.need_cell AS cell
      ON cell.age_band = investor.age_band AND cell.area = investor.area AND cell.tier_rank = investor.tier_rank
     AND cell.family = product.family AND cell.takers > 0
    LEFT JOIN score.need_chance AS likely
      ON likely.party_key = investor.party_key AND likely.family = product.family
    LEFT JOIN feature.family_held AS held
      ON held.party_key = investor.party_key AND held.family = product.family AND held.accounts_open > 0
    WHERE held.party_key IS NULL AND (investor.age = -1 OR investor.age >= ages.adult_age)
)
SELECT ranked.party_key, CAST(ranked.place AS INTEGER) AS place, ranked.bucket, ranked.family, ranked.product_code,
       ranked.product_name, ranked.product_grade, ranked.customer_grade, ranked.answer, ranked.rate, ranked.exposed,
       ranked.takers,
       CASE WHEN ranked.maturing_amount IS NOT NULL THEN 'maturing'
            WHEN ranked.demand >= setting.idle_amount AND ranked.demand >= CAST(ranked.aum AS DECIMAL(38,2)) * setting.idle_share
            THEN 'idle' END AS own_reason,
       CASE WHEN ranked.maturing_amount IS NOT NULL THEN ranked.maturing_amount
            WHEN ranked.demand >= setting.idle_amount AND ranked.demand >= CAST(ranked.aum AS DECIMAL(38,2)) * setting.idle_share
            THEN ranked.demand END AS own_amount,
       ranked.maturing_day AS own_day, ranked.chance
FROM ranked
CROSS JOIN policy.need AS setting
WHERE ranked.place <= setting.at_most
