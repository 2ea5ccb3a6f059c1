WITH offered AS (
  SELECT
    product.product_code,
    product.name,
    product.family,
    CASE
      WHEN graded.family IS NULL
      THEN 'free'
      ELSE COALESCE(
        GREATEST(
          COALESCE(product.risk_grade, product.issuer_risk_grade),
          COALESCE(product.issuer_risk_grade, product.risk_grade)
        ),
        'none'
      )
    END AS product_grade
  FROM staged__products AS product
  JOIN policy__need_family AS wanted
    ON wanted.family = product.family
  CROSS JOIN run__month AS month
  LEFT JOIN policy__suitability_family AS graded
    ON graded.family = product.family
  WHERE
    (
      product.sold_from IS NULL OR product.sold_from <= month.business_date
    )
    AND (
      product.sold_to IS NULL OR product.sold_to >= month.business_date
    )
), taken AS (
  SELECT
    account.product_code,
    COUNT(*) AS accounts
  FROM core__account AS account
  CROSS JOIN run__month AS month
  CROSS JOIN policy__need AS setting
  WHERE
    account.opened_on <= month.business_date
    AND CAST(DATEDIFF(month.business_date, account.opened_on) AS BIGINT) < setting.window_days
  GROUP BY
    account.product_code
), fitting AS (
  SELECT
    rule.customer_grade,
    rule.professional,
    rule.senior,
    rule.verdict AS answer,
    offered.family,
    offered.product_code,
    offered.name AS product_name,
    offered.product_grade,
    ROW_NUMBER() OVER (
      PARTITION BY rule.customer_grade, rule.professional, rule.senior, offered.family
      ORDER BY rule.verdict DESC, COALESCE(taken.accounts, 0) DESC, offered.product_code ASC NULLS LAST
    ) AS place,
    COUNT(*) OVER (PARTITION BY rule.customer_grade, rule.professional, rule.senior, offered.family) AS products
  FROM offered
  JOIN policy__suitability AS rule
    ON rule.product_grade = offered.product_grade AND rule.verdict <> 'unsuitable'
  LEFT JOIN taken
    ON taken.product_code = offered.product_code
)
SELECT
  customer_grade,
  professional,
  senior,
  family,
  product_code,
  product_name,
  product_grade,
  answer,
  products
FROM fitting
WHERE
  place = 1
