-- core.account_role · grain: account_no, party_key, role · scope: whole · months: none
-- Agents, guardians, authorised persons, and joint holders for whom the bank gives no share: named on an account,
-- without wealth in it.
SELECT link.account_no, member.party_key, link.role
FROM staged.account_parties AS link
JOIN core.party_member AS member ON member.customer_no = link.customer_no
LEFT JOIN core.holding AS holding
  ON holding.account_no = link.account_no AND holding.party_key = member.party_key
WHERE link.role NOT IN ('holder', 'joint') OR holding.party_key IS NULL
GROUP BY link.account_no, member.party_key, link.role
