WITH home AS (
  SELECT DISTINCT
    member.party_key,
    held.address,
    written.family
  FROM core__link_key AS held
  JOIN core__party_member AS member
    ON member.customer_no = held.customer_no
  JOIN staged__customers AS customer
    ON customer.customer_no = held.customer_no
  JOIN core__link_name AS written
    ON written.name = customer.name
  WHERE
    held.kind = 'person' AND NOT held.address IS NULL AND written.family <> ''
), crowded AS (
  SELECT
    address,
    family,
    CAST(COUNT(*) AS INT) AS members
  FROM home
  GROUP BY
    address,
    family
), related AS (
  SELECT
    party_key AS left_key,
    other_key AS right_key
  FROM core__relation AS relation
  UNION
  SELECT
    other_key AS left_key,
    party_key AS right_key
  FROM core__relation AS relation
)
SELECT
  one.party_key AS left_key,
  other.party_key AS right_key,
  MIN(one.family) AS family,
  MIN(crowded.members) AS members
FROM home AS one
JOIN home AS other
  ON other.address = one.address
  AND other.family = one.family
  AND other.party_key > one.party_key
JOIN crowded
  ON crowded.address = one.address AND crowded.family = one.family
CROSS JOIN policy__identity AS line
LEFT JOIN related
  ON related.left_key = one.party_key AND related.right_key = other.party_key
WHERE
  crowded.members <= line.household_most AND related.left_key IS NULL
GROUP BY
  one.party_key,
  other.party_key
