WITH binned AS (
  SELECT
    c.party_key,
    c.segment,
    c.contribution_12m,
    CAST(RINT(FLOOR(c.composite_score * 1e2)) AS INT) AS bin
  FROM score__value_card AS c
  WHERE
    NOT c.segment IS NULL
), counted AS (
  SELECT
    b.segment,
    b.bin,
    COUNT(*) AS customers
  FROM binned AS b
  WHERE
    NOT b.bin IS NULL
  GROUP BY
    b.segment,
    b.bin
), ranked AS (
  SELECT
    c.segment,
    c.bin,
    c.customers,
    SUM(c.customers) OVER (
      PARTITION BY c.segment
      ORDER BY c.bin ASC NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS up_to,
    SUM(c.customers) OVER (PARTITION BY c.segment) AS everyone
  FROM counted AS c
), stood AS (
  SELECT
    b.party_key,
    'value' AS kind,
    b.segment AS scheme,
    CASE
      WHEN b.bin IS NULL
      THEN -1
      ELSE LEAST(10, 1 + (
        10 * (
          2 * t.up_to - t.customers
        )
      ) DIV (
        2 * t.everyone
      ))
    END AS standing,
    b.contribution_12m
  FROM binned AS b
  LEFT JOIN ranked AS t
    ON t.segment = b.segment AND t.bin = b.bin
  UNION ALL
  SELECT
    s.party_key,
    'scope' AS kind,
    'scope' AS scheme,
    CASE WHEN s.in_scope THEN 1 ELSE 0 END AS standing,
    c.contribution_12m
  FROM score__scope AS s
  LEFT JOIN score__value_card AS c
    ON c.party_key = s.party_key
)
SELECT
  r.month,
  s.kind,
  s.scheme,
  CAST(s.standing AS INT) AS standing,
  COUNT(*) AS customers,
  SUM(COALESCE(w.aum, 0)) AS aum,
  SUM(COALESCE(s.contribution_12m, 0)) AS contribution
FROM stood AS s
CROSS JOIN run__month AS r
LEFT JOIN feature__wealth_month AS w
  ON w.party_key = s.party_key
GROUP BY
  r.month,
  s.kind,
  s.scheme,
  CAST(s.standing AS INT)
