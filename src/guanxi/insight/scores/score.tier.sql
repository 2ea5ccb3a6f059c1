-- score.tier · grain: party_key, month · scope: bucket · months: each · prev: yes · past: 25
-- The tier (等级) in force from the day after the last day counted: up when a closed month reaches the line, down only
-- after enough closed months below, then to the best tier reached in them (降级保护). A running month changes nothing.
-- Whoever has no wealth of his own, no open account or no readable balance has no tier, with the reason; a missing
-- balance stops the count and the count goes on when the balance is back. Closing and death are immediate, from the month
-- in which a night knew of them: no earlier one.
-- What two persons decided by hand (人工调整, ops.tier_override) is shown while it is in force and stops the count of
-- months below, as a protection (保护期) does that names no tier; `rule_rank` goes on beside it, and counts again after.
-- Made for a number that was merged into another since, it counts for the person.
-- A condition of the policy (代发工资、贷款、经营户, feature.tier_hold) holds the tier as well, up to the tier it is good for:
-- the count stands still, and nobody falls below that tier while it is met. It never raises anybody.
WITH word AS (
    SELECT COALESCE(member.party_key, said.party_key) AS party_key, said.scheme, MAX(said.tier_rank) AS tier_rank,
           MIN(said.valid_from) AS valid_from, MAX(said.valid_to) AS valid_to
    FROM ops.tier_override AS said
    JOIN run.month AS month ON said.valid_from <= month.business_date AND said.valid_to >= month.business_date
    LEFT JOIN core.party_member AS member ON member.own_key = said.party_key
    GROUP BY COALESCE(member.party_key, said.party_key), said.scheme
),
subject AS (
    SELECT party.party_key, party.bucket, month.month, month.closed AS is_closed_month, scheme.scheme, scheme.basis,
           wealth.aum, wealth.aum_days, wealth.days, wealth.days_in_month, wealth.accounts_refused,
           CASE scheme.basis WHEN 'daily_average' THEN wealth.daily_average WHEN 'month_end' THEN wealth.aum
                             WHEN 'standing' THEN standing.points END AS measure,
           CASE WHEN NOT party.is_owner THEN 'not_an_owner'
                WHEN party.state = 'deceased' AND month.known_on <= month.month_end THEN 'deceased'
                WHEN party.state = 'closed' AND month.known_on <= month.month_end THEN 'closed'
                WHEN scheme.scheme IS NULL THEN 'no_scheme'
                WHEN COALESCE(wealth.accounts_open, 0) = 0 THEN 'no_account' END AS barred_by
    FROM core.party AS party
    JOIN run.month AS month ON party.since IS NULL OR party.since <= month.business_date
    LEFT JOIN policy.tier_scheme AS scheme
      ON scheme.customer_kind = party.kind AND (scheme.size_class IS NULL OR scheme.size_class = party.size_class)
    LEFT JOIN feature.wealth_month AS wealth ON wealth.party_key = party.party_key
    LEFT JOIN score.company_standing AS standing ON standing.party_key = party.party_key
),
known AS (
    SELECT subject.party_key, subject.bucket, subject.month, subject.is_closed_month, subject.scheme, subject.basis,
           subject.aum, subject.aum_days, subject.days, subject.days_in_month, subject.measure,
           CASE WHEN subject.barred_by IS NOT NULL THEN subject.barred_by
                WHEN NOT subject.is_closed_month OR subject.measure IS NOT NULL THEN NULL
                WHEN subject.accounts_refused > 0 THEN 'no_balance'
                WHEN subject.basis = 'daily_average' THEN 'no_average'
                ELSE 'no_standing' END AS missing,
           subject.barred_by IS NOT NULL AS is_barred,
           word.party_key IS NOT NULL AS is_guarded, asked.tier_rank AS asked_rank,
           word.valid_from AS asked_from, word.valid_to AS asked_to, hold.criterion AS hold_by,
           hold.tier_rank AS hold_rank,
           band.tier_rank AS reached_rank, held.tier_rank AS past_rank, held.months_to_fall,
           CASE WHEN past.override_from IS NULL THEN held.tier_rank ELSE past.held_rank END AS past_shown,
           past.reason_code AS past_reason,
           CASE WHEN held.tier_rank IS NULL THEN 0 ELSE past.months_below END AS past_months_below,
           CASE WHEN held.tier_rank IS NULL THEN NULL ELSE past.best_below_rank END AS past_best,
           CASE WHEN held.tier_rank IS NULL AND past.override_from IS NULL THEN 0 ELSE past.months_held END
               AS past_months_held,
           CASE WHEN held.tier_rank IS NULL THEN 0 ELSE past.months_at_or_above END AS past_at_or_above
    FROM subject
    LEFT JOIN policy.tier_band AS band
      ON band.scheme = subject.scheme AND subject.measure >= band.lower_bound AND subject.measure < band.upper_bound
    LEFT JOIN prev.score_tier AS past ON past.party_key = subject.party_key AND past.scheme = subject.scheme
    LEFT JOIN policy.tier_band AS held
      ON held.scheme = subject.scheme
     AND held.tier_rank = CASE WHEN past.override_from IS NOT NULL THEN past.rule_rank
                               WHEN past.held_rank IS NOT NULL THEN past.held_rank
                               WHEN past.reason_code IN ('no_balance', 'no_average', 'no_standing')
                               THEN past.past_rank END
    LEFT JOIN word ON word.party_key = subject.party_key AND word.scheme = subject.scheme
    LEFT JOIN policy.tier_band AS asked ON asked.scheme = subject.scheme AND asked.tier_rank = word.tier_rank
    LEFT JOIN feature.tier_hold AS hold ON hold.party_key = subject.party_key AND hold.scheme = subject.scheme
),
counted AS (
    SELECT known.*,
           CASE WHEN missing IS NOT NULL OR NOT is_closed_month THEN 'kept'
                WHEN past_rank IS NULL THEN 'first'
                WHEN reached_rank > past_rank THEN 'risen'
                WHEN reached_rank = past_rank THEN 'reached'
                WHEN is_guarded THEN 'guarded'
                WHEN hold_rank >= past_rank THEN 'held'
                WHEN past_months_below + 1 >= months_to_fall THEN 'fallen'
                ELSE 'watch' END AS turn,
           CASE WHEN past_months_below > 0 AND past_best > reached_rank THEN past_best ELSE reached_rank END AS best
    FROM known
),
landed AS (
    SELECT counted.*, CASE WHEN hold_rank > best THEN hold_rank ELSE best END AS fall_rank
    FROM counted
),
fallen_to AS (
    SELECT party_key, scheme, fall_rank, month
    FROM landed
    WHERE turn = 'fallen' AND reached_rank = fall_rank
),
earlier AS (
    SELECT fallen_to.party_key, past.month,
           past.reached_rank IS NULL OR past.reached_rank < fallen_to.fall_rank AS is_miss
    FROM fallen_to
    JOIN past.score_tier AS past
      ON past.party_key = fallen_to.party_key AND past.scheme = fallen_to.scheme AND past.month < fallen_to.month
),
last_miss AS (
    SELECT party_key, MAX(CASE WHEN is_miss THEN month END) AS month
    FROM earlier
    GROUP BY party_key
),
run_up AS (
    SELECT earlier.party_key, COUNT(*) AS months
    FROM earlier
    JOIN last_miss ON last_miss.party_key = earlier.party_key
    WHERE last_miss.month IS NULL OR earlier.month > last_miss.month
    GROUP BY earlier.party_key
),
settled AS (
    SELECT landed.*,
           CASE WHEN missing IS NOT NULL THEN NULL
                WHEN turn = 'fallen' THEN fall_rank
                WHEN turn IN ('kept', 'watch', 'guarded', 'held') THEN past_rank
                ELSE reached_rank END AS rule_rank,
           CASE WHEN turn IN ('kept', 'guarded', 'held') THEN past_months_below
                WHEN turn = 'watch' THEN past_months_below + 1 ELSE 0 END AS months_below,
           CASE WHEN turn IN ('kept', 'guarded', 'held') THEN past_best WHEN turn = 'watch' THEN best END
               AS best_below_rank,
           CASE turn WHEN 'kept' THEN past_at_or_above WHEN 'reached' THEN past_at_or_above + 1 WHEN 'watch' THEN 0
                     WHEN 'guarded' THEN 0 WHEN 'held' THEN 0
                     WHEN 'fallen' THEN CASE WHEN reached_rank = fall_rank THEN COALESCE(run_up.months, 0) + 1 ELSE 0 END
                     ELSE 1 END AS months_at_or_above
    FROM landed
    LEFT JOIN run_up ON run_up.party_key = landed.party_key
),
shown AS (
    SELECT settled.*, missing IS NULL AND is_guarded AS is_by_hand,
           CASE WHEN missing IS NULL THEN COALESCE(asked_rank, rule_rank) END AS held_rank
    FROM settled
),
ahead AS (
    SELECT settled.*, above.tier_rank AS next_rank, above.lower_bound AS next_line,
           days_in_month - days AS days_left,
           CAST((CAST(above.lower_bound AS DECIMAL(38,2)) * days_in_month - aum_days) * 100 AS BIGINT) AS fen_days_needed
    FROM shown AS settled
    LEFT JOIN policy.tier_band AS held ON held.scheme = settled.scheme AND held.tier_rank = settled.held_rank
    LEFT JOIN policy.tier_band AS above ON above.scheme = held.scheme AND above.lower_bound = held.upper_bound
)
SELECT party_key, month, bucket, scheme, CASE WHEN is_barred THEN NULL ELSE reached_rank END AS reached_rank, held_rank,
       CASE WHEN is_barred THEN NULL ELSE past_rank END AS past_rank,
       CASE WHEN is_barred THEN 0 ELSE months_below END AS months_below,
       CASE WHEN is_barred THEN NULL ELSE best_below_rank END AS best_below_rank,
       CASE WHEN held_rank IS NULL THEN 0
            WHEN held_rank = past_shown THEN past_months_held + CASE WHEN is_closed_month THEN 1 ELSE 0 END
            WHEN is_closed_month THEN 1 ELSE 0 END AS months_held,
       CASE WHEN held_rank IS NULL THEN 0 ELSE months_at_or_above END AS months_at_or_above,
       held_rank IS NOT NULL AND months_below > 0 AND NOT is_by_hand AND NOT COALESCE(hold_rank >= rule_rank, FALSE)
           AS watch,
       next_rank,
       CASE WHEN basis = 'standing' OR next_line IS NULL OR measure IS NULL THEN NULL
            ELSE GREATEST(next_line - measure, 0) END AS next_gap,
       CASE WHEN days_left <= 0 OR basis = 'standing' OR next_line IS NULL OR aum IS NULL THEN NULL
            WHEN basis = 'month_end' THEN GREATEST(next_line - aum, 0)
            WHEN fen_days_needed <= 0 THEN CAST(0 AS DECIMAL(18,2))
            ELSE GREATEST(
                CAST((fen_days_needed + days_left - 1) // days_left AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2)) - aum, 0
            ) END AS present_needed,
       CASE WHEN missing IS NOT NULL THEN missing
            WHEN asked_rank IS NOT NULL THEN 'override'
            WHEN turn = 'held' THEN CASE hold_by WHEN 'payroll' THEN 'held_payroll' WHEN 'loan' THEN 'held_loan'
                                                 ELSE 'held_business' END
            WHEN turn <> 'kept' THEN turn
            WHEN held_rank IS NULL THEN 'no_closed_month'
            WHEN is_guarded AND months_below > 0 THEN 'guarded'
            WHEN past_reason IN ('override', 'guarded') THEN 'rule_again'
            ELSE past_reason END AS reason_code,
       CASE WHEN is_barred THEN NULL ELSE rule_rank END AS rule_rank,
       CASE WHEN is_by_hand THEN asked_from END AS override_from,
       CASE WHEN is_by_hand THEN asked_to END AS override_to
FROM ahead
