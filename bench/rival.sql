-- The nightly core of one closed month as one hand-written DuckDB script: the rival of `make bench`.
-- It knows what the bank at hand delivers (balances every night, no sums of its own, the month is closed) and leaves out
-- what a general step must be ready for. Same inputs, same policies, same figures; one statement a line of `;`.

-- Accounts: balance at the end and sum of balance × days, by spans between changes.
CREATE TABLE account_month AS
WITH known AS (
    SELECT account_no, 0 AS d, 0 AS c, balance, in_transit, last_change_on AS day FROM prev_account
    WHERE balance IS NOT NULL
    UNION ALL
    SELECT account_no, day - month AS d, 1 AS c, balance, COALESCE(in_transit, 0) AS in_transit, day
    FROM balances, now WHERE day BETWEEN month AND business_date
),
live AS (
    SELECT account_no, bucket, currency, currency = base AS is_base, days,
           COALESCE(closed_on <= business_date, FALSE) AS is_closed,
           CASE WHEN closed_on <= business_date THEN closed_on - month ELSE days END AS days_open
    FROM account, now WHERE opened_on <= business_date AND (closed_on IS NULL OR closed_on >= month)
),
chained AS (
    SELECT account_no, d, c, balance, in_transit, day, LEAD(d) OVER w AS next_d,
           LAG(balance + in_transit) OVER w AS before
    FROM known WINDOW w AS (PARTITION BY account_no ORDER BY d, c)
),
span AS (
    SELECT chained.*, currency, is_base, bucket, next_d IS NULL AND NOT is_closed AS is_last,
           GREATEST(LEAST(COALESCE(next_d, days), days_open), d) AS until
    FROM chained JOIN live USING (account_no)
),
counted AS (
    SELECT account_no, SUM(CASE WHEN is_last THEN balance ELSE 0 END) AS balance,
           SUM(CASE WHEN is_last THEN in_transit ELSE 0 END) AS in_transit,
           SUM(balance * (until - d)) AS own_days, SUM(in_transit * (until - d)) AS transit_days,
           SUM(CASE WHEN balance <> 0 OR in_transit <> 0 THEN until - d ELSE 0 END) AS needed,
           MAX(CASE WHEN c = 0 OR before IS NULL OR before <> balance + in_transit THEN day END) AS last_change_on
    FROM span GROUP BY account_no
),
rate AS (
    SELECT currency, mid, days, day - month AS r_from,
           LEAST(COALESCE(LEAD(day - month) OVER (PARTITION BY currency ORDER BY day), day - month + stale + 1),
                 day - month + stale + 1) AS r_until
    FROM fx, now
),
abroad AS (
    SELECT account_no,
           SUM(CASE WHEN is_last AND r_until >= days AND r_from < days THEN ROUND(CAST(balance AS DECIMAL(38,2)) * mid, 2) ELSE 0 END) AS balance,
           SUM(CASE WHEN is_last AND r_until >= days AND r_from < days THEN ROUND(CAST(in_transit AS DECIMAL(38,2)) * mid, 2) ELSE 0 END) AS in_transit,
           SUM(ROUND(CAST(balance AS DECIMAL(38,2)) * mid, 2) * (LEAST(until, r_until) - GREATEST(d, r_from))) AS own_days,
           SUM(ROUND(CAST(in_transit AS DECIMAL(38,2)) * mid, 2) * (LEAST(until, r_until) - GREATEST(d, r_from))) AS transit_days,
           SUM(LEAST(until, r_until) - GREATEST(d, r_from)) AS found
    FROM span JOIN rate ON rate.currency = span.currency AND r_from < until AND r_until > d AND r_from < days
    WHERE NOT is_base AND (balance <> 0 OR in_transit <> 0) GROUP BY account_no
),
worth AS (
    SELECT account_no, bucket, is_base, counted.balance, counted.in_transit, last_change_on,
           counted.own_days + counted.transit_days AS balance_days,
           CASE WHEN counted.account_no IS NULL THEN CASE WHEN NOT is_closed THEN 'no_balance' END
                WHEN NOT is_base AND COALESCE(found, 0) < needed THEN 'no_rate' END AS refused,
           CASE WHEN is_base THEN counted.balance ELSE COALESCE(abroad.balance, 0) END AS b,
           CASE WHEN is_base THEN counted.in_transit ELSE COALESCE(abroad.in_transit, 0) END AS t,
           CASE WHEN is_base THEN counted.own_days ELSE COALESCE(abroad.own_days, 0) END AS bd,
           CASE WHEN is_base THEN counted.transit_days ELSE COALESCE(abroad.transit_days, 0) END AS td
    FROM live LEFT JOIN counted USING (account_no) LEFT JOIN abroad USING (account_no)
    WHERE counted.account_no IS NOT NULL OR NOT is_closed
)
SELECT account_no, bucket, balance, in_transit, balance_days,
       CASE WHEN refused IS NULL THEN b END AS balance_base, CASE WHEN refused IS NULL THEN t END AS in_transit_base,
       CASE WHEN refused IS NULL THEN bd + td END AS balance_days_base,
       CASE WHEN refused IS NULL THEN td END AS in_transit_days_base, last_change_on, refused
FROM worth;

-- Positions of every holder; accounts of several holders by share, the rest to the primary one.
CREATE TABLE position AS
WITH part AS (
    SELECT h.party_key, h.is_primary, a.*, m.balance_base AS wb, m.in_transit_base AS wt, m.balance_days_base AS wbd,
           m.in_transit_days_base AS wtd, m.refused,
           ROUND(CAST(m.balance_base AS DECIMAL(38,2)) * h.share, 2) AS b,
           ROUND(CAST(m.in_transit_base AS DECIMAL(38,2)) * h.share, 2) AS t,
           ROUND(m.balance_days_base * h.share, 2) AS bd, ROUND(m.in_transit_days_base * h.share, 2) AS td
    FROM (SELECT account_no, family, component, in_aum, aum_weight, closed_on, opened_on FROM account WHERE holders > 1) AS a
    JOIN account_month AS m USING (account_no) JOIN holding AS h USING (account_no)
),
given AS (
    SELECT account_no, SUM(b) AS b, SUM(t) AS t, SUM(bd) AS bd, SUM(td) AS td FROM part WHERE NOT is_primary GROUP BY 1
)
SELECT a.party_key, a.family, a.component, a.in_aum, a.aum_weight, a.opened_on, a.closed_on, m.balance_base AS b,
       m.in_transit_base AS t, m.balance_days_base AS bd, m.in_transit_days_base AS td, m.refused, FALSE AS is_joint
FROM account_month AS m JOIN account AS a USING (account_no) WHERE a.holders = 1
UNION ALL
SELECT party_key, family, component, in_aum, aum_weight, opened_on, closed_on,
       CASE WHEN is_primary THEN wb - given.b ELSE part.b END, CASE WHEN is_primary THEN wt - given.t ELSE part.t END,
       CASE WHEN is_primary THEN wbd - given.bd ELSE part.bd END, CASE WHEN is_primary THEN wtd - given.td ELSE part.td END,
       refused, TRUE
FROM part JOIN given USING (account_no);

