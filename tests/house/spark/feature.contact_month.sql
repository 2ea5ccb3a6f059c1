WITH contact AS (
  SELECT
    m.party_key,
    COUNT(*) AS contacts,
    SUM(CASE WHEN o.reached THEN 1 ELSE 0 END) AS reached,
    SUM(CASE WHEN o.reached AND c.channel IN ('visit', 'branch') THEN 1 ELSE 0 END) AS met,
    SUM(CASE WHEN c.intent_family <> '' THEN 1 ELSE 0 END) AS intents,
    MAX(c.day) AS last_contact_on,
    MAX(CASE WHEN o.reached THEN c.day END) AS last_reached_on
  FROM ops__contact AS c
  INNER JOIN core__party_member AS m
    ON m.customer_no = c.customer_no
  CROSS JOIN run__month AS r
  LEFT JOIN policy__interaction_outcome AS o
    ON o.outcome = c.outcome
  WHERE
    c.day >= r.month AND c.day <= r.business_date
  GROUP BY
    m.party_key
), promise AS (
  SELECT
    m.party_key,
    p.kept_on,
    CAST(DATEDIFF(r.month, p.due_on) AS BIGINT) - i.promise_grace_days AS over_at_first,
    CAST(DATEDIFF(r.business_date, p.due_on) AS BIGINT) - i.promise_grace_days AS over_at_last,
    CAST(DATEDIFF(COALESCE(p.kept_on, p.withdrawn_on), p.due_on) AS BIGINT) - i.promise_grace_days AS over_when_closed
  FROM ops__promise AS p
  INNER JOIN core__party_member AS m
    ON m.customer_no = p.customer_no
  CROSS JOIN policy__interaction AS i
  CROSS JOIN run__month AS r
), promised AS (
  SELECT
    p.party_key,
    SUM(
      CASE WHEN p.kept_on >= r.month AND p.kept_on <= r.business_date THEN 1 ELSE 0 END
    ) AS promises_kept,
    SUM(
      CASE
        WHEN p.over_at_first <= 1
        AND p.over_at_last >= 1
        AND COALESCE(p.over_when_closed, 1) >= 1
        THEN 1
        ELSE 0
      END
    ) AS promises_broken
  FROM promise AS p
  CROSS JOIN run__month AS r
  GROUP BY
    p.party_key
), seen AS (
  SELECT
    party_key
  FROM contact
  UNION
  SELECT
    party_key
  FROM promised
  WHERE
    promises_kept + promises_broken > 0
  UNION
  SELECT
    party_key
  FROM prev__feature_contact_month AS feature_contact_month
)
SELECT
  p.party_key,
  r.month,
  p.bucket,
  CAST(COALESCE(c.contacts, 0) AS INT) AS contacts,
  CAST(COALESCE(c.reached, 0) AS INT) AS reached,
  CAST(COALESCE(c.met, 0) AS INT) AS met,
  CAST(COALESCE(c.intents, 0) AS INT) AS intents,
  CAST(COALESCE(d.promises_kept, 0) AS INT) AS promises_kept,
  CAST(COALESCE(d.promises_broken, 0) AS INT) AS promises_broken,
  COALESCE(c.last_contact_on, b.last_contact_on) AS last_contact_on,
  COALESCE(c.last_reached_on, b.last_reached_on) AS last_reached_on
FROM seen AS s
INNER JOIN core__party AS p
  ON p.party_key = s.party_key
CROSS JOIN run__month AS r
LEFT JOIN contact AS c
  ON c.party_key = s.party_key
LEFT JOIN promised AS d
  ON d.party_key = s.party_key
LEFT JOIN prev__feature_contact_month AS b
  ON b.party_key = s.party_key
