"""Who refused to be judged by their data (PIPL 24), as the steps that judge read it."""

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
