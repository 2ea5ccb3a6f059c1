"""What was planted to be seen before a departure can be seen in the extract, and by its reason."""

import pytest
from tests.pipeline.demo.banks import asked, bank

from guanxi.pipeline.demo import generate
from guanxi.pipeline.demo.population import Wish

SIZE = (4_000, 14)


def share(query: str) -> tuple[int, int]:
    planted, found = asked(bank(*SIZE)).execute(query).fetchone()
    return planted, found or 0


@pytest.mark.parametrize(
    ("signal", "kind"), [("complaint", "complaint"), ("direct_debit_cancelled", "direct_debit_cancelled")]
)
def test_a_planted_event_stands_in_the_service_events(signal, kind) -> None:
    planted, found = share(f"""
        SELECT COUNT(*), COUNT(e.event_no) FROM (SELECT DISTINCT * FROM truth_signals WHERE signal = '{signal}') AS s
        LEFT JOIN service_events AS e ON e.customer_no = s.customer_no AND e.day = s.day AND e.kind = '{kind}'
    """)
    assert planted >= 10
    assert found >= planted


def test_money_goes_to_an_own_account_at_one_and_the_same_bank_before_the_rest_follows() -> None:
    planted, found = share("""
        SELECT COUNT(*), SUM(CASE WHEN EXISTS (
            SELECT 1 FROM transactions AS t JOIN account_parties AS p USING (account_no)
            WHERE p.customer_no = s.customer_no AND p.role = 'holder' AND t.direction = 'debit' AND t.same_name
              AND t.day = s.day
        ) THEN 1 ELSE 0 END)
        FROM truth_signals AS s WHERE signal = 'own_name_outflow'
    """)
    assert planted > 100
    assert found == planted
    banks = """
        SELECT MAX(n) FROM (
            SELECT s.customer_no, COUNT(DISTINCT t.counter_bank) AS n
            FROM truth_signals AS s JOIN account_parties AS p ON p.customer_no = s.customer_no AND p.role = 'holder'
            JOIN transactions AS t ON t.account_no = p.account_no AND t.day = s.day AND t.same_name
              AND t.direction = 'debit' AND t.counter_name = (
                SELECT name FROM customers AS c WHERE c.customer_no = s.customer_no)
            WHERE s.signal = 'own_name_outflow' AND t.amount % 100 = 0 AND s.reason = 'better_rate_elsewhere'
            GROUP BY s.customer_no)
    """
    assert asked(bank(*SIZE)).execute(banks).fetchone()[0] <= 2  # another posting may fall on the same day


def test_who_turns_away_logs_in_less_from_that_day_on() -> None:
    query = """
        SELECT SUM(CASE WHEN e.day < s.day THEN 1 ELSE 0 END) / 90.0,
               SUM(CASE WHEN e.day >= s.day THEN 1 ELSE 0 END) / 60.0
        FROM truth_signals AS s JOIN channel_events AS e USING (customer_no)
        WHERE s.signal = 'log_ins_down' AND e.event = 'log_in' AND e.day >= s.day - 90 AND e.day < s.day + 60
          AND s.day BETWEEN DATE '2025-12-15' AND DATE '2026-08-30'
    """
    before, after = asked(bank(*SIZE)).execute(query).fetchone()
    assert after < before / 2


def test_wages_stop_before_the_money_goes_where_that_is_the_reason() -> None:
    query = """
        SELECT COUNT(*), SUM(CASE WHEN EXISTS (
            SELECT 1 FROM transactions AS t JOIN account_parties AS p USING (account_no)
            WHERE p.customer_no = s.customer_no AND p.role = 'holder' AND t.purpose = 'salary' AND t.day >= s.day
        ) THEN 1 ELSE 0 END)
        FROM truth_signals AS s WHERE signal = 'payroll_stopped'
    """
    stopped, paid_later = share(query)
    assert stopped >= 5
    assert paid_later == 0


def test_every_deposit_closed_before_its_day_is_an_early_withdrawal_event() -> None:
    query = """
        SELECT COUNT(*), COUNT(e.event_no) FROM accounts AS a JOIN products AS p USING (product_code)
        LEFT JOIN service_events AS e ON e.account_no = a.account_no AND e.kind = 'early_withdrawal'
          AND e.day = CAST(a.closed_on AS DATE)
        WHERE p.family IN ('time', 'cd') AND CAST(a.closed_on AS DATE) < CAST(a.matures_on AS DATE)
          AND CAST(a.closed_on AS DATE) >= DATE '2025-09-01'
    """
    broken, said = share(query)
    assert broken == said > 5