CREATE TABLE wealth_month AS
WITH summed AS (
    SELECT party_key, SUM(CASE component WHEN 'demand' THEN b ELSE 0 END) AS demand,
           SUM(CASE component WHEN 'time' THEN b ELSE 0 END) AS time,
           SUM(CASE component WHEN 'structured' THEN b ELSE 0 END) AS structured,
           SUM(CASE component WHEN 'wealth' THEN b ELSE 0 END) AS wealth,
           SUM(CASE component WHEN 'fund' THEN b ELSE 0 END) AS fund,
           SUM(CASE component WHEN 'insurance' THEN b ELSE 0 END) AS insurance,
           SUM(CASE component WHEN 'other' THEN b ELSE 0 END) AS other,
           SUM(CASE WHEN in_aum THEN t ELSE 0 END) AS in_transit,
           SUM(CASE component WHEN 'loan' THEN b ELSE 0 END) AS loans,
           SUM(CASE WHEN in_aum THEN bd ELSE 0 END) AS aum_days,
           SUM(CASE WHEN in_aum THEN ROUND(bd * aum_weight, 2) ELSE 0 END) AS weighted_days,
           SUM(CASE WHEN component IN ('demand', 'time', 'structured') THEN bd - td ELSE 0 END) AS deposits_days,
           SUM(CASE component WHEN 'loan' THEN bd - td ELSE 0 END) AS loans_days,
           SUM(CASE WHEN in_aum AND refused IS NOT NULL THEN 1 ELSE 0 END) AS refused,
           SUM(CASE WHEN closed_on IS NULL OR closed_on > business_date THEN 1 ELSE 0 END) AS accounts_open,
           COUNT(DISTINCT CASE WHEN b <> 0 OR t <> 0 THEN family END) AS families_held
    FROM position, now GROUP BY party_key
)
SELECT party_key, bucket, kind, month, days,
       CASE WHEN has_aum AND refused = 0
            THEN demand + time + structured + wealth + fund + insurance + other + in_transit END AS aum,
       CASE WHEN has_aum AND refused = 0 THEN mean(aum_days, days) END AS daily_average,
       CASE WHEN has_aum AND refused = 0 THEN mean(weighted_days, days) END AS weighted_average,
       demand, time, structured, wealth, fund, insurance, other, in_transit, demand + time + structured AS deposits,
       mean(deposits_days, days) AS deposits_average, loans, mean(loans_days, days) AS loans_average,
       accounts_open, families_held, CASE WHEN has_aum AND refused = 0 THEN aum_days END AS aum_days, deposits_days,
       refused AS accounts_refused
FROM (
    SELECT p.party_key, p.bucket, p.kind, now.month, now.days, p.kind IN (SELECT kind FROM policy.aum_kind) AS has_aum,
           COALESCE(demand, 0) AS demand, COALESCE(time, 0) AS time, COALESCE(structured, 0) AS structured,
           COALESCE(wealth, 0) AS wealth, COALESCE(fund, 0) AS fund, COALESCE(insurance, 0) AS insurance,
           COALESCE(other, 0) AS other, COALESCE(in_transit, 0) AS in_transit, COALESCE(loans, 0) AS loans,
           COALESCE(aum_days, 0) AS aum_days, COALESCE(weighted_days, 0) AS weighted_days,
           COALESCE(deposits_days, 0) AS deposits_days, COALESCE(loans_days, 0) AS loans_days,
           COALESCE(refused, 0) AS refused, COALESCE(accounts_open, 0) AS accounts_open,
           COALESCE(families_held, 0) AS families_held
    FROM party AS p, now LEFT JOIN summed ON summed.party_key = p.party_key
    WHERE p.is_owner AND (p.since IS NULL OR p.since <= now.business_date)
);

-- Activity: one pass over the month's postings; days as bits of a word.
CREATE TABLE activity_month AS
WITH rate AS (SELECT currency, ARG_MAX(mid, day) AS mid FROM fx, now WHERE day <= business_date GROUP BY currency),
posting AS (
    SELECT a.party_key, DAY(t.day) - 1 AS bit, t.direction, COALESCE(t.same_name, FALSE) AS same_name, c.profile,
           COALESCE(t.by_customer, TRUE) AND NOT COALESCE(p.is_system, FALSE) AS initiated,
           COALESCE(p.is_system, FALSE) AS is_system, COALESCE(p.is_salary, FALSE) AND t.direction = 'credit' AS is_salary,
           COALESCE(p.is_fee, FALSE) AND t.direction = 'debit' AS is_fee,
           CASE WHEN a.is_base THEN t.amount
                ELSE CAST(CAST(t.amount AS DECIMAL(20,2)) * CAST(rate.mid AS DECIMAL(12,8)) AS DECIMAL(18,2)) END AS amount
    FROM transactions AS t
    JOIN (SELECT account_no, party_key, currency, COALESCE(currency, base) = base AS is_base FROM account, now WHERE party_key IS NOT NULL) AS a
      USING (account_no)
    LEFT JOIN policy.behaviour_purpose AS p ON p.purpose = t.purpose
    LEFT JOIN policy.behaviour_channel AS c ON c.channel = t.channel
    LEFT JOIN rate ON rate.currency = a.currency
    WHERE t.day <= (SELECT business_date FROM now)
),
posted AS (
    SELECT party_key, SUM(CASE WHEN initiated THEN 1 ELSE 0 END) AS initiated_count,
           BIT_OR(CASE WHEN initiated THEN CAST(1 AS BIGINT) << bit ELSE 0 END) AS bits,
           MIN(CASE WHEN initiated THEN bit END) AS first_bit, MAX(CASE WHEN initiated THEN bit END) AS last_bit,
           SUM(CASE WHEN direction = 'credit' AND NOT is_system THEN amount ELSE 0 END) AS inflow,
           SUM(CASE WHEN direction = 'debit' AND NOT is_system THEN amount ELSE 0 END) AS outflow,
           SUM(CASE WHEN direction = 'debit' AND NOT is_system AND same_name THEN amount ELSE 0 END) AS outflow_same_name,
           SUM(CASE WHEN is_salary THEN 1 ELSE 0 END) AS salary_count,
           SUM(CASE WHEN is_salary THEN amount ELSE 0 END) AS salary_amount,
           SUM(CASE WHEN is_fee THEN 1 ELSE 0 END) AS fee_count, SUM(CASE WHEN is_fee THEN amount ELSE 0 END) AS fee_amount,
           SUM(CASE WHEN initiated AND profile = 'counter' THEN 1 ELSE 0 END) AS counter_count,
           SUM(CASE WHEN initiated AND profile = 'self_service' THEN 1 ELSE 0 END) AS self_service_count,
           SUM(CASE WHEN initiated AND profile = 'mobile' THEN 1 ELSE 0 END) AS mobile_count,
           SUM(CASE WHEN initiated AND profile = 'web' THEN 1 ELSE 0 END) AS web_count,
           SUM(CASE WHEN initiated AND profile = 'phone' THEN 1 ELSE 0 END) AS phone_count,
           SUM(CASE WHEN initiated AND profile = 'third_party' THEN 1 ELSE 0 END) AS third_party_count
    FROM posting GROUP BY party_key
),
logged AS (
    SELECT p.party_key, SUM(CASE WHEN e.channel = 'mobile' THEN COALESCE(times, 1) ELSE 0 END) AS mobile_log_ins,
           SUM(CASE WHEN e.channel = 'web' THEN COALESCE(times, 1) ELSE 0 END) AS web_log_ins
    FROM events AS e JOIN member AS p USING (customer_no), now
    WHERE event = 'log_in' AND e.channel IN ('mobile', 'web') AND day <= business_date GROUP BY 1
)
SELECT p.party_key, p.bucket, now.month, COALESCE(initiated_count, 0) AS initiated_count,
       COALESCE(BIT_COUNT(bits), 0) AS active_days, now.month + CAST(first_bit AS INTEGER) AS first_initiated_on,
       COALESCE(now.month + CAST(last_bit AS INTEGER), b.was_on) AS last_initiated_on,
       COALESCE(inflow, 0) AS inflow, COALESCE(outflow, 0) AS outflow, COALESCE(outflow_same_name, 0) AS outflow_same_name,
       COALESCE(salary_count, 0) AS salary_count, COALESCE(salary_amount, 0) AS salary_amount,
       COALESCE(fee_count, 0) AS fee_count, COALESCE(fee_amount, 0) AS fee_amount,
       COALESCE(mobile_log_ins, 0) AS mobile_log_ins, COALESCE(web_log_ins, 0) AS web_log_ins,
       COALESCE(mobile_log_ins, 0) >= k.min_mobile_log_ins AS mobile_active,
       COALESCE(web_log_ins, 0) >= k.min_web_log_ins AS web_active,
       COALESCE(counter_count, 0) AS counter_count, COALESCE(self_service_count, 0) AS self_service_count,
       COALESCE(mobile_count, 0) AS mobile_count, COALESCE(web_count, 0) AS web_count,
       COALESCE(phone_count, 0) AS phone_count, COALESCE(third_party_count, 0) AS third_party_count
