WITH kept AS (
  SELECT
    m.party_key,
    LEAST(
      SUM(
        CAST(DATEDIFF(
          LEAST(COALESCE(t.valid_to, r.business_date), r.business_date),
          GREATEST(t.valid_from, r.month)
        ) AS BIGINT) + CASE WHEN t.valid_to IS NULL OR t.valid_to > r.business_date THEN 1 ELSE 0 END
      ),
      MAX(CAST(DATEDIFF(r.business_date, r.month) AS BIGINT) + 1)
    ) AS kept_days
  FROM ops__keeper_term AS t
  INNER JOIN core__party_member AS m
    ON m.customer_no = t.customer_no
  CROSS JOIN run__month AS r
  WHERE
    t.is_primary
    AND t.valid_from <= r.business_date
    AND (
      t.valid_to IS NULL OR t.valid_to > r.month
    )
  GROUP BY
    m.party_key
), used AS (
  SELECT
    m.party_key,
    COUNT(*) AS uses
  FROM ops__entitlement_use AS u
  INNER JOIN core__party_member AS m
    ON m.customer_no = u.customer_no
  CROSS JOIN run__month AS r
  WHERE
    u.day >= r.month AND u.day <= r.business_date
  GROUP BY
    m.party_key
)
SELECT
  r.month,
  COALESCE(p.unit_no, '') AS unit_no,
  COALESCE(t.held_rank, -1) AS tier_rank,
  COUNT(*) AS customers,
  SUM(k.kept_days) AS kept_days,
  SUM(COALESCE(c.contacts, 0)) AS contacts,
  SUM(CASE WHEN c.reached > 0 THEN 1 ELSE 0 END) AS reached_customers,
  SUM(COALESCE(u.uses, 0)) AS entitlement_uses
FROM kept AS k
INNER JOIN core__party AS p
  ON p.party_key = k.party_key
INNER JOIN policy__value_segment AS g
  ON g.kind = p.kind
CROSS JOIN run__month AS r
LEFT JOIN score__tier AS t
  ON t.party_key = k.party_key
LEFT JOIN feature__contact_month AS c
  ON c.party_key = k.party_key
LEFT JOIN used AS u
  ON u.party_key = k.party_key
WHERE
  g.in_concentration AND k.kept_days > 0
GROUP BY
  1,
  2,
  3
