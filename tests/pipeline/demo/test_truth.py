"""What was planted can be found in the extract."""

from tests.pipeline.demo.banks import asked, bank

SIZE = (4_000, 14)


def test_planted_large_changes_show_on_the_last_day() -> None:
    query = """
        WITH day_ends AS (
            SELECT p.customer_no, b.account_no, b.day, b.balance + b.in_transit AS amount
            FROM balances AS b JOIN account_parties AS p ON p.account_no = b.account_no AND p.role = 'holder'
            JOIN accounts AS a ON a.account_no = b.account_no WHERE a.product_code NOT LIKE 'LN-%'
        ),
        wealth AS (
            SELECT customer_no,
                   SUM(today) AS today, SUM(before) AS before
            FROM (SELECT customer_no, account_no, arg_max(amount, day) AS today,
                         COALESCE(arg_max(amount, day) FILTER (WHERE day < DATE '2026-10-31'), 0) AS before
                  FROM day_ends GROUP BY customer_no, account_no)
            GROUP BY customer_no
        )
        SELECT t.change, w.today - w.before, w.before
        FROM (SELECT customer_no, SUM(change) AS change FROM truth_large_changes GROUP BY customer_no) AS t
        JOIN wealth AS w USING (customer_no)
    """
    rows = asked(bank(*SIZE)).execute(query).fetchall()
    assert len(rows) >= 3
    for planted, seen, before in rows:
        # The settlement account goes on living beside it.
        assert abs(seen) >= 50_000
        assert abs(seen) >= before / 5
        assert abs(seen - planted) < abs(planted) / 2


def test_planted_maturities_are_the_accounts_that_mature_within_thirty_days() -> None:
    query = """
        SELECT a.account_no FROM accounts AS a JOIN products AS p USING (product_code)
        WHERE a.closed_on IS NULL AND p.family IN ('time', 'cd', 'wealth', 'insurance')
          AND CAST(a.matures_on AS DATE) BETWEEN DATE '2026-11-01' AND DATE '2026-11-30'
    """
    connection = asked(bank(*SIZE))
    planted = connection.execute("SELECT account_no FROM truth_maturities").fetchall()
    assert sorted(planted) == sorted(connection.execute(query).fetchall())
    assert len(planted) > 50


def test_payroll_links_are_the_salaries_of_the_last_full_month() -> None:
    connection = asked(bank(*SIZE))
    paid = """
        SELECT DISTINCT p.customer_no, t.paid_by_no
        FROM transactions AS t JOIN account_parties AS p ON p.account_no = t.account_no AND p.role = 'holder'
        WHERE t.purpose = 'salary' AND t.direction = 'credit' AND t.day BETWEEN DATE '2026-09-01' AND DATE '2026-09-30'
    """
    linked = """
        SELECT customer_no, employer_no FROM truth_payroll
        WHERE from_month <= DATE '2026-09-01' AND (to_month IS NULL OR to_month > DATE '2026-09-01')
    """
    seen, planted = set(connection.execute(paid).fetchall()), set(connection.execute(linked).fetchall())
    assert seen <= planted
    # Who became a customer after payday is on the list already and not yet paid.
    assert len(planted - seen) <= len(planted) / 50
    assert len(seen) > 1_000


def test_one_employers_whole_batch_stopped() -> None:
    connection = asked(bank(*SIZE))
    stopped = "SELECT employer_no, COUNT(*) FROM truth_payroll WHERE batch_stopped "
    firms = connection.execute(f"{stopped} AND to_month = DATE '2026-09-01' GROUP BY 1").fetchall()
    assert len(firms) == 1
    employer, staff = firms[0]
    assert staff >= 5
    later = "SELECT COUNT(*) FROM transactions WHERE paid_by_no = ? AND purpose = 'salary' AND day >= DATE '2026-09-01'"
    assert connection.execute(later, [employer]).fetchone() == (0,)


def test_money_that_left_went_where_the_truth_says() -> None:
    query = """
        SELECT COUNT(*), SUM(CASE WHEN EXISTS (
            SELECT 1 FROM transactions AS t JOIN account_parties AS p USING (account_no)
            WHERE p.customer_no = l.customer_no AND p.role = 'holder' AND t.direction = 'debit'
              AND t.amount = l.amount AND t.counter_bank = l.destination AND t.same_name = l.own_name
              AND t.day BETWEEN l.left_on - 4 AND l.left_on + 6
        ) THEN 1 ELSE 0 END)
        FROM truth_leavers AS l WHERE l.left_on >= DATE '2025-10-01'
    """
    planted, found = asked(bank(*SIZE)).execute(query).fetchone()
    assert planted > 100
    assert found == planted


def test_a_customer_who_will_leave_is_still_here() -> None:
    query = """
        SELECT COUNT(*), SUM(CASE WHEN p.aum >= 5000 THEN 1 ELSE 0 END)
        FROM (SELECT DISTINCT customer_no FROM truth_leavers WHERE will_leave)
        JOIN truth_parties AS p USING (customer_no)
    """
    going, here = asked(bank(*SIZE)).execute(query).fetchone()
    assert going == here
    assert going > 3


def test_maturities_are_spread_over_the_days_to_come() -> None:
    query = "SELECT MAX(n), SUM(n) FROM (SELECT COUNT(*) AS n FROM truth_maturities GROUP BY matures_on)"
    busiest, together = asked(bank(*SIZE)).execute(query).fetchone()
    assert busiest < together / 6
