"""Rating and credit lines (评级授信): one row a customer, and how far an outlet and a village are covered."""

from guanxi.insight.tables.shape import Table, table

CREDIT: tuple[Table, ...] = (
    table(
        "score.credit",
        "party_key",
        """party_key key; bucket bucket; credit_rated flag; credit_granted flag; credit_line money; credit_used money
        credit_expires_on day""",
        "Rating and credit line (评级授信) at the business date, over all numbers of a customer; `credit_granted`: a line "
        "stands that has not expired. Customers whom the credit file does not name have no row.",
    ),
    table(
        "report.credit_coverage",
        "month unit_no area village kind",
        """month day; unit_no text; area text; village text; kind text; customers big; rated big; granted big
        drawing big; expired big; credit_line money; credit_used money""",
        "Customers, rated, with a standing line, drawing on it, with an expired line alone, by managing outlet and "
        "village or community ('' where none is declared).",
        monthly=True,
    ),
)