FROM party AS p CROSS JOIN now CROSS JOIN policy.behaviour AS k
LEFT JOIN posted AS t ON t.party_key = p.party_key LEFT JOIN logged AS l ON l.party_key = p.party_key
LEFT JOIN (SELECT party_key, last_initiated_on AS was_on FROM prev_activity) AS b ON b.party_key = p.party_key
WHERE t.party_key IS NOT NULL OR l.party_key IS NOT NULL OR b.party_key IS NOT NULL;

-- Contribution: margin of each deposit and loan against the price matched at origination.
CREATE TABLE contribution_month AS
WITH priced AS (
    SELECT a.account_no, a.party_key, a.holders, f.side, f.priced_as AS family, a.currency, f.day_basis,
           COALESCE(c.earns, TRUE) AS earns, COALESCE(a.rate, f.default_rate) AS rate,
           CASE WHEN NOT f.has_term THEN 0
                ELSE COALESCE(a.term_days, COALESCE(a.matures_on - COALESCE(a.started_on, a.opened_on), 0)) END AS tenor,
           CASE WHEN NOT f.has_term THEN now.month WHEN a.started_on <= month_end THEN a.started_on
                WHEN a.opened_on <= month_end THEN a.opened_on ELSE now.month END AS price_day,
           CAST(COALESCE(m.balance_days_base - m.in_transit_days_base, m.balance_base * now.days) AS DECIMAL(20,2)) AS bd,
           CASE WHEN f.side <> 'loan' THEN CAST(0 AS DECIMAL(9,8))
                WHEN NOT COALESCE(c.earns, TRUE) THEN CAST(c.pd * COALESCE(g.lgd, k.default_lgd) AS DECIMAL(9,8))
                ELSE CAST(COALESCE(g.pd, c.pd, k.default_pd) * COALESCE(g.lgd, k.default_lgd) AS DECIMAL(9,8)) END AS loss_share
    FROM account_month AS m JOIN account AS a USING (account_no)
    JOIN policy.contribution_family AS f ON f.family = a.family
    CROSS JOIN policy.contribution AS k CROSS JOIN now
    LEFT JOIN policy.contribution_loan_class AS c ON c.loan_class = a.loan_class
    LEFT JOIN (SELECT party_key, MAX(pd) AS pd, MAX(lgd) AS lgd FROM credit JOIN member USING (customer_no) GROUP BY party_key) AS g ON g.party_key = a.party_key
),
listed AS (
    SELECT family, currency, tenor_days AS covers, day AS v_from,
           LEAD(day) OVER (PARTITION BY family, currency, tenor_days ORDER BY day) AS v_to, rate FROM ftp
),
matched AS (
    SELECT w.family, w.currency, w.tenor, w.price_day, ARG_MIN(l.rate, l.covers) AS ftp_rate
    FROM (SELECT DISTINCT family, currency, tenor, price_day FROM priced) AS w
    JOIN listed AS l ON l.family = w.family AND l.currency = w.currency AND l.covers >= w.tenor
     AND l.v_from <= w.price_day AND (l.v_to IS NULL OR l.v_to > w.price_day)
    GROUP BY ALL
),
margin AS (
    SELECT account_no, party_key, holders, side,
           bd IS NULL OR (earns AND (rate IS NULL OR ftp_rate IS NULL)) AS is_without,
           half_up(bd * CASE WHEN NOT earns THEN CAST(0 AS DECIMAL(9,8)) WHEN side = 'deposit' THEN CAST(ftp_rate - rate AS DECIMAL(9,8))
                             ELSE CAST(rate - ftp_rate AS DECIMAL(9,8)) END, day_basis * 100) AS margin,
           half_up(bd * loss_share, 1200 * days) AS loss
    FROM priced LEFT JOIN matched USING (family, currency, tenor, price_day), now
),
joint AS (
    SELECT account_no, h.party_key, h.is_primary, side, is_without, margin, loss,
           CASE WHEN h.is_primary THEN 0 ELSE ROUND(CAST(margin AS DECIMAL(24,2)) * h.share, 2) END AS pm,
           CASE WHEN h.is_primary THEN 0 ELSE ROUND(CAST(loss AS DECIMAL(24,2)) * h.share, 2) END AS pl
    FROM margin JOIN holding AS h USING (account_no) WHERE holders > 1
),
part AS (
    SELECT party_key, side, is_without, margin, loss FROM margin WHERE holders = 1
    UNION ALL
    SELECT party_key, side, is_without,
           CASE WHEN is_primary THEN margin - SUM(pm) OVER (PARTITION BY account_no) ELSE pm END,
           CASE WHEN is_primary THEN loss - SUM(pl) OVER (PARTITION BY account_no) ELSE pl END FROM joint
),
earned AS (
    SELECT party_key, SUM(CASE WHEN side = 'deposit' AND NOT is_without THEN margin ELSE 0 END) AS dm,
           SUM(CASE WHEN side = 'loan' AND NOT is_without THEN margin ELSE 0 END) AS lm, SUM(COALESCE(loss, 0)) AS loss,
           SUM(CASE WHEN is_without THEN 1 ELSE 0 END) AS unpriced
    FROM part GROUP BY party_key
)
SELECT p.party_key, p.bucket, now.month, CASE WHEN COALESCE(unpriced, 0) = 0 THEN COALESCE(dm, 0) END AS deposit_margin,
       CASE WHEN COALESCE(unpriced, 0) = 0 THEN COALESCE(lm, 0) END AS loan_margin, COALESCE(a.fee_amount, 0) AS fee_income,
       COALESCE(loss, 0) AS expected_loss, surtax, service_cost,
       CASE WHEN COALESCE(unpriced, 0) = 0
            THEN COALESCE(dm, 0) + COALESCE(lm, 0) + COALESCE(a.fee_amount, 0) - COALESCE(loss, 0) - surtax - service_cost END AS contribution
