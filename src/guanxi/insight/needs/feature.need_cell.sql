-- feature.need_cell · grain: age_band, area, tier_rank, family · scope: whole · months: last
-- How popular a family is among peers (同类客户新持有率): persons of the same age band, area and tier who did not have it
-- when the policy's window began, and how many of them took it since. The whole bank's rate is mixed in with the weight
-- of some customers; where a cell has too few, the whole bank's figures are the ones shown (`whole_bank`). This is the
-- baseline that any model of needs has to beat.
WITH person AS (
    SELECT behaviour.party_key, COALESCE(behaviour.age_band, '') AS age_band, COALESCE(party.area, '') AS area,
           COALESCE(tier.held_rank, -1) AS tier_rank
    FROM score.behaviour AS behaviour
    JOIN core.party AS party ON party.party_key = behaviour.party_key AND party.kind IN ('person', 'sole_trader')
    JOIN feature.wealth_month AS wealth ON wealth.party_key = behaviour.party_key AND wealth.accounts_open > 0
    LEFT JOIN score.tier AS tier ON tier.party_key = behaviour.party_key
),
asked AS (
    SELECT person.age_band, person.area, person.tier_rank, wanted.family,
           CASE WHEN held.first_opened_on IS NOT NULL
                 AND DATE_DIFF('day', held.first_opened_on, month.business_date) < setting.window_days
                THEN 1 ELSE 0 END AS took
    FROM person
    CROSS JOIN policy.need_family AS wanted
    CROSS JOIN policy.need AS setting
    CROSS JOIN run.month AS month
    LEFT JOIN feature.family_held AS held ON held.party_key = person.party_key AND held.family = wanted.family
    WHERE held.first_opened_on IS NULL
       OR DATE_DIFF('day', held.first_opened_on, month.business_date) < setting.window_days
),
cell AS (
    SELECT age_band, area, tier_rank, family, COUNT(*) AS exposed, SUM(took) AS takers
    FROM asked
    GROUP BY age_band, area, tier_rank, family
),
bank AS (
    SELECT family, SUM(exposed) AS exposed, SUM(takers) AS takers
    FROM cell
    GROUP BY family
)
SELECT cell.age_band, cell.area, cell.tier_rank, cell.family, cell.exposed < setting.least_peers AS whole_bank,
       CASE WHEN cell.exposed < setting.least_peers THEN bank.exposed ELSE cell.exposed END AS exposed,
       CASE WHEN cell.exposed < setting.least_peers THEN bank.takers ELSE cell.takers END AS takers,
       (CAST(cell.takers AS DOUBLE)
        + CAST(setting.cell_weight AS DOUBLE) * CAST(bank.takers AS DOUBLE) / CAST(bank.exposed AS DOUBLE))
       / (CAST(cell.exposed AS DOUBLE) + CAST(setting.cell_weight AS DOUBLE)) AS rate
FROM cell
JOIN bank ON bank.family = cell.family
CROSS JOIN policy.need AS setting
