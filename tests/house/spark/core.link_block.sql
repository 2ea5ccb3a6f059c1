SELECT
  'by_id' AS rule,
  by_id AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_id IS NULL
GROUP BY
  by_id
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_id_a' AS rule,
  by_id_a AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_id_a IS NULL
GROUP BY
  by_id_a
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_id_b' AS rule,
  by_id_b AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_id_b IS NULL
GROUP BY
  by_id_b
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_id_c' AS rule,
  by_id_c AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_id_c IS NULL
GROUP BY
  by_id_c
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_phone' AS rule,
  by_phone AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_phone IS NULL
GROUP BY
  by_phone
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_name_birth' AS rule,
  by_name_birth AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_name_birth IS NULL
GROUP BY
  by_name_birth
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_first_birth' AS rule,
  by_first_birth AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_first_birth IS NULL
GROUP BY
  by_first_birth
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_last_birth' AS rule,
  by_last_birth AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_last_birth IS NULL
GROUP BY
  by_last_birth
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_name_year' AS rule,
  by_name_year AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_name_year IS NULL
GROUP BY
  by_name_year
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_birth_address' AS rule,
  by_birth_address AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_birth_address IS NULL
GROUP BY
  by_birth_address
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_name_address' AS rule,
  by_name_address AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_name_address IS NULL
GROUP BY
  by_name_address
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_street' AS rule,
  by_street AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_street IS NULL
GROUP BY
  by_street
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_email' AS rule,
  by_email AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_email IS NULL
GROUP BY
  by_email
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_name_employer' AS rule,
  by_name_employer AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_name_employer IS NULL
GROUP BY
  by_name_employer
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_name' AS rule,
  by_name AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_name IS NULL
GROUP BY
  by_name
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_email_local' AS rule,
  by_email_local AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_email_local IS NULL
GROUP BY
  by_email_local
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_email_year' AS rule,
  by_email_year AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_email_year IS NULL
GROUP BY
  by_email_year
HAVING
  COUNT(*) > 1
UNION ALL
SELECT
  'by_birth' AS rule,
  by_birth AS value,
  CAST(COUNT(*) AS INT) AS records
FROM core__link_key AS link_key
WHERE
  NOT by_birth IS NULL
GROUP BY
  by_birth
HAVING
  COUNT(*) > 1