FROM party AS p CROSS JOIN now CROSS JOIN policy.contribution AS k
LEFT JOIN earned AS e ON e.party_key = p.party_key LEFT JOIN wealth_month AS w ON w.party_key = p.party_key
LEFT JOIN activity_month AS a ON a.party_key = p.party_key,
LATERAL (SELECT CASE WHEN COALESCE(w.accounts_open, 0) > 0
                     THEN CAST(CAST(k.service_cost_year AS DOUBLE) / 12e0 AS DECIMAL(18,2)) ELSE 0 END AS service_cost,
                CASE WHEN COALESCE(lm, 0) + COALESCE(a.fee_amount, 0) > 0
                     THEN ROUND(CAST(COALESCE(lm, 0) + COALESCE(a.fee_amount, 0) AS DECIMAL(24,2)) * k.surtax_share, 2) ELSE 0 END AS surtax)
WHERE e.party_key IS NOT NULL OR w.accounts_open > 0 OR a.fee_amount <> 0;

-- Indicators of value card and RFM.
CREATE TABLE indicator AS
WITH earned AS (
    SELECT party_key, SUM(CASE WHEN contribution IS NULL THEN 1 ELSE 0 END) AS refused, SUM(contribution) AS contribution,
           SUM(deposit_margin) AS dm, SUM(loan_margin) AS lm, SUM(fee_income) AS fees, SUM(expected_loss) AS loss,
           SUM(surtax + service_cost) AS costs
    FROM (SELECT party_key, contribution, deposit_margin, loan_margin, fee_income, expected_loss, surtax, service_cost FROM past_contribution
          UNION ALL SELECT party_key, contribution, deposit_margin, loan_margin, fee_income, expected_loss, surtax, service_cost FROM contribution_month)
    GROUP BY party_key
),
acted AS (
    SELECT party_key, MAX(last_initiated_on) AS last_on,
           SUM(CASE WHEN DATE_DIFF('month', a.month, now.month) < k.frequency_months THEN active_days ELSE 0 END) AS active_days
    FROM (SELECT party_key, month, last_initiated_on, active_days FROM past_activity
          UNION ALL SELECT party_key, month, last_initiated_on, active_days FROM activity_month) AS a, now, policy.behaviour AS k
    GROUP BY party_key
),
loan AS (
    SELECT a.party_key, a.loan_class, a.overdue_days FROM account AS a JOIN policy.contribution_family AS f USING (family), now
    WHERE f.side = 'loan' AND opened_on <= business_date AND (closed_on IS NULL OR closed_on > business_date)
      AND (closed_on IS NOT NULL OR COALESCE(state, 'open') <> 'closed')
),
fact AS (
    SELECT party_key, 'overdue_days' AS input, CAST(COALESCE(overdue_days, 0) AS DECIMAL(18,8)) AS amount, '' AS code FROM loan
    UNION ALL SELECT party_key, 'loan_class', NULL, COALESCE(loan_class, '') FROM loan
    UNION ALL SELECT party_key, 'grade', NULL, COALESCE(grade, '') FROM credit JOIN member USING (customer_no)
    UNION ALL SELECT party_key, 'pd', CAST(pd AS DECIMAL(18,8)), '' FROM credit JOIN member USING (customer_no)
    UNION ALL SELECT party_key, 'expired_days',
        CAST(CASE WHEN used > 0 AND expires_on < business_date THEN business_date - expires_on END AS DECIMAL(18,8)), ''
        FROM credit JOIN member USING (customer_no), now
),
risk AS (
    SELECT party_key, LEAST(SUM(points), 100) AS points
    FROM (SELECT party_key, f.input, MAX(COALESCE(b.points, c.points, 0)) AS points FROM fact AS f
          LEFT JOIN policy.value_risk_band AS b ON b.input = f.input AND f.amount >= b.at_least
          LEFT JOIN policy.value_risk_code AS c ON c.input = f.input AND c.code = f.code GROUP BY 1, 2)
    GROUP BY party_key
),
tie AS (
    SELECT party_key, other_key, kind, 0 AS employs, valid_from, valid_to FROM relation
    UNION ALL SELECT other_key, party_key, kind, CASE WHEN kind = 'employee' THEN 1 ELSE 0 END, valid_from, valid_to FROM relation
),
related AS (
    SELECT party_key, SUM(weight) AS points, COUNT(DISTINCT other_key) AS relations, SUM(employs) AS employees,
           SUM(CASE WHEN relation_group = 'family' THEN 1 ELSE 0 END) AS family
    FROM (SELECT t.party_key, t.other_key, g.relation_group, MAX(g.weight) AS weight, MAX(t.employs) AS employs
          FROM tie AS t JOIN policy.value_relation AS g USING (kind), now
          WHERE t.party_key <> t.other_key AND (valid_from IS NULL OR valid_from <= business_date)
            AND (valid_to IS NULL OR valid_to > business_date) GROUP BY 1, 2, 3)
    GROUP BY party_key
)
SELECT *, bin(contribution) AS contribution_bin, bin(average) AS average_bin
FROM (
    SELECT p.party_key, p.bucket,
           s.segment || CASE WHEN s.by_size AND p.size_class IS NOT NULL THEN '/' || p.size_class ELSE '' END
           || CASE WHEN s.by_area AND p.area IS NOT NULL THEN '/' || p.area ELSE '' END AS segment, s.in_concentration,
           CASE WHEN e.refused = 0 THEN CAST(e.contribution AS DECIMAL(18,2)) END AS contribution,
           CASE WHEN e.refused = 0 THEN dm END AS dm, CASE WHEN e.refused = 0 THEN lm END AS lm, fees, loss, costs,
           x.points AS risk_points, CASE WHEN p.renown_source IS NOT NULL AND p.renown_on <= business_date THEN n.points END AS renown_points,
           t.points AS relatedness_points, COALESCE(t.relations, 0) AS relations_count, COALESCE(t.employees, 0) AS employees_count,
           COALESCE(t.family, 0) AS family_count, business_date - a.last_on AS recency_days, a.active_days AS frequency_days,
           CASE g.measure WHEN 'daily_average' THEN w.daily_average WHEN 'aum' THEN w.aum
                WHEN 'deposits_average' THEN w.deposits_average WHEN NULL THEN NULL ELSE CASE WHEN g.measure IS NOT NULL THEN w.deposits END END AS average
    FROM party AS p JOIN policy.value_segment AS s ON s.kind = p.kind CROSS JOIN now
    LEFT JOIN earned AS e ON e.party_key = p.party_key LEFT JOIN risk AS x ON x.party_key = p.party_key
    LEFT JOIN policy.value_renown AS n ON n.renown_kind = p.renown_kind LEFT JOIN related AS t ON t.party_key = p.party_key
    LEFT JOIN acted AS a ON a.party_key = p.party_key LEFT JOIN wealth_month AS w ON w.party_key = p.party_key
    LEFT JOIN policy.stage_measure AS g ON g.kind = p.kind
    WHERE p.since IS NULL OR p.since <= business_date OR e.party_key IS NOT NULL
);

CREATE TABLE rank AS
WITH valued AS (
    SELECT segment, 'contribution' AS indicator, contribution_bin AS bin FROM indicator
    UNION ALL SELECT segment, 'risk', risk_points FROM indicator
    UNION ALL SELECT segment, 'renown', renown_points FROM indicator
    UNION ALL SELECT segment, 'relatedness', relatedness_points FROM indicator
    UNION ALL SELECT segment, 'recency', recency_days FROM indicator, policy.behaviour WHERE recency_days <= active_within_days
    UNION ALL SELECT segment, 'frequency', frequency_days FROM indicator WHERE frequency_days > 0
    UNION ALL SELECT segment, 'money', average_bin FROM indicator
),
counted AS (SELECT segment, indicator, CAST(bin AS DECIMAL(18,2)) AS bin, COUNT(*) AS n FROM valued WHERE bin IS NOT NULL GROUP BY ALL)
SELECT segment, indicator, bin,
       1e2 * (CAST(SUM(n) OVER (PARTITION BY segment, indicator ORDER BY bin ROWS UNBOUNDED PRECEDING) AS DOUBLE) - n / 2e0)
       / CAST(SUM(n) OVER (PARTITION BY segment, indicator) AS DOUBLE) AS percentile
