-- core.party · grain: party_key · scope: whole · months: none
-- The single customer (客户): one row a person, whatever numbers stand behind him or her. For a person of several
-- numbers each field is the one that core.party_source names; since is the earliest, and a death counts from any.
-- An owner holds an account, or none at all (a potential customer); someone who is only authorised, agent or guardian
-- on another's account is no owner and has no wealth. Without a managing outlet of his own the customer takes that of
-- the oldest account held, and nobody is a customer later than his oldest account. offers_paused folds every ground on
-- which nothing is offered into one, so that beyond this table nobody can tell which ground it is.
WITH held AS (
    SELECT holding.party_key, account.opened_on, account.unit_no,
           ROW_NUMBER() OVER (
               PARTITION BY holding.party_key
               ORDER BY account.opened_on ASC NULLS LAST, account.account_no ASC NULLS LAST
           ) AS place
    FROM core.holding AS holding
    JOIN staged.accounts AS account ON account.account_no = holding.account_no
),
named AS (
    SELECT party_key, COUNT(*) AS roles
    FROM core.account_role
    GROUP BY party_key
),
together AS (
    SELECT member.party_key, MIN(member.party_uuid) AS party_uuid, MIN(member.bucket) AS bucket,
           COALESCE(MAX(CASE WHEN member.own_key = member.party_key THEN customer.customer_no END),
                    MIN(customer.customer_no)) AS customer_no,
           COALESCE(MAX(CASE WHEN member.own_key = member.party_key THEN customer.kind END),
                    MIN(customer.kind)) AS kind,
           MIN(customer.since) AS since,
           CASE WHEN MAX(CASE WHEN customer.state = 'deceased' THEN 1 ELSE 0 END) = 1 THEN 'deceased'
                WHEN MIN(CASE WHEN customer.state = 'closed' THEN 1 ELSE 0 END) = 1 THEN 'closed'
                ELSE 'active' END AS state,
           MAX(CASE WHEN customer.no_offers OR customer.control <> 'allow' THEN 1 ELSE 0 END) = 1 AS offers_paused,
           MIN(customer.due_diligence_on) AS due_diligence_on
    FROM core.party_member AS member
    JOIN staged.customers AS customer ON customer.customer_no = member.customer_no
    WHERE member.members > 1
    GROUP BY member.party_key
),
picked AS (
    SELECT source.party_key,
           MAX(CASE WHEN source.field = 'name' THEN customer.name END) AS name,
           MAX(CASE WHEN source.field = 'sex' THEN customer.sex END) AS sex,
           MAX(CASE WHEN source.field = 'birth_date' THEN customer.birth_date END) AS birth_date,
           MAX(CASE WHEN source.field = 'unit' THEN customer.unit_no END) AS unit_no,
           MAX(CASE WHEN source.field = 'keeper' THEN customer.keeper_no END) AS keeper_no,
           MAX(CASE WHEN source.field = 'area' THEN customer.area END) AS area,
           MAX(CASE WHEN source.field = 'village' THEN customer.village END) AS village,
           MAX(CASE WHEN source.field = 'occupation' THEN customer.occupation END) AS occupation,
           MAX(CASE WHEN source.field = 'employer_name' THEN customer.employer_name END) AS employer_name,
           MAX(CASE WHEN source.field = 'resident_type' THEN customer.resident_type END) AS resident_type,
           MAX(CASE WHEN source.field = 'size_class' THEN customer.size_class END) AS size_class,
           MAX(CASE WHEN source.field = 'industry' THEN customer.industry END) AS industry,
           MAX(CASE WHEN source.field = 'risk' THEN customer.risk_grade END) AS risk_grade,
           MAX(CASE WHEN source.field = 'risk' THEN customer.risk_expires_on END) AS risk_expires_on,
           MAX(CASE WHEN source.field = 'professional' THEN customer.professional END) AS professional,
           MAX(CASE WHEN source.field = 'renown' THEN customer.renown_kind END) AS renown_kind,
           MAX(CASE WHEN source.field = 'renown' THEN customer.renown_source END) AS renown_source,
           MAX(CASE WHEN source.field = 'renown' THEN customer.renown_on END) AS renown_on,
           MAX(CASE WHEN source.field = 'identity' THEN customer.id_type END) AS id_type,
           MAX(CASE WHEN source.field = 'identity' THEN customer.id_no_token END) AS id_no_token,
           MAX(CASE WHEN source.field = 'identity' THEN customer.id_no_masked END) AS id_no_masked,
           MAX(CASE WHEN source.field = 'identity' THEN customer.id_no_valid END) AS id_no_valid
    FROM core.party_source AS source
    JOIN staged.customers AS customer ON customer.customer_no = source.customer_no
    GROUP BY source.party_key
),
person AS (
    SELECT customer.party_key, customer.party_uuid, customer.bucket, customer.customer_no, customer.kind,
           customer.since, customer.state,
           COALESCE(customer.no_offers, FALSE) OR COALESCE(customer.control, 'allow') <> 'allow' AS offers_paused,
           customer.due_diligence_on,
           customer.name, customer.sex, customer.birth_date, customer.unit_no, customer.keeper_no, customer.area,
           customer.village, customer.occupation, customer.employer_name, customer.resident_type,
           customer.size_class, customer.industry, customer.risk_grade, customer.risk_expires_on,
           customer.professional, customer.renown_kind, customer.renown_source, customer.renown_on,
           customer.id_type, customer.id_no_token, customer.id_no_masked, customer.id_no_valid
    FROM core.party_member AS member
    JOIN staged.customers AS customer ON customer.customer_no = member.customer_no
    WHERE member.members = 1
    UNION ALL
    SELECT together.party_key, together.party_uuid, together.bucket, together.customer_no, together.kind,
           together.since, together.state, together.offers_paused, together.due_diligence_on,
           picked.name, picked.sex, picked.birth_date, picked.unit_no, picked.keeper_no, picked.area,
           picked.village, picked.occupation, picked.employer_name, picked.resident_type, picked.size_class,
           picked.industry, picked.risk_grade, picked.risk_expires_on, picked.professional, picked.renown_kind,
           picked.renown_source, picked.renown_on, picked.id_type, picked.id_no_token, picked.id_no_masked,
           picked.id_no_valid
    FROM together
    LEFT JOIN picked ON picked.party_key = together.party_key
)
SELECT person.party_key, person.party_uuid, person.bucket, person.customer_no, person.kind, person.name,
       person.sex, person.birth_date,
       CASE WHEN person.since IS NULL OR person.since > held.opened_on THEN held.opened_on
            ELSE person.since END AS since,
       COALESCE(person.unit_no, held.unit_no) AS unit_no,
       person.keeper_no, person.area, person.village, person.occupation, person.employer_name,
       person.resident_type, person.size_class, person.industry, person.risk_grade, person.risk_expires_on,
       COALESCE(person.professional, FALSE) AS professional,
       COALESCE(person.offers_paused, FALSE) AS offers_paused, person.due_diligence_on,
       person.renown_kind, person.renown_source, person.renown_on,
       COALESCE(person.state, 'active') AS state,
       person.id_type, person.id_no_token AS id_token, person.id_no_masked AS id_masked,
       person.id_no_valid AS id_valid,
       held.party_key IS NOT NULL OR named.party_key IS NULL AS is_owner
FROM person
LEFT JOIN held ON held.party_key = person.party_key AND held.place = 1
LEFT JOIN named ON named.party_key = person.party_key
