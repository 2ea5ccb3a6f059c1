-- core.link_block · grain: rule, value · scope: whole · months: none
-- Values that two or more customers share, by the rule that would bring them together: what the comparisons of a night
-- cost, and which values are too common to bring anybody together.
SELECT 'by_id' AS rule, by_id AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_id IS NOT NULL
GROUP BY by_id
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_id_a' AS rule, by_id_a AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_id_a IS NOT NULL
GROUP BY by_id_a
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_id_b' AS rule, by_id_b AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_id_b IS NOT NULL
GROUP BY by_id_b
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_id_c' AS rule, by_id_c AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_id_c IS NOT NULL
GROUP BY by_id_c
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_phone' AS rule, by_phone AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_phone IS NOT NULL
GROUP BY by_phone
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_name_birth' AS rule, by_name_birth AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_name_birth IS NOT NULL
GROUP BY by_name_birth
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_first_birth' AS rule, by_first_birth AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_first_birth IS NOT NULL
GROUP BY by_first_birth
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_last_birth' AS rule, by_last_birth AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_last_birth IS NOT NULL
GROUP BY by_last_birth
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_name_year' AS rule, by_name_year AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_name_year IS NOT NULL
GROUP BY by_name_year
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_birth_address' AS rule, by_birth_address AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_birth_address IS NOT NULL
GROUP BY by_birth_address
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_name_address' AS rule, by_name_address AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_name_address IS NOT NULL
GROUP BY by_name_address
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_street' AS rule, by_street AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_street IS NOT NULL
GROUP BY by_street
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_email' AS rule, by_email AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_email IS NOT NULL
GROUP BY by_email
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_name_employer' AS rule, by_name_employer AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_name_employer IS NOT NULL
GROUP BY by_name_employer
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_name' AS rule, by_name AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_name IS NOT NULL
GROUP BY by_name
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_email_local' AS rule, by_email_local AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_email_local IS NOT NULL
GROUP BY by_email_local
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_email_year' AS rule, by_email_year AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_email_year IS NOT NULL
GROUP BY by_email_year
HAVING COUNT(*) > 1
UNION ALL
SELECT 'by_birth' AS rule, by_birth AS value, CAST(COUNT(*) AS INTEGER) AS records
FROM core.link_key
WHERE by_birth IS NOT NULL
GROUP BY by_birth
HAVING COUNT(*) > 1
