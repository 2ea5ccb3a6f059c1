WITH known AS (
  SELECT
    MIN(t.valid_from) AS first_day
  FROM ops__keeper_term AS t
), term AS (
  SELECT
    m.party_key,
    t.staff_no,
    t.valid_from,
    t.valid_to,
    ROW_NUMBER() OVER (
      PARTITION BY m.party_key
      ORDER BY t.valid_from ASC NULLS LAST, t.staff_no ASC NULLS LAST, t.customer_no ASC NULLS LAST
    ) AS place
  FROM ops__keeper_term AS t
  INNER JOIN core__party_member AS m
    ON m.customer_no = t.customer_no
  WHERE
    t.is_primary
), hand AS (
  SELECT
    t.party_key,
    MAX(
      CASE
        WHEN t.valid_from < r.month AND (
          t.valid_to IS NULL OR t.valid_to >= r.month
        )
        THEN t.staff_no
      END
    ) AS before_no,
    MAX(
      CASE
        WHEN t.valid_from <= r.business_date
        AND (
          t.valid_to IS NULL OR t.valid_to > r.business_date
        )
        THEN t.staff_no
      END
    ) AS now_no,
    MAX(CASE WHEN t.place = 1 THEN t.staff_no END) AS first_no
  FROM term AS t
  CROSS JOIN run__month AS r
  GROUP BY
    t.party_key
)
SELECT
  p.party_key,
  r.month,
  p.bucket,
  CASE
    WHEN h.party_key IS NULL
    THEN COALESCE(p.keeper_no, '')
    WHEN r.month <= k.first_day
    THEN h.first_no
    ELSE COALESCE(h.before_no, '')
  END AS keeper_before,
  CASE
    WHEN h.party_key IS NULL
    THEN COALESCE(p.keeper_no, '')
    WHEN r.business_date < k.first_day
    THEN h.first_no
    ELSE COALESCE(h.now_no, '')
  END AS keeper_now
FROM core__party AS p
CROSS JOIN run__month AS r
CROSS JOIN known AS k
LEFT JOIN hand AS h
  ON h.party_key = p.party_key
