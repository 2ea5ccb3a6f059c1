-- feature.contact_month · grain: party_key, month · scope: bucket · months: each · prev: yes
-- What was done for a customer in the month (客户跟进), from what people logged: contacts, those in which he was reached
-- or met, intents, promises kept and broken. A promise is broken on the day after its due day and grace when it was not
-- kept by then, also when it is kept later. The last days carry over from the month before.
WITH contact AS (
    SELECT
        m.party_key,
        COUNT(*) AS contacts,
        SUM(CASE WHEN o.reached THEN 1 ELSE 0 END) AS reached,
        SUM(CASE WHEN o.reached AND c.channel IN ('visit', 'branch') THEN 1 ELSE 0 END) AS met,
        SUM(CASE WHEN c.intent_family <> '' THEN 1 ELSE 0 END) AS intents,
        MAX(c.day) AS last_contact_on,
        MAX(CASE WHEN o.reached THEN c.day END) AS last_reached_on
    FROM ops.contact AS c
    INNER JOIN core.party_member AS m ON m.customer_no = c.customer_no
    CROSS JOIN run.month AS r
    LEFT JOIN policy.interaction_outcome AS o ON o.outcome = c.outcome
    WHERE c.day >= r.month AND c.day <= r.business_date
    GROUP BY m.party_key
),
promise AS (
    SELECT
        m.party_key,
        p.kept_on,
        DATE_DIFF('day', p.due_on, r.month) - i.promise_grace_days AS over_at_first,
        DATE_DIFF('day', p.due_on, r.business_date) - i.promise_grace_days AS over_at_last,
        DATE_DIFF('day', p.due_on, COALESCE(p.kept_on, p.withdrawn_on)) - i.promise_grace_days AS over_when_closed
    FROM ops.promise AS p
    INNER JOIN core.party_member AS m ON m.customer_no = p.customer_no
    CROSS JOIN policy.interaction AS i
    CROSS JOIN run.month AS r
),
promised AS (
    SELECT
        p.party_key,
        SUM(CASE WHEN p.kept_on >= r.month AND p.kept_on <= r.business_date THEN 1 ELSE 0 END) AS promises_kept,
        SUM(CASE
            WHEN p.over_at_first <= 1 AND p.over_at_last >= 1 AND COALESCE(p.over_when_closed, 1) >= 1 THEN 1
            ELSE 0
        END) AS promises_broken
    FROM promise AS p
    CROSS JOIN run.month AS r
    GROUP BY p.party_key
),
seen AS (
    SELECT party_key FROM contact
    UNION
    SELECT party_key FROM promised WHERE promises_kept + promises_broken > 0
    UNION
    SELECT party_key FROM prev.feature_contact_month
)
SELECT
    p.party_key,
    r.month,
    p.bucket,
    CAST(COALESCE(c.contacts, 0) AS INTEGER) AS contacts,
    CAST(COALESCE(c.reached, 0) AS INTEGER) AS reached,
    CAST(COALESCE(c.met, 0) AS INTEGER) AS met,
    CAST(COALESCE(c.intents, 0) AS INTEGER) AS intents,
    CAST(COALESCE(d.promises_kept, 0) AS INTEGER) AS promises_kept,
    CAST(COALESCE(d.promises_broken, 0) AS INTEGER) AS promises_broken,
    COALESCE(c.last_contact_on, b.last_contact_on) AS last_contact_on,
    COALESCE(c.last_reached_on, b.last_reached_on) AS last_reached_on
FROM seen AS s
INNER JOIN core.party AS p ON p.party_key = s.party_key
CROSS JOIN run.month AS r
LEFT JOIN contact AS c ON c.party_key = s.party_key
LEFT JOIN promised AS d ON d.party_key = s.party_key
LEFT JOIN prev.feature_contact_month AS b ON b.party_key = s.party_key
