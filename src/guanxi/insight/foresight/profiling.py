"""Whom no model judges: who refused it (PIPL 24), whose processing is restricted (PIPL 47), and children (PIPL 28 and
31). As the steps that judge read it."""

# Each customer's words on profiling up to the business date, the newest first; on one day a refusal counts. A
# restriction is a refusal before all words. Who joins it keeps rows with `newest = 1`; nobody who never said a word
# stands in it. Reads staged.consents, core.party, ops.restriction and run.month.
SAID_ON_PROFILING = """
        SELECT word.party_key, word.agreed,
               ROW_NUMBER() OVER (
                   PARTITION BY word.party_key
                   ORDER BY word.restricted DESC, word.given_on DESC, word.agreed ASC, word.channel ASC
               ) AS newest
        FROM (
            SELECT p.party_key, c.agreed, c.given_on, c.channel, 0 AS restricted
            FROM staged.consents AS c
            JOIN core.party AS p ON p.customer_no = c.customer_no
            CROSS JOIN run.month AS r
            WHERE c.purpose = 'profiling' AND c.given_on <= r.business_date
            UNION ALL
            SELECT z.party_key, FALSE, r.business_date, '', 1
            FROM ops.restriction AS z
            CROSS JOIN run.month AS r
        ) AS word
"""


def is_child(born: str, day: str, age: str) -> str:
    """A SQL condition: fewer than `age` full years on `day`, each full from the day after the birthday (29 February:
    the birthday is 1 March in other years), as `contact.decision` counts them. Of unknown birth is no child."""
    leap = f"(YEAR({day}) % 4 = 0 AND YEAR({day}) % 100 <> 0 OR YEAR({day}) % 400 = 0)"
    birthday = f"MONTH({born}) * 100 + DAY({born})"
    birthday = f"CASE WHEN {birthday} = 229 AND NOT {leap} THEN 301 ELSE {birthday} END"
    had = f"CASE WHEN MONTH({day}) * 100 + DAY({day}) > {birthday} THEN 0 ELSE 1 END"
    return f"COALESCE(YEAR({day}) - YEAR({born}) - {had} < {age}, FALSE)"
