WITH member AS (
  SELECT
    member.party_key,
    member.customer_no,
    customer.updated_on,
    customer.file,
    member.own_key = member.party_key AS is_first,
    customer.name,
    customer.sex,
    customer.birth_date,
    customer.village,
    customer.area,
    customer.occupation,
    customer.employer_name,
    customer.resident_type,
    customer.size_class,
    customer.industry,
    customer.risk_grade,
    customer.risk_expires_on,
    customer.renown_kind,
    customer.unit_no,
    customer.keeper_no,
    customer.id_no_token,
    customer.id_no_valid,
    customer.id_type,
    customer.professional
  FROM core__party_member AS member
  JOIN staged__customers AS customer
    ON customer.customer_no = member.customer_no
  WHERE
    member.members > 1
), ranked AS (
  SELECT
    member.*,
    MIN(COALESCE(source.place, 1000)) AS precedence
  FROM member
  LEFT JOIN policy__identity_source AS source
    ON SUBSTRING(member.file, LENGTH(member.file) - LENGTH(source.ending) + 1, 1000) = source.ending
  GROUP BY
    member.party_key,
    member.customer_no,
    member.updated_on,
    member.file,
    member.is_first,
    member.name,
    member.sex,
    member.birth_date,
    member.village,
    member.area,
    member.occupation,
    member.employer_name,
    member.resident_type,
    member.size_class,
    member.industry,
    member.risk_grade,
    member.risk_expires_on,
    member.renown_kind,
    member.unit_no,
    member.keeper_no,
    member.id_no_token,
    member.id_no_valid,
    member.id_type,
    member.professional
), entry AS (
  SELECT
    party_key,
    'name' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT name IS NULL
  UNION ALL
  SELECT
    party_key,
    'sex' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT sex IS NULL
  UNION ALL
  SELECT
    party_key,
    'birth_date' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT birth_date IS NULL
  UNION ALL
  SELECT
    party_key,
    'area' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT area IS NULL
  UNION ALL
  SELECT
    party_key,
    'village' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT village IS NULL
  UNION ALL
  SELECT
    party_key,
    'occupation' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT occupation IS NULL
  UNION ALL
  SELECT
    party_key,
    'employer_name' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT employer_name IS NULL
  UNION ALL
  SELECT
    party_key,
    'resident_type' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT resident_type IS NULL
  UNION ALL
  SELECT
    party_key,
    'size_class' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT size_class IS NULL
  UNION ALL
  SELECT
    party_key,
    'industry' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT industry IS NULL
  UNION ALL
  SELECT
    party_key,
    'risk' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    COALESCE(CAST(DATEDIFF(CAST('2200-01-01' AS DATE), risk_expires_on) AS BIGINT), 1000000) AS better
  FROM ranked
  WHERE
    NOT risk_grade IS NULL
  UNION ALL
  SELECT
    party_key,
    'renown' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT renown_kind IS NULL
  UNION ALL
  SELECT
    party_key,
    'identity' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    CASE
      WHEN id_no_valid AND id_type <> 'resident_id_15'
      THEN 0
      WHEN id_no_valid
      THEN 1
      ELSE 2
    END AS better
  FROM ranked
  WHERE
    NOT id_no_token IS NULL
  UNION ALL
  SELECT
    party_key,
    'unit' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    CASE WHEN is_first THEN 0 ELSE 1 END AS better
  FROM ranked
  WHERE
    NOT unit_no IS NULL
  UNION ALL
  SELECT
    party_key,
    'keeper' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    CASE WHEN is_first THEN 0 ELSE 1 END AS better
  FROM ranked
  WHERE
    NOT keeper_no IS NULL
  UNION ALL
  SELECT
    party_key,
    'professional' AS field,
    customer_no,
    updated_on,
    is_first,
    precedence,
    0 AS better
  FROM ranked
  WHERE
    NOT professional IS NULL
), placed AS (
  SELECT
    party_key,
    field,
    customer_no,
    updated_on,
    ROW_NUMBER() OVER (
      PARTITION BY party_key, field
      ORDER BY better ASC NULLS LAST, precedence ASC NULLS LAST, updated_on DESC, is_first DESC, customer_no ASC NULLS LAST
    ) AS place
  FROM entry
)
SELECT
  party_key,
  field,
  customer_no,
  updated_on
FROM placed
WHERE
  place = 1
