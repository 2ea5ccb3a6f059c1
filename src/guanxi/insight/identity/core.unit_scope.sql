-- core.unit_scope · grain: unit_no, member_no · scope: whole · months: none
-- Every unit with itself and all units below it. A unit that customers or accounts name but the tree lacks stands
-- alone, so that no sum loses it.
WITH RECURSIVE known AS (
    SELECT unit_no FROM staged.units
    UNION
    SELECT unit_no FROM staged.customers WHERE unit_no IS NOT NULL
    UNION
    SELECT unit_no FROM staged.accounts WHERE unit_no IS NOT NULL
),
below AS (
    SELECT unit_no, unit_no AS member_no, 0 AS depth
    FROM known
    UNION ALL
    SELECT below.unit_no, unit.unit_no AS member_no, below.depth + 1 AS depth
    FROM below
    JOIN staged.units AS unit ON unit.parent_no = below.member_no AND unit.unit_no <> below.unit_no
    WHERE below.depth < 16
)
SELECT unit_no, member_no, MIN(depth) AS depth
FROM below
GROUP BY unit_no, member_no
