-- feature.behaviour_month · grain: party_key, month · scope: bucket · months: each · prev: yes
-- What a customer did on the bank's own channels in the month (线上行为), by what each kind of event means: log-ins,
-- interests in products, things left half-way, redemptions and loans thought of. The last days carry over from the month
-- before. A kind that the policy registers no more counts among all events only. Customers of whom no event was ever
-- kept have no row.
WITH counted AS (
    SELECT
        m.party_key,
        SUM(e.times) AS online_events,
        SUM(CASE WHEN k.meaning = 'log_in' THEN e.times ELSE 0 END) AS online_log_ins,
        SUM(CASE WHEN k.meaning = 'interest' THEN e.times ELSE 0 END) AS interests,
        SUM(CASE WHEN k.meaning = 'abandon' THEN e.times ELSE 0 END) AS left_half_way,
        SUM(CASE WHEN k.meaning = 'redeem' THEN e.times ELSE 0 END) AS redemptions_viewed,
        SUM(CASE WHEN k.meaning = 'borrow' THEN e.times ELSE 0 END) AS loans_calculated,
        MAX(e.last_on) AS online_on,
        MAX(CASE WHEN k.meaning = 'interest' THEN e.last_on END) AS interest_on,
        MAX(CASE WHEN k.meaning = 'abandon' THEN e.last_on END) AS left_on,
        MAX(CASE WHEN k.meaning = 'redeem' THEN e.last_on END) AS redeem_on,
        MAX(CASE WHEN k.meaning = 'borrow' THEN e.last_on END) AS borrow_on
    FROM ops.behaviour_month AS e
    INNER JOIN core.party_member AS m ON m.customer_no = e.customer_no
    CROSS JOIN run.month AS r
    LEFT JOIN policy.behaviour_event AS k ON k.event_kind = e.event_kind
    WHERE e.month = r.month
    GROUP BY m.party_key
),
seen AS (
    SELECT party_key FROM counted
    UNION
    SELECT party_key FROM prev.feature_behaviour_month
)
SELECT
    p.party_key,
    r.month,
    p.bucket,
    CAST(COALESCE(c.online_events, 0) AS INTEGER) AS online_events,
    CAST(COALESCE(c.online_log_ins, 0) AS INTEGER) AS online_log_ins,
    CAST(COALESCE(c.interests, 0) AS INTEGER) AS interests,
    CAST(COALESCE(c.left_half_way, 0) AS INTEGER) AS left_half_way,
    CAST(COALESCE(c.redemptions_viewed, 0) AS INTEGER) AS redemptions_viewed,
    CAST(COALESCE(c.loans_calculated, 0) AS INTEGER) AS loans_calculated,
    COALESCE(c.online_on, b.online_on) AS online_on,
    COALESCE(c.interest_on, b.interest_on) AS interest_on,
    COALESCE(c.left_on, b.left_on) AS left_on,
    COALESCE(c.redeem_on, b.redeem_on) AS redeem_on,
    COALESCE(c.borrow_on, b.borrow_on) AS borrow_on
FROM seen AS s
INNER JOIN core.party AS p ON p.party_key = s.party_key
CROSS JOIN run.month AS r
LEFT JOIN counted AS c ON c.party_key = s.party_key
LEFT JOIN prev.feature_behaviour_month AS b ON b.party_key = s.party_key