FROM counted;

-- Value card and behaviour in one pass over the customers.
CREATE TABLE card AS
WITH used AS (
    SELECT party_key, SUM(counter_count) AS counter, SUM(self_service_count) AS self_service, SUM(mobile_count) AS mobile,
           SUM(web_count) AS web, SUM(phone_count) AS phone, SUM(third_party_count) AS third_party,
           SUM(mobile_log_ins) AS mobile_log_ins, SUM(web_log_ins) AS web_log_ins
    FROM (SELECT * FROM activity_month UNION ALL BY NAME
          SELECT party_key, month, counter_count, self_service_count, mobile_count, web_count, phone_count, third_party_count,
                 mobile_log_ins, web_log_ins FROM past_activity) AS a, now, policy.behaviour AS k
    WHERE DATE_DIFF('month', a.month, now.month) < k.profile_months GROUP BY party_key
),
profiled AS (
    SELECT party_key,
           CASE WHEN counter + self_service + mobile + web + phone = 0
                THEN CASE WHEN mobile_log_ins > 0 AND mobile_log_ins >= web_log_ins THEN 'mobile' WHEN web_log_ins > 0 THEN 'web'
                          WHEN third_party > 0 THEN 'third_party' ELSE 'silent' END
                WHEN mobile >= least THEN 'mobile' WHEN web >= least THEN 'web' WHEN counter >= least THEN 'counter'
                WHEN self_service >= least THEN 'self_service' WHEN phone >= least THEN 'phone' ELSE 'mixed' END AS channel_profile
    FROM (SELECT used.*, profile_share * (counter + self_service + mobile + web + phone) AS least FROM used, policy.behaviour)
),
joined AS (
    SELECT i.*, c.percentile AS c, k.percentile AS k, n.percentile AS n, t.percentile AS t, f1.percentile AS f1,
           f2.percentile AS f2, f3.percentile AS f3, w.families_held,
           CASE WHEN p.birth_date <= business_date THEN DATE_SUB('year', p.birth_date, business_date) END AS age,
           business_date - p.since AS tenure, profiled.channel_profile,
           GREATEST(dm, 0) AS d, GREATEST(lm, 0) AS l, GREATEST(fees, 0) AS f
    FROM indicator AS i JOIN party AS p USING (party_key) CROSS JOIN now
    LEFT JOIN wealth_month AS w USING (party_key) LEFT JOIN profiled USING (party_key)
    LEFT JOIN rank AS c ON c.segment = i.segment AND c.indicator = 'contribution' AND c.bin = i.contribution_bin
    LEFT JOIN rank AS k ON k.segment = i.segment AND k.indicator = 'risk' AND k.bin = i.risk_points
    LEFT JOIN rank AS n ON n.segment = i.segment AND n.indicator = 'renown' AND n.bin = i.renown_points
    LEFT JOIN rank AS t ON t.segment = i.segment AND t.indicator = 'relatedness' AND t.bin = i.relatedness_points
    LEFT JOIN rank AS f1 ON f1.segment = i.segment AND f1.indicator = 'recency' AND f1.bin = i.recency_days
    LEFT JOIN rank AS f2 ON f2.segment = i.segment AND f2.indicator = 'frequency' AND f2.bin = i.frequency_days
    LEFT JOIN rank AS f3 ON f3.segment = i.segment AND f3.indicator = 'money' AND f3.bin = i.average_bin
)
SELECT j.* EXCLUDE (d, l, f),
       CASE WHEN c IS NOT NULL THEN (v.weight_contribution * c + CASE WHEN k IS NULL THEN 0e0 ELSE v.weight_risk * (1e2 - k) END
            + COALESCE(v.weight_renown * n, 0e0) + COALESCE(v.weight_relatedness * t, 0e0))
            / (v.weight_contribution + CASE WHEN k IS NULL THEN 0e0 ELSE v.weight_risk END
               + CASE WHEN n IS NULL THEN 0e0 ELSE v.weight_renown END + CASE WHEN t IS NULL THEN 0e0 ELSE v.weight_relatedness END) END
           AS composite_score,
       CASE WHEN f1 IS NOT NULL THEN 5 - CAST(FLOOR(f1 / 2e1) AS INTEGER) ELSE 1 END AS recency_rank,
       CASE WHEN f2 IS NOT NULL THEN 1 + CAST(FLOOR(f2 / 2e1) AS INTEGER) ELSE 1 END AS frequency_rank,
       CASE WHEN f3 IS NOT NULL THEN 1 + CAST(FLOOR(f3 / 2e1) AS INTEGER) END AS money_rank,
       CASE WHEN contribution IS NULL OR NOT COALESCE(tenure >= b.preference_tenure_days, FALSE) OR NOT COALESCE(d + l + f > 0, FALSE) THEN 'unsettled'
            WHEN d / CAST(d + l + f AS DOUBLE) >= b.deposit_share THEN 'deposit_reliant'
            WHEN f / CAST(d + l + f AS DOUBLE) >= b.fee_share THEN 'fee_reliant'
            WHEN l / CAST(d + l + f AS DOUBLE) >= b.loan_share THEN 'loan_reliant'
            WHEN COALESCE(families_held, 0) >= b.balanced_families AND GREATEST(d, l, f) / CAST(d + l + f AS DOUBLE) < b.balanced_below THEN 'balanced'
            ELSE 'unsettled' END AS preference,
       age_band
FROM joined AS j CROSS JOIN policy.value AS v CROSS JOIN policy.behaviour AS b
LEFT JOIN policy.age_band AS g ON j.age BETWEEN g.age_from AND g.age_to;

