"""Whom no model judges: who refused it (PIPL 24), and children (PIPL 28 and 31). As the steps that judge read it."""

# Each customer's words on profiling up to the business date, the newest first; on one day a refusal counts.
# Who joins it keeps rows with `newest = 1`; nobody who never said a word stands in it. Reads staged.consents,
# core.party and run.month.
SAID_ON_PROFILING = """
        SELECT p.party_key, c.agreed,
               ROW_NUMBER() OVER (
                   PARTITION BY p.party_key ORDER BY c.given_on DESC, c.agreed ASC, c.channel ASC
               ) AS newest
        FROM staged.consents AS c
        JOIN core.party AS p ON p.customer_no = c.customer_no
        CROSS JOIN run.month AS r
        WHERE c.purpose = 'profiling' AND c.given_on <= r.business_date
"""


def is_child(born: str, day: str, age: str) -> str:
    """A SQL condition: fewer than `age` full years on `day`, each full from the day after the birthday (29 February:
    the birthday is 1 March in other years), as `contact.decision` counts them. Of unknown birth is no child."""
    leap = f"(YEAR({day}) % 4 = 0 AND YEAR({day}) % 100 <> 0 OR YEAR({day}) % 400 = 0)"
    birthday = f"MONTH({born}) * 100 + DAY({born})"
    birthday = f"CASE WHEN {birthday} = 229 AND NOT {leap} THEN 301 ELSE {birthday} END"
    had = f"CASE WHEN MONTH({day}) * 100 + DAY({day}) > {birthday} THEN 0 ELSE 1 END"
    return f"COALESCE(YEAR({day}) - YEAR({born}) - {had} < {age}, FALSE)"
