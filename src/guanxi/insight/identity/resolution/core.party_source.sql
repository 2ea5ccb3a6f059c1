-- core.party_source · grain: party_key, field · scope: whole · months: none
-- The golden record (客户主记录): for a person of several numbers, whose entry of each field counts. An entry beats a
-- gap; then the file whose entries count first by policy; then the younger entry; then the number the key came from.
-- What belongs together (number and kind of a document, grade and its expiry) is taken together: the document that
-- holds, the latest questionnaire; outlet and keeper stay with the number the key came from.
WITH member AS (
    SELECT member.party_key, member.customer_no, customer.updated_on, customer.file,
           member.own_key = member.party_key AS is_first,
           customer.name, customer.sex, customer.birth_date, customer.village, customer.area, customer.occupation,
           customer.employer_name, customer.resident_type, customer.size_class, customer.industry,
           customer.risk_grade, customer.risk_expires_on, customer.renown_kind, customer.unit_no, customer.keeper_no, customer.id_no_token,
           customer.id_no_valid, customer.id_type, customer.professional
    FROM core.party_member AS member
    JOIN staged.customers AS customer ON customer.customer_no = member.customer_no
    WHERE member.members > 1
),
ranked AS (
    SELECT member.*, MIN(COALESCE(source.place, 1000)) AS precedence
    FROM member
    LEFT JOIN policy.identity_source AS source
      ON SUBSTRING(member.file, LENGTH(member.file) - LENGTH(source.ending) + 1, 1000) = source.ending
    GROUP BY member.party_key, member.customer_no, member.updated_on, member.file, member.is_first, member.name, member.sex, member.birth_date,
             member.village, member.area, member.occupation, member.employer_name, member.resident_type, member.size_class,
             member.industry, member.risk_grade, member.risk_expires_on, member.renown_kind, member.unit_no, member.keeper_no, member.id_no_token,
             member.id_no_valid, member.id_type, member.professional
),
entry AS (
    SELECT party_key, 'name' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE name IS NOT NULL
    UNION ALL
    SELECT party_key, 'sex' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE sex IS NOT NULL
    UNION ALL
    SELECT party_key, 'birth_date' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE birth_date IS NOT NULL
    UNION ALL
    SELECT party_key, 'area' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE area IS NOT NULL
    UNION ALL
    SELECT party_key, 'village' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE village IS NOT NULL
    UNION ALL
    SELECT party_key, 'occupation' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE occupation IS NOT NULL
    UNION ALL
    SELECT party_key, 'employer_name' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE employer_name IS NOT NULL
    UNION ALL
    SELECT party_key, 'resident_type' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE resident_type IS NOT NULL
    UNION ALL
    SELECT party_key, 'size_class' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE size_class IS NOT NULL
    UNION ALL
    SELECT party_key, 'industry' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE industry IS NOT NULL
    UNION ALL
    SELECT party_key, 'risk' AS field, customer_no, updated_on, is_first, precedence,
           COALESCE(DATE_DIFF('day', risk_expires_on, DATE '2200-01-01'), 1000000) AS better
    FROM ranked
    WHERE risk_grade IS NOT NULL
    UNION ALL
    SELECT party_key, 'renown' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE renown_kind IS NOT NULL
    UNION ALL
    SELECT party_key, 'identity' AS field, customer_no, updated_on, is_first, precedence,
           CASE WHEN id_no_valid AND id_type <> 'resident_id_15' THEN 0 WHEN id_no_valid THEN 1 ELSE 2 END AS better
    FROM ranked
    WHERE id_no_token IS NOT NULL
    UNION ALL
    SELECT party_key, 'unit' AS field, customer_no, updated_on, is_first, precedence,
           CASE WHEN is_first THEN 0 ELSE 1 END AS better
    FROM ranked
    WHERE unit_no IS NOT NULL
    UNION ALL
    SELECT party_key, 'keeper' AS field, customer_no, updated_on, is_first, precedence,
           CASE WHEN is_first THEN 0 ELSE 1 END AS better
    FROM ranked
    WHERE keeper_no IS NOT NULL
    UNION ALL
    SELECT party_key, 'professional' AS field, customer_no, updated_on, is_first, precedence,
           0 AS better
    FROM ranked
    WHERE professional IS NOT NULL
),
placed AS (
    SELECT party_key, field, customer_no, updated_on,
           ROW_NUMBER() OVER (
               PARTITION BY party_key, field
               ORDER BY better ASC NULLS LAST, precedence ASC NULLS LAST, updated_on DESC NULLS LAST,
                        is_first DESC NULLS LAST, customer_no ASC NULLS LAST
           ) AS place
    FROM entry
)
SELECT party_key, field, customer_no, updated_on
FROM placed
WHERE place = 1
