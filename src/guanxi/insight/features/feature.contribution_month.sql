-- feature.contribution_month · grain: party_key, month · scope: bucket · months: each
-- Contribution (贡献度) of a customer's month: deposits earn the transfer price less their own rate, loans their own rate
-- less the transfer price (nothing while non-performing), each on Σ balance × days over the day basis of its family;
-- plus fees, minus expected loss, surtax and the cost to serve. Products are exact decimals, divided once at the end.
-- An account without a transfer price or rate is counted, and its holder's contribution is NULL.
WITH account AS (
    SELECT
        m.account_no,
        f.side,
        f.day_basis,
        COALESCE(c.earns, TRUE) AS earns,
        CAST(
            COALESCE(m.balance_days_base, CAST(m.balance_base AS DECIMAL(18, 2)) * r.days) AS DECIMAL(20, 2)
        ) AS balance_days,
        COALESCE(a.rate, f.default_rate) AS rate,
        f.priced_as,
        COALESCE(a.currency, r.base_currency) AS currency,
        CASE
            WHEN NOT f.has_term THEN 0
            ELSE COALESCE(a.term_days, DATE_DIFF('day', COALESCE(a.started_on, a.opened_on), a.matures_on), 0)
        END AS tenor_days,
        CASE
            WHEN NOT f.has_term THEN r.month
            WHEN a.started_on <= r.month_end THEN a.started_on
            WHEN a.opened_on <= r.month_end THEN a.opened_on
            ELSE r.month
        END AS price_day,
        CASE WHEN f.side = 'loan' AND COALESCE(c.earns, TRUE) THEN c.pd END AS class_pd,
        CASE WHEN f.side = 'loan' AND NOT COALESCE(c.earns, TRUE) THEN c.pd END AS failed_pd
    FROM feature.account_month AS m
    INNER JOIN core.account AS a ON a.account_no = m.account_no
    INNER JOIN policy.contribution_family AS f ON f.family = a.family
    LEFT JOIN policy.contribution_loan_class AS c ON c.loan_class = a.loan_class
    CROSS JOIN run.month AS r
),
priced AS (
    SELECT
        a.account_no,
        a.side,
        a.day_basis,
        a.balance_days,
        a.class_pd,
        a.failed_pd,
        CASE
            WHEN NOT a.earns THEN CAST(0 AS DECIMAL(9, 8))
            WHEN a.side = 'deposit' THEN CAST(p.ftp_rate - a.rate AS DECIMAL(9, 8))
            ELSE CAST(a.rate - p.ftp_rate AS DECIMAL(9, 8))
        END AS margin_rate
    FROM account AS a
    LEFT JOIN feature.transfer_price AS p
        ON p.family = a.priced_as
        AND p.currency = a.currency
        AND p.tenor_days = a.tenor_days
        AND p.price_day = a.price_day
),
held AS (
    SELECT
        h.party_key,
        p.side,
        p.day_basis,
        p.margin_rate IS NULL AS unpriced,
        CAST(CAST(p.balance_days * p.margin_rate AS DECIMAL(24, 6)) * h.share AS DECIMAL(28, 8)) AS margin_days,
        CASE
            WHEN p.side = 'loan'
                THEN CAST(
                    CAST(
                        p.balance_days
                        * CAST(
                            COALESCE(p.failed_pd, g.pd, p.class_pd, k.default_pd) * COALESCE(g.lgd, k.default_lgd)
                            AS DECIMAL(9, 8)
                        ) AS DECIMAL(24, 6)
                    ) * h.share AS DECIMAL(28, 8)
                )
            ELSE 0
        END AS loss_days
    FROM priced AS p
    INNER JOIN core.holding AS h ON h.account_no = p.account_no
    INNER JOIN core.party AS q ON q.party_key = h.party_key
    CROSS JOIN policy.contribution AS k
    LEFT JOIN staged.credit AS g ON g.customer_no = q.customer_no
),
by_basis AS (
    SELECT
        party_key,
        day_basis,
        SUM(CASE WHEN side = 'deposit' THEN margin_days ELSE 0 END) AS deposit_days,
        SUM(CASE WHEN side = 'loan' THEN margin_days ELSE 0 END) AS loan_days,
        SUM(loss_days) AS loss_days,
        SUM(CASE WHEN unpriced THEN 1 ELSE 0 END) AS unpriced
    FROM held
    GROUP BY party_key, day_basis
),
earned AS (
    SELECT
        b.party_key,
        SUM(CAST(CAST(b.deposit_days AS DOUBLE) / CAST(b.day_basis AS DOUBLE) AS DECIMAL(18, 2))) AS deposit_margin,
        SUM(CAST(CAST(b.loan_days AS DOUBLE) / CAST(b.day_basis AS DOUBLE) AS DECIMAL(18, 2))) AS loan_margin,
        SUM(
            CAST(CAST(b.loss_days AS DOUBLE) / (CAST(12 AS DOUBLE) * CAST(r.days_in_month AS DOUBLE)) AS DECIMAL(18, 2))
        ) AS expected_loss,
        SUM(b.unpriced) AS unpriced
    FROM by_basis AS b
    CROSS JOIN run.month AS r
    GROUP BY b.party_key
),
customer AS (
    SELECT party_key FROM earned
    UNION
    SELECT party_key FROM feature.wealth_month WHERE accounts_open > 0
    UNION
    SELECT party_key FROM feature.activity_month WHERE fee_amount <> 0
),
summed AS (
    SELECT
        c.party_key,
        COALESCE(e.deposit_margin, 0) AS deposit_margin,
        COALESCE(e.loan_margin, 0) AS loan_margin,
        COALESCE(a.fee_amount, 0) AS fee_income,
        COALESCE(e.expected_loss, 0) AS expected_loss,
        COALESCE(e.unpriced, 0) AS unpriced,
        CASE
            WHEN COALESCE(w.accounts_open, 0) > 0
                THEN CAST(
                    CAST(k.service_cost_year AS DOUBLE) * CAST(r.days AS DOUBLE)
                    / (CAST(12 AS DOUBLE) * CAST(r.days_in_month AS DOUBLE)) AS DECIMAL(18, 2)
                )
            ELSE CAST(0 AS DECIMAL(18, 2))
        END AS service_cost,
        CASE
            WHEN COALESCE(e.loan_margin, 0) + COALESCE(a.fee_amount, 0) > 0
                THEN CAST(
                    CAST(COALESCE(e.loan_margin, 0) + COALESCE(a.fee_amount, 0) AS DOUBLE)
                    * CAST(k.surtax_share AS DOUBLE) AS DECIMAL(18, 2)
                )
            ELSE CAST(0 AS DECIMAL(18, 2))
        END AS surtax
    FROM customer AS c
    CROSS JOIN policy.contribution AS k
    CROSS JOIN run.month AS r
    LEFT JOIN earned AS e ON e.party_key = c.party_key
    LEFT JOIN feature.wealth_month AS w ON w.party_key = c.party_key
    LEFT JOIN feature.activity_month AS a ON a.party_key = c.party_key
)
SELECT
    s.party_key,
    r.month,
    p.bucket,
    CASE WHEN s.unpriced = 0 THEN s.deposit_margin END AS deposit_margin,
    CASE WHEN s.unpriced = 0 THEN s.loan_margin END AS loan_margin,
    s.fee_income,
    s.expected_loss,
    s.surtax,
    s.service_cost,
    CASE
        WHEN s.unpriced = 0
            THEN s.deposit_margin + s.loan_margin + s.fee_income - s.expected_loss - s.surtax - s.service_cost
    END AS contribution,
    s.unpriced AS accounts_without_price
FROM summed AS s
INNER JOIN core.party AS p ON p.party_key = s.party_key
CROSS JOIN run.month AS r
