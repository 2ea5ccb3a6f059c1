"""Products beside their list: the dated history of their terms, and who holds how much of each, by managing unit."""

from __future__ import annotations

from guanxi.pipeline.copying import Target

# A night that sees other terms than the last version writes one; the same night again corrects its own.
VERSION_STATEMENTS = (
    """
    WITH told AS (
        SELECT id, jsonb_strip_nulls(jsonb_build_object(
            'name', name, 'family', family, 'risk_grade', risk_grade, 'issuer_risk_grade', issuer_risk_grade,
            'sold_from', sold_from::text, 'sold_to', sold_to::text, 'issuer', issuer, 'currency', currency,
            'min_fen', min_fen::text, 'term_days', term_days::text, 'rate', rate::text, 'rate_to', rate_to::text,
            'note', note
        )) AS terms
        FROM catalog_product
    ), last AS (
        SELECT DISTINCT ON (product_id) product_id, terms FROM catalog_productversion
        WHERE known_on <= %(day)s ORDER BY product_id, known_on DESC
    )
    INSERT INTO catalog_productversion (product_id, known_on, terms)
    SELECT told.id, %(day)s, told.terms FROM told LEFT JOIN last ON last.product_id = told.id
    WHERE last.terms IS DISTINCT FROM told.terms
    ON CONFLICT (product_id, known_on) DO UPDATE SET terms = EXCLUDED.terms
    """,
)

PRODUCT_HELD = (
    Target(
        "catalog_productheld",
        ("product_code", "unit_id"),
        ("product_code", "unit_id", "customers", "held_fen", "maturing", "maturing_fen"),
    ),
    """
    WITH held AS (
        SELECT account.product_code, party.unit_no, own.party_key, account.account_no,
               account.matures_on BETWEEN day.business_date AND day.business_date + 30 AS matures,
               fen(ROUND(CAST(month.balance_base AS DECIMAL(38,2)) * own.share, 2)) AS money
        FROM core.holding AS own
        JOIN core.account AS account ON account.account_no = own.account_no
        JOIN core.party AS party ON party.party_key = own.party_key
        LEFT JOIN feature.account_month AS month ON month.account_no = own.account_no
        CROSS JOIN publish.day AS day
        WHERE account.product_code IS NOT NULL AND COALESCE(account.state, 'open') <> 'closed'
    )
    SELECT held.product_code, COALESCE(unit.id, root.id), COUNT(DISTINCT held.party_key),
           COALESCE(SUM(held.money), 0), SUM(CASE WHEN held.matures THEN 1 ELSE 0 END),
           COALESCE(SUM(CASE WHEN held.matures THEN held.money END), 0)
    FROM held
    LEFT JOIN publish.unit AS unit ON unit.no = held.unit_no
    CROSS JOIN (SELECT MIN(id) AS id FROM publish.unit) AS root
    GROUP BY held.product_code, COALESCE(unit.id, root.id)
    """,
)
