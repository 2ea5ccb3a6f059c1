"""Customers, what finds them, what they hold and whom they know: SELECTs from the lake, one per published table.

Each SELECT gives its target's columns in order. A customer whose outlet the extract does not know is put under the
root unit, so that nobody is lost from sight.
"""

from __future__ import annotations

from guanxi.pipeline.copying import Target

PRODUCT = (
    Target(
        "catalog_product",
        ("product_code",),
        (
            "product_code", "name", "family", "risk_grade", "issuer_risk_grade", "sold_from", "sold_to", "issuer",
            "currency", "min_fen", "term_days", "rate", "rate_to", "note",
        ),
        remove_missing=False,
    ),
    """
    SELECT product_code, name, family, risk_grade, issuer_risk_grade, sold_from, sold_to, issuer, currency,
           fen(min_amount), term_days, rate, rate_to, note
    FROM staged.products
    """,
)  # fmt: skip

# A keeper assigned in the system stands until the extract names another one than the night before.
UNIT_OF_PARTY = """
LEFT JOIN publish.unit AS unit ON unit.no = party.unit_no
LEFT JOIN publish.keeper AS keeper ON keeper.party_key = party.party_key
CROSS JOIN (SELECT MIN(id) AS id FROM publish.unit) AS root
"""
KEEPERS = """
CREATE OR REPLACE TABLE publish.keeper AS
WITH party AS (
    SELECT party_key, keeper_no FROM core.party
    UNION ALL
    SELECT own_key, keeper_no FROM core.party_member WHERE own_key <> party_key
), stood AS (
    SELECT party_key, keeper_no FROM before.core_party
    UNION ALL
    SELECT own_key, keeper_no FROM before.core_party_member WHERE own_key <> party_key
)
SELECT party.party_key,
       CASE WHEN stood.party_key IS NOT NULL AND stood.keeper_no IS NOT DISTINCT FROM party.keeper_no
            THEN stands.keeper_id ELSE named.id END AS id
FROM party
LEFT JOIN stood ON stood.party_key = party.party_key
LEFT JOIN publish.keeper_now AS stands ON stands.party_key = party.party_key
LEFT JOIN publish.staff AS named ON named.no = party.keeper_no
"""
# Whose keeper the store and tonight see differently: the store's copies follow assignments by day, so rows of these
# customers are written again though the lake says of them what it said before.
KEEPER_MOVED = """
CREATE OR REPLACE TABLE publish.keeper_moved AS
SELECT keeper.party_key
FROM publish.keeper AS keeper
LEFT JOIN publish.keeper_now AS stands ON stands.party_key = keeper.party_key
WHERE keeper.id IS DISTINCT FROM stands.keeper_id
"""

PARTY = (
    Target(
        "customers_party",
        ("id",),
        (
            "id", "uuid", "customer_no", "kind", "name", "name_pinyin", "sex", "birth_date", "since", "unit_id",
            "keeper_id", "area", "village", "occupation", "employer_name", "resident_type", "size_class", "industry",
            "risk_grade", "risk_expires_on", "offers_paused", "due_diligence_on", "renown_kind", "renown_source",
            "renown_on", "state", "id_type", "id_masked", "id_valid", "is_owner", "merged_into_id", "merged_by",
        ),
        remove_missing=False,  # a customer is never deleted by a night; one no longer delivered keeps what was known
    ),
    f"""
    SELECT party.party_key, party.party_uuid, party.customer_no, party.kind, COALESCE(party.name, ''),
           COALESCE(pinyin.sort_key, ''), party.sex, party.birth_date, party.since, COALESCE(unit.id, root.id),
           keeper.id, party.area, party.village, party.occupation, party.employer_name, party.resident_type,
           party.size_class, party.industry, party.risk_grade, party.risk_expires_on, party.offers_paused,
           party.due_diligence_on, party.renown_kind,
           party.renown_source, party.renown_on, COALESCE(party.state, 'active'), party.id_type, party.id_masked,
           party.id_valid, party.is_owner, CAST(NULL AS BIGINT), ''
    FROM core.party AS party
    LEFT JOIN publish.pinyin AS pinyin ON pinyin.name = party.name
    {UNIT_OF_PARTY}
    UNION ALL
    SELECT party.party_key, party.party_uuid, party.customer_no, party.kind, COALESCE(party.name, ''),
           COALESCE(pinyin.sort_key, ''), party.sex, party.birth_date, party.since, COALESCE(unit.id, root.id),
           keeper.id, party.area, party.village, party.occupation, party.employer_name, party.resident_type,
           party.size_class, party.industry, party.risk_grade, party.risk_expires_on, FALSE, party.due_diligence_on,
           party.renown_kind,
           party.renown_source, party.renown_on, COALESCE(party.state, 'active'), party.id_type, party.id_no_masked,
           party.id_no_valid, FALSE, member.party_key, member.decided_by
    FROM core.party_member AS member
    JOIN staged.customers AS party ON party.customer_no = member.customer_no AND member.own_key <> member.party_key
    LEFT JOIN publish.pinyin AS pinyin ON pinyin.name = party.name
    {UNIT_OF_PARTY}
    """,
)  # fmt: skip

