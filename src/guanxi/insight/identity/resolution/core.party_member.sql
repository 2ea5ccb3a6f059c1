-- core.party_member · grain: customer_no · scope: whole · months: none
-- Which party each source number belongs to: its own, unless it was found to be the same person as others. A party
-- keeps the key and the bucket of its first member; everything else on the way follows this table.
SELECT customer.customer_no, customer.party_key AS own_key,
       COALESCE(cluster.party_key, customer.party_key) AS party_key,
       COALESCE(cluster.party_uuid, customer.party_uuid) AS party_uuid,
       COALESCE(cluster.bucket, customer.bucket) AS bucket,
       COALESCE(cluster.decided_by, '') AS decided_by, customer.keeper_no,
       COALESCE(cluster.members, 1) AS members
FROM staged.customers AS customer
LEFT JOIN core.cluster AS cluster ON cluster.member_key = customer.party_key
