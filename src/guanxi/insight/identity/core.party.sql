-- core.party · grain: party_key · scope: whole · months: none
-- The single customer (客户). An owner holds an account, or none at all (a potential customer); someone who is only
-- authorised, agent or guardian on another's account is no owner and has no wealth.
-- Without a managing outlet of his own the customer takes that of the oldest account held, and nobody is a customer
-- later than his oldest account.
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
)
SELECT customer.party_key, customer.party_uuid, customer.bucket, customer.customer_no, customer.kind, customer.name,
       customer.sex, customer.birth_date,
       CASE WHEN customer.since IS NULL OR customer.since > held.opened_on THEN held.opened_on
            ELSE customer.since END AS since,
       COALESCE(customer.unit_no, held.unit_no) AS unit_no,
       customer.keeper_no, customer.area, customer.village, customer.occupation, customer.employer_name,
       customer.resident_type, customer.size_class, customer.industry, customer.risk_grade, customer.risk_expires_on,
       COALESCE(customer.professional, FALSE) AS professional,
       customer.renown_kind, customer.renown_source, customer.renown_on,
       COALESCE(customer.state, 'active') AS state,
       customer.id_type, customer.id_no_token AS id_token, customer.id_no_masked AS id_masked,
       customer.id_no_valid AS id_valid,
       held.party_key IS NOT NULL OR named.party_key IS NULL AS is_owner
FROM staged.customers AS customer
LEFT JOIN held ON held.party_key = customer.party_key AND held.place = 1
LEFT JOIN named ON named.party_key = customer.party_key