-- Companies: standing within their size class.
CREATE TABLE standing AS
WITH company AS (
    SELECT p.party_key, s.scheme FROM party AS p JOIN wealth_month AS w ON w.party_key = p.party_key AND w.accounts_open > 0
    JOIN policy.tier_scheme AS s ON s.basis = 'standing' AND s.customer_kind = p.kind AND (s.size_class IS NULL OR s.size_class = p.size_class)
),
months AS (
    SELECT party_key, deposits_average AS d, loans_average AS l FROM past_wealth JOIN company USING (party_key)
    UNION ALL SELECT party_key, deposits_average, loans_average FROM wealth_month JOIN company USING (party_key)
),
held AS (SELECT party_key, COUNT(*) AS n, SUM(d) AS d, SUM(l) AS l FROM months GROUP BY 1),
swing AS (SELECT party_key, SUM(ABS(CAST(months.d AS DECIMAL(38,2)) * n - held.d)) AS swing FROM months JOIN held USING (party_key) GROUP BY 1),
moved AS (
    SELECT party_key, SUM(inflow + outflow) AS settlement, SUM(CASE WHEN initiated_count > 0 THEN 1 ELSE 0 END) AS active
    FROM (SELECT party_key, inflow, outflow, initiated_count FROM past_activity
          UNION ALL SELECT party_key, inflow, outflow, initiated_count FROM activity_month) JOIN company USING (party_key) GROUP BY 1
),
measured AS (
    SELECT party_key, scheme, CAST(i.earned AS DOUBLE) AS value,
           CAST(CAST(ROUND(CAST(h.d + h.l + COALESCE(settlement, 0) AS DOUBLE) / CAST(n AS DOUBLE), 2) AS DECIMAL(18,2)) AS DOUBLE) AS volume,
           CAST(COALESCE(active, 0) AS DOUBLE) AS active,
           CASE WHEN h.d > 0 THEN -CAST(swing AS DOUBLE) / (CAST(n AS DOUBLE) * CAST(h.d AS DOUBLE)) END AS steady
    FROM company JOIN held AS h USING (party_key) JOIN swing USING (party_key) LEFT JOIN moved USING (party_key)
    LEFT JOIN (SELECT party_key, CAST(SUM(contribution) AS DECIMAL(18,2)) AS earned
               FROM (SELECT party_key, contribution FROM past_contribution UNION ALL SELECT party_key, contribution FROM contribution_month)
               GROUP BY 1) AS i USING (party_key)
),
entry AS (UNPIVOT measured ON value, volume, active, steady INTO NAME part VALUE measure),
ranked AS (
    SELECT party_key, part, 1e2 * (RANK() OVER w - 1 + COUNT(*) OVER (PARTITION BY scheme, part, measure) / 2e0)
           / CAST(COUNT(*) OVER (PARTITION BY scheme, part) AS DOUBLE) AS score
    FROM entry WINDOW w AS (PARTITION BY scheme, part ORDER BY measure)
),
scored AS (PIVOT ranked ON part IN ('value', 'volume', 'active', 'steady') USING MAX(score) GROUP BY party_key)
SELECT m.party_key, m.scheme,
       CAST((COALESCE(s.value, 0e0) * CASE WHEN s.value IS NULL THEN 0e0 ELSE CAST(w.value AS DOUBLE) END + s.volume * CAST(w.volume AS DOUBLE)
             + (s.active + COALESCE(s.steady, 0e0)) / 2e0 * CAST(w.stability AS DOUBLE))
            / (CASE WHEN s.value IS NULL THEN 0e0 ELSE CAST(w.value AS DOUBLE) END + CAST(w.volume AS DOUBLE) + CAST(w.stability AS DOUBLE)) AS DECIMAL(18,2)) AS points
FROM measured AS m JOIN scored AS s USING (party_key) JOIN policy.tier_standing AS w ON w.scheme = m.scheme;

-- Tiers: up at once, down after enough months below; not below the tier that salary, a loan or a business holds.
-- Nobody's tier was set by hand. Salary credits are counted already, a month and customer: no second pass over postings.
CREATE TABLE hold AS
WITH paid AS (
    SELECT party_key, scheme, SUM(salary_count) AS credits
    FROM (SELECT party_key, month, salary_count FROM past_activity WHERE salary_count > 0
          UNION ALL SELECT party_key, month, salary_count FROM activity_month WHERE salary_count > 0) AS a, now
    JOIN policy.tier_hold AS h ON criterion = 'payroll' AND DATE_DIFF('month', a.month, now.month) < months
    GROUP BY ALL
)
SELECT p.party_key, s.scheme, ARG_MIN(criterion, (-tier_rank, place)) AS held_by, MAX(tier_rank) AS up_to
FROM party AS p
JOIN policy.tier_scheme AS s ON s.customer_kind = p.kind AND (s.size_class IS NULL OR s.size_class = p.size_class)
JOIN policy.tier_hold AS h USING (scheme) LEFT JOIN paid ON paid.party_key = p.party_key AND paid.scheme = s.scheme
WHERE (criterion = 'payroll' AND paid.credits >= h.credits)
   OR (criterion = 'business' AND (s.scheme, p.resident_type) IN (SELECT scheme, code FROM policy.tier_hold_code WHERE criterion = 'business'))
   OR (criterion = 'loan' AND (s.scheme, p.party_key) IN (
          SELECT scheme, party_key FROM account JOIN account_month USING (account_no)
          JOIN policy.tier_hold_code ON criterion = 'loan' AND code = product_code WHERE balance_base > 0))
GROUP BY ALL;

CREATE TABLE tier AS
WITH subject AS (
    SELECT p.party_key, p.bucket, s.scheme, s.basis, w.aum, w.aum_days,
           CASE s.basis WHEN 'daily_average' THEN w.daily_average WHEN 'month_end' THEN w.aum WHEN 'standing' THEN st.points END AS measure,
           CASE WHEN NOT p.is_owner THEN 'not_an_owner' WHEN p.state IN ('deceased', 'closed') THEN p.state WHEN s.scheme IS NULL THEN 'no_scheme'
                WHEN COALESCE(w.accounts_open, 0) = 0 THEN 'no_account' END AS barred, w.accounts_refused
    FROM party AS p CROSS JOIN now
    LEFT JOIN policy.tier_scheme AS s ON s.customer_kind = p.kind AND (s.size_class IS NULL OR s.size_class = p.size_class)
    LEFT JOIN wealth_month AS w ON w.party_key = p.party_key LEFT JOIN standing AS st ON st.party_key = p.party_key
    WHERE p.since IS NULL OR p.since <= now.business_date
),
known AS (
    SELECT x.*, band.tier_rank AS reached, held.tier_rank AS past, held.months_to_fall, held_by, up_to,
           COALESCE(barred, CASE WHEN measure IS NOT NULL THEN NULL WHEN accounts_refused > 0 THEN 'no_balance'
                                 WHEN basis = 'daily_average' THEN 'no_average' ELSE 'no_standing' END) AS missing,
           CASE WHEN held.tier_rank IS NULL THEN 0 ELSE o.months_below END AS p_below,
           CASE WHEN held.tier_rank IS NOT NULL THEN o.best_below_rank END AS p_best,
           CASE WHEN held.tier_rank IS NULL THEN 0 ELSE o.months_held END AS p_held,
           CASE WHEN held.tier_rank IS NULL THEN 0 ELSE o.months_at_or_above END AS p_above
    FROM subject AS x
    LEFT JOIN policy.tier_band AS band ON band.scheme = x.scheme AND x.measure >= band.lower_bound AND x.measure < band.upper_bound
    LEFT JOIN prev_tier AS o ON o.party_key = x.party_key AND o.scheme = x.scheme
    LEFT JOIN policy.tier_band AS held ON held.scheme = x.scheme AND held.tier_rank = COALESCE(o.held_rank, o.past_rank)
     AND (o.held_rank IS NOT NULL OR o.reason_code IN ('no_balance', 'no_average', 'no_standing'))
    LEFT JOIN hold ON hold.party_key = x.party_key AND hold.scheme = x.scheme
),
turned AS (
    SELECT *, CASE WHEN missing IS NOT NULL THEN 'kept' WHEN past IS NULL THEN 'first' WHEN reached > past THEN 'risen'
                   WHEN reached = past THEN 'reached' WHEN up_to >= past THEN 'held'
                   WHEN p_below + 1 >= months_to_fall THEN 'fallen' ELSE 'watch' END AS turn,
           CASE WHEN p_below > 0 AND p_best > reached THEN p_best ELSE reached END AS best,
           GREATEST(best, up_to) AS landed FROM known
),
earlier AS (
    SELECT f.party_key, t.month, t.reached_rank IS NULL OR t.reached_rank < f.landed AS is_miss
    FROM turned AS f JOIN past_tier AS t ON t.party_key = f.party_key AND t.scheme = f.scheme
    WHERE f.turn = 'fallen' AND f.reached = f.landed
),
run_up AS (
    SELECT e.party_key, COUNT(*) AS months
    FROM earlier AS e JOIN (SELECT party_key, MAX(CASE WHEN is_miss THEN month END) AS month FROM earlier GROUP BY 1) AS miss USING (party_key)
    WHERE miss.month IS NULL OR e.month > miss.month GROUP BY 1
)
SELECT t.party_key, t.bucket, t.scheme, CASE WHEN barred IS NULL THEN t.reached END AS reached_rank,
       CASE WHEN missing IS NOT NULL THEN NULL WHEN turn = 'fallen' THEN landed WHEN turn IN ('watch', 'held') THEN past ELSE reached END AS held_rank,
       CASE WHEN barred IS NULL THEN past END AS past_rank, CASE WHEN barred IS NOT NULL THEN 0 WHEN turn IN ('kept', 'held') THEN p_below WHEN turn = 'watch' THEN p_below + 1 ELSE 0 END AS months_below,
       CASE WHEN barred IS NOT NULL THEN NULL WHEN turn IN ('kept', 'held') THEN p_best WHEN turn = 'watch' THEN best END AS best_below_rank,
       CASE WHEN missing IS NOT NULL THEN 0 WHEN turn IN ('reached', 'watch', 'held') THEN p_held + 1 ELSE 1 END AS months_held,
       CASE turn WHEN 'kept' THEN 0 WHEN 'reached' THEN p_above + 1 WHEN 'watch' THEN 0 WHEN 'held' THEN 0
                 WHEN 'fallen' THEN CASE WHEN reached = landed THEN COALESCE(r.months, 0) + 1 ELSE 0 END ELSE 1 END AS months_at_or_above,
       above.tier_rank AS next_rank, CASE WHEN basis <> 'standing' AND above.lower_bound - measure IS NOT NULL THEN GREATEST(above.lower_bound - measure, 0) END AS next_gap,
       COALESCE(missing, CASE turn WHEN 'held' THEN 'held_' || held_by ELSE turn END) AS reason_code
