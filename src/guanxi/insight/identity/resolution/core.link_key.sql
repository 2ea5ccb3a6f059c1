-- core.link_key · grain: customer_no · scope: whole · months: none
-- What linkage compares of each customer number, and the values that bring pairs together. Organisations are compared
-- by their identifier alone. A rule must not bring half a town together: what many share stands with something rarer.
-- Phones, identity numbers and addresses are keyed tokens (the door keeps them so).
WITH numbered AS (
    SELECT customer_no, kind, value_parts, SUBSTRING(value_token, 1, 24) AS token,
           CASE WHEN kind IN ('mobile', 'phone') THEN 'phone' ELSE kind END AS means,
           ROW_NUMBER() OVER (
               PARTITION BY customer_no, CASE WHEN kind IN ('mobile', 'phone') THEN 'phone' ELSE kind END
               ORDER BY is_primary DESC NULLS LAST, kind ASC NULLS LAST, value_token ASC NULLS LAST
           ) AS place
    FROM staged.contact_points
    WHERE COALESCE(value_valid, TRUE)
),
reached AS (
    SELECT customer_no,
           MAX(CASE WHEN means = 'phone' AND place = 1 THEN token END) AS phone,
           MAX(CASE WHEN means = 'phone' AND place = 2 THEN token END) AS phone_other,
           MAX(CASE WHEN means = 'phone' AND place = 1 THEN value_parts END) AS phone_parts,
           MAX(CASE WHEN means = 'email' AND place = 1 THEN token END) AS email,
           MAX(CASE WHEN means = 'email' AND place = 1 THEN value_parts END) AS email_parts,
           MAX(CASE WHEN means = 'address' AND place = 1 THEN token END) AS address,
           MAX(CASE WHEN means = 'address' AND place = 1 THEN value_parts END) AS address_words
    FROM numbered
    GROUP BY customer_no
),
plain AS (
    SELECT customer.customer_no, customer.party_key, customer.kind,
           written.name_key, written.name_sound, written.name_order, written.name_first, written.name_last,
           written.family,
           CAST(customer.birth_date AS VARCHAR) AS birth, customer.sex,
           LOWER(TRIM(customer.employer_name)) AS employer,
           CASE WHEN customer.id_type IN ('resident_id', 'resident_id_15') THEN 'resident'
                ELSE COALESCE(customer.id_type, 'unknown') END AS id_kind,
           SUBSTRING(customer.id_no_parts, 1, 16) AS id_key, customer.id_no_valid AS id_valid,
           SUBSTRING(customer.id_no_parts, 18, 16) AS id_a, SUBSTRING(customer.id_no_parts, 35, 16) AS id_b,
           SUBSTRING(customer.id_no_parts, 52, 16) AS id_c,
           reached.phone, reached.phone_other,
           SUBSTRING(reached.phone_parts, 1, 16) AS phone_a, SUBSTRING(reached.phone_parts, 18, 16) AS phone_b,
           SUBSTRING(reached.phone_parts, 35, 16) AS phone_c,
           reached.email,
           SUBSTRING(reached.email_parts, 1, 16) AS email_local, SUBSTRING(reached.email_parts, 18, 16) AS email_domain,
           SUBSTRING(reached.email_parts, 35, 16) AS email_head, SUBSTRING(reached.email_parts, 52, 16) AS email_tail,
           reached.address, reached.address_words
    FROM staged.customers AS customer
    LEFT JOIN core.link_name AS written ON written.name = customer.name
    LEFT JOIN reached ON reached.customer_no = customer.customer_no
)
SELECT customer_no, party_key, kind, name_key, name_sound, name_order, name_first, name_last, birth, sex, employer,
       id_kind, id_key, id_valid, id_a, id_b, id_c, phone, phone_other, phone_a, phone_b, phone_c, email,
       email_local, email_domain, email_head, email_tail, address, address_words,
       id_key AS by_id,
       CASE WHEN kind = 'person' THEN id_a END AS by_id_a,
       CASE WHEN kind = 'person' THEN id_b END AS by_id_b,
       CASE WHEN kind = 'person' THEN id_c || '|' || name_order END AS by_id_c,
       CASE WHEN kind = 'person' THEN phone END AS by_phone,
       CASE WHEN kind = 'person' THEN name_order || '|' || birth END AS by_name_birth,
       CASE WHEN kind = 'person' AND family = name_last THEN name_first || '|' || birth END AS by_first_birth,
       CASE WHEN kind = 'person' AND name_last <> '' THEN name_last || '|' || birth END AS by_last_birth,
       CASE WHEN kind = 'person' THEN name_order || '|' || SUBSTRING(birth, 1, 4) END AS by_name_year,
       CASE WHEN kind = 'person' AND family = name_last AND name_order <> '' THEN name_order END AS by_name,
       CASE WHEN kind = 'person' THEN birth || '|' || address END AS by_birth_address,
       CASE WHEN kind = 'person' THEN name_order || '|' || address END AS by_name_address,
       CASE WHEN kind = 'person' AND LENGTH(address_words) >= 50
            THEN SUBSTRING(address_words, 1, 50) || '|' || SUBSTRING(birth, 1, 4) END AS by_street,
       CASE WHEN kind = 'person' THEN email END AS by_email,
       CASE WHEN kind = 'person' THEN email_local END AS by_email_local,
       CASE WHEN kind = 'person' THEN email_head || '|' || SUBSTRING(birth, 1, 4) END AS by_email_year,
       CASE WHEN kind = 'person' THEN name_order || '|' || employer END AS by_name_employer,
       CASE WHEN kind = 'person' THEN birth END AS by_birth
FROM plain
