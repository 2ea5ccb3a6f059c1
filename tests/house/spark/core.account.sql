WITH owned AS (
  SELECT
    account_no,
    COUNT(*) AS holders,
    MAX(CASE WHEN is_primary THEN party_key END) AS party_key,
    MAX(CASE WHEN is_primary THEN bucket END) AS bucket
  FROM core__holding AS holding
  GROUP BY
    account_no
), named AS (
  SELECT
    account.*,
    product.name AS product_name,
    COALESCE(product.family, account.family, 'demand') AS known_family
  FROM staged__accounts AS account
  LEFT JOIN staged__products AS product
    ON product.product_code = account.product_code
)
SELECT
  named.account_no,
  COALESCE(owned.bucket, CAST(0 AS SMALLINT)) AS bucket,
  owned.party_key,
  named.product_code,
  named.product_name,
  named.known_family AS family,
  named.unit_no,
  COALESCE(named.currency, month.base_currency) AS currency,
  named.opened_on,
  COALESCE(named.closed_on, CASE WHEN named.state = 'closed' THEN month.known_on END) AS closed_on,
  COALESCE(named.state, 'open') AS state,
  named.started_on,
  named.matures_on,
  named.term_days,
  named.rate,
  COALESCE(named.rolls_over, FALSE) AS rolls_over,
  named.account_class,
  named.acquired_by,
  named.loan_class,
  named.overdue_days,
  named.card_no_token AS card_token,
  named.card_no_masked AS card_masked,
  named.card_expires_on,
  named.due_on,
  named.due_amount,
  named.paid_from_no,
  NOT counted.family IS NULL AS in_aum,
  COALESCE(counted.weight, CAST(0 AS DECIMAL(9, 8))) AS aum_weight,
  CASE
    WHEN NOT counted.family IS NULL
    THEN counted.component
    WHEN named.known_family IN ('loan', 'card')
    THEN 'loan'
  END AS component,
  CAST(COALESCE(owned.holders, 0) AS INT) AS holders
FROM named
CROSS JOIN run__month AS month
LEFT JOIN owned
  ON owned.account_no = named.account_no
LEFT JOIN policy__aum_family AS counted
  ON counted.family = named.known_family
