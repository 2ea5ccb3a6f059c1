WITH part AS (
  SELECT
    m.account_no,
    m.month,
    m.side,
    m.without,
    m.margin AS whole_margin,
    m.expected_loss AS whole_loss,
    h.party_key,
    h.bucket,
    h.is_primary,
    CASE
      WHEN h.is_primary
      THEN 0
      ELSE ROUND(CAST(m.margin AS DECIMAL(24, 2)) * h.share, 2)
    END AS margin,
    CASE
      WHEN h.is_primary
      THEN 0
      ELSE ROUND(CAST(m.expected_loss AS DECIMAL(24, 2)) * h.share, 2)
    END AS expected_loss
  FROM feature__account_margin AS m
  INNER JOIN core__holding AS h
    ON h.account_no = m.account_no
  WHERE
    m.holders > 1
), given_away AS (
  SELECT
    account_no,
    SUM(margin) AS margin,
    SUM(expected_loss) AS expected_loss
  FROM part
  GROUP BY
    account_no
)
SELECT
  p.account_no,
  p.party_key,
  p.month,
  p.bucket,
  p.side,
  CASE WHEN p.is_primary THEN p.whole_margin - g.margin ELSE p.margin END AS margin,
  CASE WHEN p.is_primary THEN p.whole_loss - g.expected_loss ELSE p.expected_loss END AS expected_loss,
  p.without
FROM part AS p
INNER JOIN given_away AS g
  ON g.account_no = p.account_no