NAME_GRAM = (
    Target("customers_namegram", ("party_id", "gram"), ("party_id", "gram", "unit_id", "keeper_id")),
    f"""
    SELECT party.party_key, gram.gram, COALESCE(unit.id, root.id), keeper.id
    FROM core.party AS party JOIN publish.gram AS gram ON gram.name = party.name
    {UNIT_OF_PARTY}
    """,
)

IDENTIFIER = (
    Target(
        "customers_identifier",
        ("party_id", "kind", "token"),
        ("party_id", "kind", "token", "masked", "valid"),
    ),
    """
    SELECT member.party_key, 'id', customer.id_no_token, MIN(COALESCE(customer.id_no_masked, '')),
           BOOL_OR(customer.id_no_valid)
    FROM core.party_member AS member
    JOIN staged.customers AS customer ON customer.customer_no = member.customer_no
    WHERE customer.id_no_token IS NOT NULL GROUP BY member.party_key, customer.id_no_token
    UNION ALL
    SELECT party_key, 'card', card_token, MIN(COALESCE(card_masked, '')), CAST(NULL AS BOOLEAN)
    FROM core.account WHERE card_token IS NOT NULL AND party_key IS NOT NULL GROUP BY party_key, card_token
    """,
)

CONTACT_POINT = (
    Target(
        "customers_contactpoint",
        ("party_id", "kind", "token"),
        ("party_id", "kind", "token", "masked", "is_primary", "valid"),
    ),
    """
    SELECT member.party_key, point.kind, point.value_token, MIN(COALESCE(point.value_masked, '')),
           BOOL_OR(COALESCE(point.is_primary, FALSE)), BOOL_OR(point.value_valid)
    FROM staged.contact_points AS point
    JOIN core.party_member AS member ON member.customer_no = point.customer_no
    WHERE point.value_token IS NOT NULL GROUP BY member.party_key, point.kind, point.value_token
    """,
)

CONSENT = (
    Target(
        "customers_consent",
        ("party_id", "purpose", "channel", "given_on"),
        ("party_id", "purpose", "channel", "given_on", "agreed", "source"),
        remove_missing=False,  # a consent once given or refused is proof and stays
    ),
    """
    SELECT member.party_key, consent.purpose, consent.channel, consent.given_on, BOOL_AND(consent.agreed),
           MIN(consent.source)
    FROM staged.consents AS consent
    JOIN core.party_member AS member ON member.customer_no = consent.customer_no
    GROUP BY member.party_key, consent.purpose, consent.channel, consent.given_on
    """,
)

RELATION = (
    Target(
        "customers_relation",
        ("party_id", "other_id", "kind"),
        ("party_id", "other_id", "kind", "valid_from", "valid_to", "evidence"),
    ),
    "SELECT party_key, other_key, kind, valid_from, valid_to, evidence FROM core.relation",
)