FROM turned AS t LEFT JOIN run_up AS r ON r.party_key = t.party_key
LEFT JOIN policy.tier_band AS h ON h.scheme = t.scheme
     AND h.tier_rank = CASE WHEN missing IS NOT NULL THEN NULL WHEN turn = 'fallen' THEN landed WHEN turn IN ('watch', 'held') THEN past ELSE reached END
LEFT JOIN policy.tier_band AS above ON above.scheme = h.scheme AND above.lower_bound = h.upper_bound;

-- Stages.
CREATE TABLE stage AS
WITH measured AS (
    SELECT w.party_key, DATE_DIFF('month', w.month, now.month) AS age,
           CASE k.measure WHEN 'daily_average' THEN daily_average WHEN 'aum' THEN aum WHEN 'deposits_average' THEN deposits_average ELSE deposits END AS amount
    FROM (SELECT party_key, kind, month, daily_average, aum, deposits_average, deposits FROM past_wealth JOIN party USING (party_key)
          UNION ALL SELECT party_key, kind, month, daily_average, aum, deposits_average, deposits FROM wealth_month) AS w
    JOIN policy.stage_measure AS k ON k.kind = w.kind CROSS JOIN now WHERE DATE_DIFF('month', w.month, now.month) <= 7
),
based AS (
    SELECT party_key, MAX(CASE age WHEN 0 THEN amount END) AS a0, MAX(CASE age WHEN 1 THEN amount END) AS a1,
           MAX(CASE age WHEN 3 THEN amount END) AS a3,
           CASE WHEN COUNT(CASE WHEN age BETWEEN 4 AND 6 THEN amount END) = 3
                THEN CAST(CAST(SUM(CASE WHEN age BETWEEN 4 AND 6 THEN amount END) AS DOUBLE) / 3e0 AS DECIMAL(18,2)) END AS base,
           CASE WHEN COUNT(CASE WHEN age BETWEEN 5 AND 7 THEN amount END) = 3
                THEN CAST(CAST(SUM(CASE WHEN age BETWEEN 5 AND 7 THEN amount END) AS DOUBLE) / 3e0 AS DECIMAL(18,2)) END AS base_before
    FROM measured GROUP BY party_key
),
opened AS (
    SELECT party_key, family, opened_on,
           CASE WHEN (closed_on IS NULL AND COALESCE(state, 'open') <> 'closed') OR closed_on > business_date THEN 1 ELSE 0 END AS is_open,
           CASE WHEN matures_on IS NULL OR matures_on > business_date THEN 1 ELSE 0 END AS is_unmatured
    FROM account, now WHERE opened_on <= business_date
    UNION ALL
    SELECT party_key, family, opened_on, CASE WHEN closed_on IS NULL OR closed_on > business_date THEN 1 ELSE 0 END, 1 FROM position, now WHERE is_joint
),
held AS (
    SELECT party_key, MIN(first_on) AS first_on, MAX(CASE WHEN n > 0 THEN first_on END) AS newest_on, SUM(n) AS n, SUM(resting) AS resting
    FROM (SELECT party_key, family, MIN(opened_on) AS first_on, SUM(is_open) AS n,
                 SUM(CASE WHEN family IN (SELECT family FROM policy.stage_resting) THEN is_open * is_unmatured ELSE 0 END) AS resting
          FROM opened GROUP BY 1, 2)
    GROUP BY party_key
),
fact AS (
    SELECT p.party_key, p.bucket, CAST(a0 AS DECIMAL(24,2)) AS a0, CAST(a1 AS DECIMAL(24,2)) AS a1, CAST(a3 AS DECIMAL(24,2)) AS a3,
           CAST(b.base AS DECIMAL(24,2)) AS base, CAST(base_before AS DECIMAL(24,2)) AS base_before,
           CAST(COALESCE(o.old_base, b.base) AS DECIMAL(24,2)) AS lost_base, CAST(o.old_base AS DECIMAL(24,2)) AS old_base, COALESCE(o.was_lost, FALSE) AS was_lost, o.stage AS old_stage,
           o.months_in_stage AS old_months, h.first_on, COALESCE(h.n, 0) AS n, COALESCE(h.resting, 0) AS resting,
           business_date - COALESCE(p.since, h.first_on) AS tenure,
           CASE WHEN h.newest_on > h.first_on THEN business_date - h.newest_on END AS new_family,
           CASE WHEN a.last_initiated_on IS NOT NULL THEN business_date - a.last_initiated_on
                WHEN o.idle_days IS NOT NULL THEN o.idle_days + days WHEN h.first_on IS NULL THEN NULL
                ELSE LEAST(business_date - h.first_on, days) END AS idle
    FROM party AS p CROSS JOIN now LEFT JOIN held AS h ON h.party_key = p.party_key LEFT JOIN based AS b ON b.party_key = p.party_key
    LEFT JOIN activity_month AS a ON a.party_key = p.party_key LEFT JOIN prev_stage AS o ON o.party_key = p.party_key
    WHERE h.first_on IS NOT NULL OR o.party_key IS NOT NULL OR p.since IS NULL OR p.since <= business_date
),
judged AS (
    SELECT f.*,
           CASE WHEN first_on IS NULL AND COALESCE(old_stage, 'potential') = 'potential' THEN 'no_account' WHEN n = 0 THEN 'all_closed'
                WHEN lost_base >= base_floor AND a0 < lost_base * lost_share AND a1 < lost_base * lost_share AND a0 < lost_ceiling AND a1 < lost_ceiling THEN 'balance_gone'
                WHEN was_lost AND old_base >= base_floor AND a0 >= old_base * won_back_share AND (old_stage <> 'won_back' OR old_months < won_back_months) THEN 'returned'
                WHEN base >= base_floor AND a0 <= base * declining_share AND a1 <= base_before * declining_share THEN 'balance_fell'
                WHEN idle >= asleep_days AND resting = 0 THEN 'asleep' WHEN tenure <= trial_days THEN 'new_customer'
                WHEN tenure <= growing_days THEN 'first_year' WHEN a0 - a3 >= growth_amount AND a0 - a3 >= a3 * growth_share THEN 'balance_grew'
                WHEN new_family <= new_family_days THEN 'new_family' ELSE 'steady' END AS reason_code,
           COALESCE(a0 >= old_base * declining_share, FALSE) AS has_recovered
    FROM fact AS f, policy.stage
),
named AS (
    SELECT *, CASE reason_code WHEN 'no_account' THEN 'potential' WHEN 'all_closed' THEN 'lost' WHEN 'balance_gone' THEN 'lost' WHEN 'returned' THEN 'won_back'
                   WHEN 'balance_fell' THEN 'declining' WHEN 'asleep' THEN 'declining' WHEN 'new_customer' THEN 'trial'
                   WHEN 'first_year' THEN 'growing' WHEN 'balance_grew' THEN 'growing' WHEN 'new_family' THEN 'growing' ELSE 'mature' END AS stage,
           CASE WHEN reason_code IN ('all_closed', 'balance_gone', 'returned') THEN lost_base WHEN reason_code = 'balance_grew' THEN a3 ELSE base END AS base_average
    FROM judged
)
SELECT party_key, bucket, stage, reason_code, base_average, a0 AS now_average, tenure AS tenure_days, idle AS idle_days,
       CASE WHEN base_average > 0 THEN CAST(a0 AS DOUBLE) / CAST(base_average AS DOUBLE) - 1e0 END AS change_share,
       CASE WHEN stage = COALESCE(old_stage, '') THEN old_months + 1 ELSE 1 END AS months_in_stage,
       CASE WHEN stage = 'lost' OR reason_code = 'balance_fell' THEN lost_base WHEN stage = 'won_back' THEN old_base
            WHEN old_stage = 'won_back' OR (has_recovered AND NOT was_lost) THEN NULL ELSE old_base END AS old_base,
       stage IN ('lost', 'won_back') OR (was_lost AND old_stage <> 'won_back') AS was_lost
