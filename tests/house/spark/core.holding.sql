WITH numbered AS (
  SELECT
    link.account_no,
    member.party_key,
    member.bucket,
    member.customer_no,
    MIN(link.role) AS role,
    SUM(link.share) AS share
  FROM staged__account_parties AS link
  JOIN core__party_member AS member
    ON member.customer_no = link.customer_no
  WHERE
    link.role IN ('holder', 'joint')
  GROUP BY
    link.account_no,
    member.party_key,
    member.bucket,
    member.customer_no
), owner AS (
  SELECT
    account_no,
    party_key,
    bucket,
    MIN(customer_no) AS customer_no,
    MIN(role) AS role,
    CASE WHEN COUNT(share) = COUNT(*) THEN SUM(share) END AS share
  FROM numbered
  GROUP BY
    account_no,
    party_key,
    bucket
), said AS (
  SELECT
    account_no,
    COUNT(*) AS owners,
    SUM(share) AS shares,
    SUM(CASE WHEN share IS NULL OR share <= 0 THEN 1 ELSE 0 END) AS without_share
  FROM owner
  GROUP BY
    account_no
), ranked AS (
  SELECT
    owner.account_no,
    owner.party_key,
    owner.bucket,
    owner.share,
    said.owners > 1 AND said.without_share = 0 AND said.shares = 1 AS is_split,
    ROW_NUMBER() OVER (
      PARTITION BY owner.account_no
      ORDER BY owner.role ASC NULLS LAST, owner.share DESC, owner.customer_no ASC NULLS LAST
    ) AS place
  FROM owner
  JOIN said
    ON said.account_no = owner.account_no
)
SELECT
  account_no,
  party_key,
  bucket,
  CASE WHEN is_split THEN share ELSE CAST(1 AS DECIMAL(9, 8)) END AS share,
  place = 1 AS is_primary
FROM ranked
WHERE
  is_split OR place = 1