_ACCOUNT_COLUMNS = """
    account.product_code, account.product_name, account.family, unit.id AS unit_id, account.currency,
    fen(month.balance) AS balance_fen, COALESCE(fen(month.in_transit), 0) AS in_transit_fen,
    fen(month.balance_base) AS balance_base_fen, COALESCE(fen(month.in_transit_base), 0) AS in_transit_base_fen,
    account.rate, account.opened_on, account.closed_on, account.matures_on, account.term_days, account.rolls_over,
    COALESCE(account.in_aum, FALSE) AS in_aum, COALESCE(account.state, 'open') AS state, account.card_masked,
    account.card_expires_on, COALESCE(said.card, FALSE) AS card_ends, account.due_on,
    fen(account.due_amount) AS due_fen, account.paid_from_no, fen(said.short) AS short_fen
"""
_ACCOUNT_SOURCE = """
    JOIN core.account AS account ON account.account_no = who.account_no
    LEFT JOIN feature.account_month AS month ON month.account_no = who.account_no
    LEFT JOIN publish.unit AS unit ON unit.no = account.unit_no
    LEFT JOIN (
        SELECT account_no, BOOL_OR(kind = 'card') AS card, MAX(short) AS short FROM report.reminder GROUP BY account_no
    ) AS said ON said.account_no = who.account_no
"""

HOLDING = (
    Target(
        "customers_holding",
        ("party_id", "account_no", "role"),
        (
            "party_id", "account_no", "role", "share", "is_primary", "product_code", "product_name", "family",
            "unit_id", "currency", "balance_fen", "in_transit_fen", "balance_base_fen", "in_transit_base_fen", "rate",
            "opened_on", "closed_on", "matures_on", "term_days", "rolls_over", "in_aum", "state", "card_masked",
            "card_expires_on", "card_ends", "due_on", "due_fen", "paid_from_no", "short_fen",
        ),
    ),
    f"""
    SELECT who.party_key, who.account_no, CASE WHEN who.is_primary THEN 'holder' ELSE 'joint' END, who.share,
           who.is_primary, {_ACCOUNT_COLUMNS}
    FROM core.holding AS who {_ACCOUNT_SOURCE}
    UNION ALL
    SELECT who.party_key, who.account_no, who.role, 0, FALSE, {_ACCOUNT_COLUMNS}
    FROM core.account_role AS who {_ACCOUNT_SOURCE}
    """,
)  # fmt: skip

CREDIT = (
    Target("customers_credit", ("party_id",), ("party_id", "grade", "line_fen", "used_fen", "expires_on")),
    """
    SELECT party_key, MAX(CASE WHEN place = 1 THEN grade END), fen(SUM(credit_line)), fen(SUM(used)),
           MAX(CASE WHEN place = 1 THEN expires_on END)
    FROM (
        SELECT member.party_key, credit.grade, credit.credit_line, credit.used, credit.expires_on,
               ROW_NUMBER() OVER (
                   PARTITION BY member.party_key ORDER BY credit.expires_on DESC NULLS LAST, credit.customer_no
               ) AS place
        FROM staged.credit AS credit
        JOIN core.party_member AS member ON member.customer_no = credit.customer_no
    )
    GROUP BY party_key
    """,
)

CUSTOMER_PUBLICATIONS = (
    PRODUCT,
    PARTY,
    NAME_GRAM,
    IDENTIFIER,
    CONTACT_POINT,
    CONSENT,
    RELATION,
    HOLDING,
    CREDIT,
)

# A keeper named by the extract closes the open term and opens his own; one staying the same touches nothing.
KEEPER_STATEMENTS = (
    """
    UPDATE customers_keeperterm AS term SET valid_to = GREATEST(%(day)s, term.valid_from + 1)
    FROM customers_party AS party
    WHERE party.id = term.party_id AND term.valid_to IS NULL AND term.is_primary
      AND party.keeper_id IS DISTINCT FROM term.staff_id
    """,
    """
    INSERT INTO customers_keeperterm (party_id, staff_id, is_primary, valid_from)
    SELECT party.id, party.keeper_id, TRUE, %(day)s FROM customers_party AS party
    WHERE party.keeper_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM customers_keeperterm AS term
        WHERE term.party_id = party.id AND term.valid_to IS NULL AND term.is_primary
    )
    ON CONFLICT (party_id, staff_id, valid_from) DO UPDATE SET valid_to = NULL
    """,
)