FROM named;

-- Reports from one joined row a customer.
CREATE TABLE customer AS
SELECT p.party_key, COALESCE(p.unit_no, '') AS unit_no, COALESCE(p.keeper_no, '') AS keeper_no, COALESCE(p.area, '') AS area, p.kind, t.held_rank,
       o.held_rank AS was_rank, w.aum, w.daily_average, w.accounts_open, w.families_held, s.stage, q.stage AS was_stage, s.base_average,
       c.age_band, c.in_concentration, c.contribution, a.mobile_active, a.web_active, t.party_key IS NOT NULL AS has_tier, c.party_key IS NOT NULL AS has_card, w.party_key IS NOT NULL AS has_wealth
FROM party AS p LEFT JOIN tier AS t USING (party_key) LEFT JOIN prev_tier AS o USING (party_key) LEFT JOIN wealth_month AS w USING (party_key)
LEFT JOIN stage AS s USING (party_key) LEFT JOIN prev_stage AS q USING (party_key) LEFT JOIN card AS c USING (party_key)
LEFT JOIN activity_month AS a USING (party_key);

CREATE TABLE r_unit_tier AS SELECT unit_no, keeper_no, kind, COALESCE(held_rank, -1) AS tier_rank, COUNT(*) AS customers, SUM(COALESCE(aum, 0)) AS aum,
    SUM(COALESCE(daily_average, 0)) AS daily_average FROM customer WHERE has_tier GROUP BY ALL;
CREATE TABLE r_unit_band AS SELECT unit_no, band, COUNT(*) AS customers, SUM(aum) AS aum FROM customer
    JOIN policy.lists_band ON sort = 'aum' AND aum >= lower_bound AND aum < upper_bound WHERE accounts_open > 0 GROUP BY ALL;
CREATE TABLE r_account_band AS SELECT COALESCE(unit_no, '') AS unit_no, band, COUNT(*) AS accounts, SUM(balance_base) AS balance
    FROM account_month JOIN account USING (account_no) JOIN now ON closed_on IS NULL OR closed_on > business_date
    JOIN policy.lists_band ON sort = 'account' AND balance_base >= lower_bound AND balance_base < upper_bound WHERE in_aum GROUP BY ALL;
CREATE TABLE r_migration AS SELECT unit_no, COALESCE(was_rank, -1) AS from_rank, COALESCE(held_rank, -1) AS to_rank, COUNT(*) AS customers, SUM(COALESCE(aum, 0)) AS aum
    FROM customer WHERE has_tier AND kind IN (SELECT kind FROM policy.aum_kind) AND (was_rank IS NOT NULL OR held_rank IS NOT NULL) GROUP BY ALL;
CREATE TABLE r_attrition AS SELECT unit_no, COALESCE(was_rank, -1) AS tier_rank, COUNT(*) AS customers, SUM(CASE WHEN stage = 'lost' THEN 1 ELSE 0 END) AS lost,
    SUM(CASE WHEN stage = 'declining' AND was_stage <> 'declining' THEN 1 ELSE 0 END) AS declining, SUM(CASE WHEN stage = 'lost' THEN COALESCE(base_average, 0) ELSE 0 END) AS lost_base
    FROM customer JOIN policy.value_segment AS g USING (kind) WHERE g.in_concentration AND stage IS NOT NULL AND was_stage NOT IN ('potential', 'lost') GROUP BY ALL;
CREATE TABLE r_age_channel AS SELECT unit_no, area, COALESCE(age_band, '') AS age_band, COUNT(*) AS customers, SUM(COALESCE(aum, 0)) AS aum,
    SUM(CASE WHEN mobile_active THEN 1 ELSE 0 END) AS mobile_active, SUM(CASE WHEN web_active THEN 1 ELSE 0 END) AS web_active
    FROM customer WHERE has_card AND in_concentration AND accounts_open > 0 GROUP BY ALL;
CREATE TABLE r_holding AS SELECT unit_no, COALESCE(families_held, 0) AS families_held, COUNT(*) AS customers, SUM(COALESCE(aum, 0)) AS aum FROM customer WHERE accounts_open > 0 GROUP BY ALL;
CREATE TABLE r_concentration AS
WITH valued AS (
    SELECT party_key, unit_no, 'aum' AS metric, aum AS amount FROM customer JOIN policy.value_segment USING (kind)
    WHERE value_segment.in_concentration AND aum IS NOT NULL AND accounts_open > 0
    UNION ALL SELECT party_key, unit_no, 'contribution', contribution FROM customer WHERE in_concentration AND contribution IS NOT NULL
),
placed AS (
    SELECT s.unit_no, metric, amount, ROW_NUMBER() OVER (PARTITION BY s.unit_no, metric ORDER BY amount DESC, party_key) AS place,
           COUNT(*) OVER (PARTITION BY s.unit_no, metric) AS n FROM valued JOIN unit_scope AS s ON s.member_no = valued.unit_no
)
SELECT unit_no, metric, CAST(CEIL(place * 1e2 / n) AS INTEGER) AS percent, COUNT(*) AS customers, SUM(amount) AS amount FROM placed GROUP BY ALL;