def test_who_closed_everything_asked_for_it_first() -> None:
    planted, found = share("""
        SELECT COUNT(*), COUNT(e.event_no) FROM customers AS c
        JOIN account_parties AS p USING (customer_no) JOIN accounts AS a USING (account_no)
        LEFT JOIN service_events AS e ON e.customer_no = c.customer_no AND e.kind = 'closing_request'
          AND e.day BETWEEN CAST(a.closed_on AS DATE) - 3 AND CAST(a.closed_on AS DATE)
        WHERE c.state = 'closed' AND p.role = 'holder' AND a.product_code = 'DM-PERS'
          AND CAST(a.closed_on AS DATE) >= DATE '2025-09-05'
    """)
    assert planted == found > 5


def test_who_is_going_has_not_gone_yet_and_is_known_with_day_reason_and_destination() -> None:
    rows = (
        asked(bank(*SIZE))
        .execute("SELECT COUNT(*), MIN(leaves_on), MAX(leaves_on), COUNT(destination) FROM truth_going")
        .fetchone()
    )
    assert rows[0] == rows[3] > 3
    assert str(rows[1]) > "2026-10-31"
    assert str(rows[2]) <= "2027-01-29"


def test_complaints_are_settled_after_they_came_and_the_newest_stand_open() -> None:
    query = """
        SELECT COUNT(*), SUM(CASE WHEN settled_on IS NULL THEN 1 ELSE 0 END),
               SUM(CASE WHEN settled_on <= day THEN 1 ELSE 0 END)
        FROM service_events WHERE kind = 'complaint'
    """
    everything, still_open, wrong = asked(bank(*SIZE)).execute(query).fetchone()
    assert everything > 20
    assert 0 < still_open < everything / 3
    assert wrong == 0


def test_as_many_customers_move_in_the_last_month_as_in_the_ones_before() -> None:
    query = """
        SELECT DATE_TRUNC('month', t.day) AS month, COUNT(DISTINCT p.customer_no) AS moved
        FROM transactions AS t JOIN account_parties AS p ON p.account_no = t.account_no AND p.role = 'holder'
        WHERE t.by_customer AND t.day >= DATE '2026-06-01' GROUP BY ALL ORDER BY month
    """
    *before, last = [moved for _, moved in asked(bank(*SIZE)).execute(query).fetchall()]
    assert abs(last - sum(before) / len(before)) < 0.04 * last


def test_some_questionnaires_have_expired_and_holders_are_nearly_always_graded_high_enough() -> None:
    connection = asked(bank(*SIZE))
    expired = "SELECT AVG(CASE WHEN risk_expires_on < '2026-10-31' THEN 1.0 ELSE 0 END) FROM customers"
    assert 0.05 < connection.execute(f"{expired} WHERE risk_grade IS NOT NULL").fetchone()[0] < 0.3
    fits = """
        SELECT AVG(CASE WHEN RIGHT(c.risk_grade, 1)
                             >= RIGHT(GREATEST(p.risk_grade, COALESCE(p.issuer_risk_grade, '')), 1)
                        THEN 1.0 ELSE 0 END)
        FROM accounts AS a JOIN products AS p USING (product_code)
        JOIN account_parties AS x ON x.account_no = a.account_no AND x.role = 'holder'
        JOIN customers AS c ON c.customer_no = x.customer_no
        WHERE a.closed_on IS NULL AND p.risk_grade >= 'R2' AND c.kind = 'person'
    """
    assert 0.93 < connection.execute(fits).fetchone()[0] < 1


def test_the_shelf_has_every_grade_and_products_whose_sale_is_over_or_yet_to_begin() -> None:
    query = """
        SELECT COUNT(DISTINCT risk_grade), SUM(CASE WHEN CAST(sold_to AS DATE) < DATE '2026-10-31' THEN 1 ELSE 0 END),
               SUM(CASE WHEN CAST(sold_from AS DATE) > DATE '2026-10-31' THEN 1 ELSE 0 END)
        FROM products
    """
    grades, over, ahead = asked(bank(*SIZE)).execute(query).fetchone()
    assert grades == 5
    assert min(over, ahead) >= 1


def test_certificates_and_insurance_mature_like_everything_else() -> None:
    query = """
        SELECT p.family, COUNT(*) FROM truth_maturities
        JOIN accounts USING (account_no) JOIN products AS p USING (product_code)
        GROUP BY ALL
    """
    found = dict(asked(bank(20_000, 2)).execute(query).fetchall())
    assert min(found[family] for family in ("time", "cd", "wealth", "insurance")) >= 2


def test_a_thinner_bank_has_the_same_people_and_fewer_postings(tmp_path) -> None:
    usual = bank(300, 6)
    thin = generate(tmp_path, customers=300, months=6, wish=Wish(payments=0.0, second_accounts=0.7))
    assert thin.rows["customers"] == usual.rows["customers"]
    assert thin.rows["transactions"] < 0.75 * usual.rows["transactions"]
    assert thin.rows["accounts"] > 1.3 * usual.rows["accounts"]
    for name in ("customers.csv", "units.csv"):
        assert (thin.extract / name).read_bytes() == (usual.extract / name).read_bytes()
