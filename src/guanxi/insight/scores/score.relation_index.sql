-- score.relation_index · grain: party_key, month · scope: bucket · months: each · past: 6
-- Four indices of a relationship (四项关系指数): satisfaction, loyalty, contribution, dependence (满意度、忠诚度、贡献度、依存度),
-- each 0..100 from inputs kept beside it. An input that is not known has no points and its weight goes to the others; with
-- no input known there is no index, never a middle value. Contribution is the percentile of the value card. Who has no open
-- account has no row. The chance of leaving is no input: a model switched on one day would move the index of every month.
WITH moved AS (
    SELECT
        a.party_key,
        SUM(a.outflow) AS outflow,
        SUM(a.outflow_same_name) AS sent_elsewhere,
        SUM(a.salary_count) AS salaries
    FROM past.feature_activity_month AS a
    CROSS JOIN run.month AS r
    WHERE YEAR(r.month) * 12 + MONTH(r.month) - YEAR(a.month) * 12 - MONTH(a.month) < 3
    GROUP BY a.party_key
),
answered AS (
    SELECT
        m.party_key,
        COUNT(*) AS answers,
        SUM(COALESCE(w.nps * 10, (w.csat - 1) * 25)) AS points
    FROM ops.survey_answer AS w
    INNER JOIN core.party_member AS m ON m.customer_no = w.customer_no
    CROSS JOIN run.month AS r
    CROSS JOIN policy.relationship AS k
    WHERE w.day <= r.business_date AND DATE_DIFF('day', w.day, r.business_date) <= k.answered_within_days
    GROUP BY m.party_key
),
complained AS (
    SELECT
        m.party_key,
        COUNT(*) AS complaints,
        SUM(CASE WHEN e.settled_on IS NULL OR e.settled_on > r.business_date THEN 1 ELSE 0 END) AS complaints_open
    FROM past.staged_service_events AS e
    INNER JOIN core.party_member AS m ON m.customer_no = e.customer_no
    CROSS JOIN run.month AS r
    CROSS JOIN policy.relationship AS k
    WHERE
        e.kind = 'complaint' AND e.day <= r.business_date
        AND DATE_DIFF('day', e.day, r.business_date) <= k.complained_within_days
    GROUP BY m.party_key
),
known AS (
    SELECT
        l.party_key,
        l.bucket,
        l.tenure_years,
        CAST(l.idle_days AS INTEGER) AS idle_days,
        l.against_6 AS held_share,
        CAST(l.families AS INTEGER) AS families,
        CASE WHEN p.kind = 'person' THEN COALESCE(v.salaries, 0) > 0 END AS has_salary,
        CASE
            WHEN v.outflow > 0
                THEN 1e0 - CAST(v.sent_elsewhere AS DOUBLE) / CAST(v.outflow AS DOUBLE)
        END AS flow_share,
        l.has_loan > 0e0 AS has_loan,
        c.contribution_score,
        COALESCE(w.answers, 0) AS answers,
        COALESCE(w.points, 0) AS answer_points,
        COALESCE(s.complaints, 0) AS complaints,
        COALESCE(s.complaints_open, 0) AS complaints_open
    FROM feature.leaving_month AS l
    INNER JOIN core.party AS p ON p.party_key = l.party_key
    LEFT JOIN score.value_card AS c ON c.party_key = l.party_key
    LEFT JOIN moved AS v ON v.party_key = l.party_key
    LEFT JOIN answered AS w ON w.party_key = l.party_key
    LEFT JOIN complained AS s ON s.party_key = l.party_key
    WHERE l.accounts > 0e0
),
pointed AS (
    SELECT
        n.*,
        LEAST(1e0, GREATEST(0e0, n.tenure_years / CAST(k.years_full AS DOUBLE))) AS p_tenure,
        LEAST(1e0, GREATEST(0e0, 1e0 - CAST(n.idle_days AS DOUBLE) / CAST(k.asleep_after_days AS DOUBLE))) AS p_activity,
        LEAST(1e0, GREATEST(0e0,
            (n.held_share - CAST(k.held_floor_share AS DOUBLE)) / (1e0 - CAST(k.held_floor_share AS DOUBLE)))) AS p_held,
        LEAST(1e0, GREATEST(0e0, CAST(n.families - 1 AS DOUBLE) / CAST(k.families_full - 1 AS DOUBLE))) AS p_families,
        CASE WHEN n.has_salary THEN 1e0 WHEN NOT n.has_salary THEN 0e0 END AS p_salary,
        LEAST(1e0, GREATEST(0e0,
            (n.flow_share - CAST(k.flow_floor_share AS DOUBLE)) / (1e0 - CAST(k.flow_floor_share AS DOUBLE)))) AS p_flow,
        CASE WHEN n.has_loan THEN 1e0 ELSE 0e0 END AS p_loan,
        CAST(k.weight_tenure AS DOUBLE) AS weight_tenure,
        CAST(k.weight_activity AS DOUBLE) AS weight_activity,
        CAST(k.weight_held AS DOUBLE) AS weight_held,
        CAST(k.weight_families AS DOUBLE) AS weight_families,
        CAST(k.weight_salary AS DOUBLE) AS weight_salary,
        CAST(k.weight_flow AS DOUBLE) AS weight_flow,
        CAST(k.weight_loan AS DOUBLE) AS weight_loan,
        n.complaints_open * k.points_complaint_open
        + (n.complaints - n.complaints_open) * k.points_complaint_settled AS complaint_points
    FROM known AS n
    CROSS JOIN policy.relationship AS k
),
weighed AS (
    SELECT
        p.*,
        CASE WHEN p.tenure_years IS NULL THEN 0e0 ELSE p.weight_tenure END AS w_tenure,
        CASE WHEN p.idle_days IS NULL THEN 0e0 ELSE p.weight_activity END AS w_activity,
        CASE WHEN p.held_share IS NULL THEN 0e0 ELSE p.weight_held END AS w_held,
        CASE WHEN p.has_salary IS NULL THEN 0e0 ELSE p.weight_salary END AS w_salary,
        CASE WHEN p.flow_share IS NULL THEN 0e0 ELSE p.weight_flow END AS w_flow
    FROM pointed AS p
),
averaged AS (
    SELECT
        w.*,
        CASE WHEN w.w_tenure + w.w_activity + w.w_held > 0e0
            THEN (w.w_tenure * COALESCE(w.p_tenure, 0e0) + w.w_activity * COALESCE(w.p_activity, 0e0)
                  + w.w_held * COALESCE(w.p_held, 0e0)) / (w.w_tenure + w.w_activity + w.w_held)
        END AS loyalty_share,
        CASE WHEN w.weight_families + w.w_salary + w.w_flow + w.weight_loan > 0e0
            THEN (w.weight_families * w.p_families + w.w_salary * COALESCE(w.p_salary, 0e0)
                  + w.w_flow * COALESCE(w.p_flow, 0e0) + w.weight_loan * w.p_loan)
                 / (w.weight_families + w.w_salary + w.w_flow + w.weight_loan)
        END AS dependence_share,
        CASE WHEN w.answers + w.complaints > 0
            THEN CAST(w.answer_points + w.complaint_points AS DOUBLE) / CAST(w.answers + w.complaints AS DOUBLE)
        END AS satisfaction_points
    FROM weighed AS w
)
SELECT
    a.party_key,
    r.month,
    a.bucket,
    CAST(FLOOR(a.satisfaction_points + 5e-1) AS INTEGER) AS satisfaction,
    CAST(FLOOR(1e2 * a.loyalty_share + 5e-1) AS INTEGER) AS loyalty,
    CAST(FLOOR(a.contribution_score + 5e-1) AS INTEGER) AS contribution,
    CAST(FLOOR(1e2 * a.dependence_share + 5e-1) AS INTEGER) AS dependence,
    a.tenure_years,
    a.idle_days,
    a.held_share,
    a.families,
    a.has_salary,
    a.flow_share,
    a.has_loan,
    CAST(a.answers AS INTEGER) AS answers,
    CAST(a.complaints AS INTEGER) AS complaints,
    CAST(a.complaints_open AS INTEGER) AS complaints_open
FROM averaged AS a
CROSS JOIN run.month AS r
