SELECT
  customer.customer_no,
  customer.party_key AS own_key,
  COALESCE(cluster.party_key, customer.party_key) AS party_key,
  COALESCE(cluster.party_uuid, customer.party_uuid) AS party_uuid,
  COALESCE(cluster.bucket, customer.bucket) AS bucket,
  COALESCE(cluster.decided_by, '') AS decided_by,
  customer.keeper_no,
  COALESCE(cluster.members, 1) AS members
FROM staged__customers AS customer
LEFT JOIN core__cluster AS cluster
  ON cluster.member_key = customer.party_key
