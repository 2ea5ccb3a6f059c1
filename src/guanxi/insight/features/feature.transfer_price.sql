-- feature.transfer_price · grain: family, currency, tenor_days, price_day, month · scope: whole · months: each
-- The transfer price (内部资金转移价格, FTP) of each kind of account that stands in the month: matched at origination,
-- that is by the newest price list on or before the start day (month start for demand), and in it by the smallest
-- tenor that covers the account's. What no list covers keeps a NULL price and so is refused by name.
WITH wanted AS (
    SELECT
        f.priced_as AS family,
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
        COUNT(*) AS accounts
    FROM feature.account_month AS m
    INNER JOIN core.account AS a ON a.account_no = m.account_no
    INNER JOIN policy.contribution_family AS f ON f.family = a.family
    CROSS JOIN run.month AS r
    GROUP BY 1, 2, 3, 4
),
listed AS (
    SELECT
        family,
        currency,
        tenor_days AS covers_days,
        day AS valid_from,
        LEAD(day) OVER (PARTITION BY family, currency, tenor_days ORDER BY day ASC) AS valid_to,
        rate
    FROM staged.ftp_rates
),
matched AS (
    SELECT
        w.family,
        w.currency,
        w.tenor_days,
        w.price_day,
        w.accounts,
        l.rate,
        l.covers_days,
        l.valid_from,
        ROW_NUMBER() OVER (
            PARTITION BY w.family, w.currency, w.tenor_days, w.price_day ORDER BY l.covers_days ASC NULLS LAST
        ) AS nearest
    FROM wanted AS w
    LEFT JOIN listed AS l
        ON l.family = w.family
        AND l.currency = w.currency
        AND l.covers_days >= w.tenor_days
        AND l.valid_from <= w.price_day
        AND (l.valid_to IS NULL OR l.valid_to > w.price_day)
)
SELECT
    m.family,
    m.currency,
    m.tenor_days,
    m.price_day,
    r.month,
    m.rate AS ftp_rate,
    m.covers_days,
    m.valid_from,
    m.accounts
FROM matched AS m
CROSS JOIN run.month AS r
WHERE m.nearest = 1
