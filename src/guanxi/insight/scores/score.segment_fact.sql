-- score.segment_fact · grain: party_key · scope: bucket · months: last · past: 13
-- One wide row a customer at the business date: every fact a segment (客群) may ask for that Guanxi itself makes. Nothing
-- is decided here; each column is another table's figure, or whether something is held, used or agreed to. NULL: not
-- known, and a rule on it is then not fulfilled. Customers under a restriction have no row.
WITH held AS (
    SELECT a.party_key, a.family, a.closed_on, a.opened_on
    FROM core.account AS a
    WHERE a.holders = 1
    UNION ALL
    SELECT j.party_key, j.family, j.closed_on, j.opened_on
    FROM feature.joint_month AS j
),
owned AS (
    SELECT
        h.party_key,
        MAX(h.opened_on) AS last_opened_on,
        MAX(CASE WHEN h.closed_on <= r.business_date THEN h.closed_on END) AS last_closed_on,
        MAX(CASE WHEN h.family = 'demand' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS demand,
        MAX(CASE WHEN h.family = 'time' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS time,
        MAX(CASE WHEN h.family = 'cd' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS cd,
        MAX(CASE WHEN h.family = 'structured' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END)
            AS structured,
        MAX(CASE WHEN h.family = 'wealth' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS wealth,
        MAX(CASE WHEN h.family = 'fund' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS fund,
        MAX(CASE WHEN h.family = 'insurance' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END)
            AS insurance,
        MAX(CASE WHEN h.family = 'bond' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS bond,
        MAX(CASE WHEN h.family = 'metal' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS metal,
        MAX(CASE WHEN h.family = 'trust' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS trust,
        MAX(CASE WHEN h.family = 'loan' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS loan,
        MAX(CASE WHEN h.family = 'card' AND (h.closed_on IS NULL OR h.closed_on > r.business_date) THEN 1 ELSE 0 END) AS card
    FROM held AS h
    CROSS JOIN run.month AS r
    GROUP BY h.party_key
),
dated AS (
    SELECT
        a.party_key,
        MIN(CASE WHEN a.family <> 'loan' AND a.matures_on >= r.business_date THEN a.matures_on END) AS matures_on,
        MIN(CASE WHEN a.family = 'loan' AND a.matures_on >= r.business_date THEN a.matures_on END) AS loan_ends_on,
        MAX(a.overdue_days) AS overdue_days
    FROM core.account AS a
    CROSS JOIN run.month AS r
    WHERE a.closed_on IS NULL OR a.closed_on > r.business_date
    GROUP BY a.party_key
),
used AS (
    SELECT
        a.party_key,
        MAX(CASE WHEN a.counter_count > 0 THEN 1 ELSE 0 END) AS counter,
        MAX(CASE WHEN a.self_service_count > 0 THEN 1 ELSE 0 END) AS self_service,
        MAX(CASE WHEN a.mobile_count > 0 OR a.mobile_log_ins > 0 THEN 1 ELSE 0 END) AS mobile,
        MAX(CASE WHEN a.web_count > 0 OR a.web_log_ins > 0 THEN 1 ELSE 0 END) AS web,
        MAX(CASE WHEN a.phone_count > 0 THEN 1 ELSE 0 END) AS phone,
        MAX(CASE WHEN a.third_party_count > 0 THEN 1 ELSE 0 END) AS third_party,
        SUM(a.initiated_count) AS postings,
        SUM(a.mobile_log_ins + a.web_log_ins) AS log_ins,
        SUM(a.inflow) AS inflow,
        SUM(a.outflow) AS outflow
    FROM past.feature_activity_month AS a
    CROSS JOIN run.month AS r
    CROSS JOIN policy.behaviour AS k
    WHERE YEAR(r.month) * 12 + MONTH(r.month) - YEAR(a.month) * 12 - MONTH(a.month) < k.profile_months
    GROUP BY a.party_key
),
trend AS (
    SELECT
        w.party_key,
        MAX(CASE WHEN YEAR(r.month) * 12 + MONTH(r.month) - YEAR(w.month) * 12 - MONTH(w.month) = 1 THEN w.aum END)
            AS aum_1,
        MAX(CASE WHEN YEAR(r.month) * 12 + MONTH(r.month) - YEAR(w.month) * 12 - MONTH(w.month) = 3 THEN w.aum END)
            AS aum_3,
        MAX(CASE WHEN YEAR(r.month) * 12 + MONTH(r.month) - YEAR(w.month) * 12 - MONTH(w.month) = 12 THEN w.aum END)
            AS aum_12
    FROM past.feature_wealth_month AS w
    CROSS JOIN run.month AS r
    GROUP BY w.party_key
),
known AS (
    SELECT
        l.party_key,
        MAX(CASE WHEN l.kind = 'spouse' THEN 1 ELSE 0 END) AS spouse,
        MAX(CASE WHEN l.kind = 'parent' THEN 1 ELSE 0 END) AS parent,
        MAX(CASE WHEN l.kind = 'child' THEN 1 ELSE 0 END) AS child,
        MAX(CASE WHEN l.kind = 'employee' THEN 1 ELSE 0 END) AS employee,
        MAX(CASE WHEN l.kind = 'owner' THEN 1 ELSE 0 END) AS owner,
        MAX(CASE WHEN l.kind = 'legal_person' THEN 1 ELSE 0 END) AS legal_person,
        MAX(CASE WHEN l.kind = 'guarantor' THEN 1 ELSE 0 END) AS guarantor
    FROM core.relation AS l
    CROSS JOIN run.month AS r
    WHERE (l.valid_from IS NULL OR l.valid_from <= r.business_date)
        AND (l.valid_to IS NULL OR l.valid_to > r.business_date)
    GROUP BY l.party_key
),
spoken AS (
    SELECT
        p.party_key,
        c.purpose,
        c.agreed,
        ROW_NUMBER() OVER (
            PARTITION BY p.party_key, c.purpose, c.channel
            ORDER BY c.given_on DESC NULLS LAST, c.agreed ASC NULLS LAST, c.customer_no ASC NULLS LAST
        ) AS newest
    FROM staged.consents AS c
    INNER JOIN core.party_member AS p ON p.customer_no = c.customer_no
    CROSS JOIN run.month AS r
    WHERE c.given_on <= r.business_date
),
agreed AS (
    SELECT
        s.party_key,
        MAX(CASE WHEN s.purpose = 'marketing' AND s.agreed THEN 1 ELSE 0 END) AS marketing,
        MAX(CASE WHEN s.purpose = 'profiling' AND NOT s.agreed THEN 1 ELSE 0 END) AS no_profiling
    FROM spoken AS s
    WHERE s.newest = 1
    GROUP BY s.party_key
),
reached AS (
    SELECT p.party_key, MAX(CASE WHEN c.kind = 'mobile' THEN 1 ELSE 0 END) AS mobile
    FROM staged.contact_points AS c
    INNER JOIN core.party_member AS p ON p.customer_no = c.customer_no
    GROUP BY p.party_key
),
aged AS (
    SELECT
        p.party_key,
        CASE
            WHEN p.birth_date <= r.business_date
                THEN YEAR(r.business_date) - YEAR(p.birth_date)
                    - CASE
                        WHEN MONTH(r.business_date) * 100 + DAY(r.business_date)
                            < MONTH(p.birth_date) * 100 + DAY(p.birth_date) THEN 1
                        ELSE 0
                    END
        END AS age
    FROM core.party AS p
    CROSS JOIN run.month AS r
)
SELECT
    p.party_key, p.bucket, r.business_date, p.unit_no, p.keeper_no, p.kind, p.state, p.is_owner, p.sex, y.age, b.age_band,
    MONTH(p.birth_date) AS birth_month, p.since, p.area, p.village, p.resident_type, p.size_class, p.industry,
    p.risk_grade, p.risk_expires_on, p.renown_kind,
    t.scheme AS tier_scheme, t.held_rank AS tier_rank, t.watch AS tier_watch, t.months_held AS tier_months,
    t.next_gap,
    CASE
        WHEN t.held_rank > t.past_rank THEN 'up'
        WHEN t.held_rank < t.past_rank THEN 'down'
        WHEN t.held_rank = t.past_rank THEN 'same'
    END AS tier_move,
    g.stage, g.months_in_stage, b.preference, b.channel_profile, b.recency_rank, b.frequency_rank, b.money_rank,
    b.families_held, CAST(FLOOR(v.composite_score) AS INTEGER) AS value_score, v.risk_level, v.contribution_12m,
    v.employees_count, w.accounts_open, w.aum, w.daily_average, w.demand AS demand_balance, w.time AS time_balance,
    w.wealth AS wealth_balance, w.fund AS fund_balance, w.insurance AS insurance_balance, w.deposits, w.loans,
    CAST(w.aum - d.aum_1 AS DECIMAL(18, 2)) AS aum_change_1m,
    CAST(w.aum - d.aum_3 AS DECIMAL(18, 2)) AS aum_change_3m,
    CAST(w.aum - d.aum_12 AS DECIMAL(18, 2)) AS aum_change_12m,
    u.postings, u.log_ins, u.inflow, u.outflow,
    COALESCE(o.demand, 0) = 1 AS holds_demand, COALESCE(o.time, 0) = 1 AS holds_time, COALESCE(o.cd, 0) = 1 AS holds_cd,
    COALESCE(o.structured, 0) = 1 AS holds_structured, COALESCE(o.wealth, 0) = 1 AS holds_wealth,
    COALESCE(o.fund, 0) = 1 AS holds_fund, COALESCE(o.insurance, 0) = 1 AS holds_insurance,
    COALESCE(o.bond, 0) = 1 AS holds_bond, COALESCE(o.metal, 0) = 1 AS holds_metal,
    COALESCE(o.trust, 0) = 1 AS holds_trust, COALESCE(o.loan, 0) = 1 AS holds_loan, COALESCE(o.card, 0) = 1 AS holds_card,
    COALESCE(u.counter, 0) = 1 AS uses_counter, COALESCE(u.self_service, 0) = 1 AS uses_self_service,
    COALESCE(u.mobile, 0) = 1 AS uses_mobile, COALESCE(u.web, 0) = 1 AS uses_web, COALESCE(u.phone, 0) = 1 AS uses_phone,
    COALESCE(u.third_party, 0) = 1 AS uses_third_party,
    COALESCE(n.spouse, 0) = 1 AS knows_spouse, COALESCE(n.parent, 0) = 1 AS knows_parent,
    COALESCE(n.child, 0) = 1 AS knows_child, COALESCE(n.employee, 0) = 1 AS knows_employee,
    COALESCE(n.owner, 0) = 1 AS knows_owner, COALESCE(n.legal_person, 0) = 1 AS knows_legal_person,
    COALESCE(n.guarantor, 0) = 1 AS knows_guarantor,
    COALESCE(c.mobile, 0) = 1 AS has_mobile, COALESCE(q.marketing, 0) = 1 AS agreed_marketing,
    COALESCE(q.no_profiling, 0) = 1 AS no_profiling,
    m.matures_on, m.loan_ends_on, m.overdue_days, o.last_opened_on, o.last_closed_on,
    a.last_initiated_on, e.salary_on, e.transfer_out_on, e.own_name_out_on, e.cash_out_on, e.cash_in_on, e.payment_on,
    e.invested_on, e.loan_drawn_on, e.counter_on, e.mobile_on, e.web_on, e.log_in_on, e.sign_up_on, e.cancel_on
FROM core.party AS p
CROSS JOIN run.month AS r
LEFT JOIN aged AS y ON y.party_key = p.party_key
LEFT JOIN score.tier AS t ON t.party_key = p.party_key
LEFT JOIN score.stage AS g ON g.party_key = p.party_key
LEFT JOIN score.behaviour AS b ON b.party_key = p.party_key
LEFT JOIN score.value_card AS v ON v.party_key = p.party_key
LEFT JOIN feature.wealth_month AS w ON w.party_key = p.party_key
LEFT JOIN feature.activity_month AS a ON a.party_key = p.party_key
LEFT JOIN feature.event_month AS e ON e.party_key = p.party_key
LEFT JOIN owned AS o ON o.party_key = p.party_key
LEFT JOIN dated AS m ON m.party_key = p.party_key
LEFT JOIN used AS u ON u.party_key = p.party_key
LEFT JOIN trend AS d ON d.party_key = p.party_key
LEFT JOIN known AS n ON n.party_key = p.party_key
LEFT JOIN agreed AS q ON q.party_key = p.party_key
LEFT JOIN reached AS c ON c.party_key = p.party_key
LEFT JOIN ops.restriction AS z ON z.party_key = p.party_key
WHERE z.party_key IS NULL
