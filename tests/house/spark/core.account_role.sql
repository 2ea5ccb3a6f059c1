SELECT
  link.account_no,
  member.party_key,
  link.role
FROM staged__account_parties AS link
JOIN core__party_member AS member
  ON member.customer_no = link.customer_no
LEFT JOIN core__holding AS holding
  ON holding.account_no = link.account_no AND holding.party_key = member.party_key
WHERE
  NOT link.role IN ('holder', 'joint') OR holding.party_key IS NULL
GROUP BY
  link.account_no,
  member.party_key,
  link.role
