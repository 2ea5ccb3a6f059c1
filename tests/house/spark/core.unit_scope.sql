WITH RECURSIVE known AS (
  SELECT
    unit_no
  FROM staged__units AS units
  UNION
  SELECT
    unit_no
  FROM staged__customers AS customers
  WHERE
    NOT unit_no IS NULL
  UNION
  SELECT
    unit_no
  FROM staged__accounts AS accounts
  WHERE
    NOT unit_no IS NULL
), below AS (
  SELECT
    unit_no,
    unit_no AS member_no,
    0 AS depth
  FROM known
  UNION ALL
  SELECT
    below.unit_no,
    unit.unit_no AS member_no,
    below.depth + 1 AS depth
  FROM below
  JOIN staged__units AS unit
    ON unit.parent_no = below.member_no AND unit.unit_no <> below.unit_no
  WHERE
    below.depth < 16
)
SELECT
  unit_no,
  member_no,
  MIN(depth) AS depth
FROM below
GROUP BY
  unit_no,
  member_no
