"""Who the demo bank's customers are: numbers that pass every check, ages, channels, families, keepers."""

from datetime import date

import pytest
from tests.pipeline.demo.banks import ON, asked, bank

from guanxi.pipeline.demo.shapes import MOBILE

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident_id_holds(number: str, born: date, sex: str) -> bool:
    """Check digit by ISO 7064 MOD 11-2 as Horner's scheme, birth day and sex from the digits."""
    rest = 0
    for digit in number[:17]:
        rest = (rest + int(digit)) * 2 % 11
    check = "0123456789X"[(12 - rest) % 11]
    return (
        number[17] == check
        and number[6:14] == f"{born:%Y%m%d}"
        and (int(number[16]) % 2 == 1) == (sex == "male")
    )


def credit_code_holds(code: str) -> bool:
    """GB 32100: the weighted sum over all eighteen letters, the check's weight being one, divides by 31."""
    weight, total = 1, 0
    for letter in code[:17]:
        total += LETTERS.index(letter) * weight
        weight = weight * 3 % 31
    return (total + LETTERS.index(code[17])) % 31 == 0


def luhn_holds(card: str) -> bool:
    digits = [int(digit) for digit in reversed(card)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def test_resident_ids_hold_and_agree_with_birth_and_sex() -> None:
    rows = (
        asked(bank(4_000, 14))
        .execute("SELECT id_no, CAST(birth_date AS DATE), sex FROM customers WHERE id_type = 'resident_id'")
        .fetchall()
    )
    assert len(rows) > 3_900
    assert [row for row in rows if not resident_id_holds(*row)] == []


def test_most_resident_ids_are_local() -> None:
    rows = (
        asked(bank(4_000, 14)).execute("SELECT id_no FROM customers WHERE id_type = 'resident_id'").fetchall()
    )
    local = sum(number.startswith("3205") for (number,) in rows) / len(rows)
    assert 0.66 < local < 0.74


def test_credit_codes_hold_and_are_all_different() -> None:
    rows = asked(bank(4_000, 14)).execute("SELECT id_no FROM customers WHERE id_type = 'uscc'").fetchall()
    assert len({code for (code,) in rows}) == len(rows) > 50
    assert [code for (code,) in rows if not credit_code_holds(code)] == []


def test_cards_hold_and_are_all_different() -> None:
    rows = asked(bank(4_000, 14)).execute("SELECT card_no FROM accounts WHERE card_no IS NOT NULL").fetchall()
    assert len({card for (card,) in rows}) == len(rows) > 3_000
    assert [card for (card,) in rows if len(card) != 19 or not luhn_holds(card)] == []


@pytest.mark.parametrize("profile", ["2026", "seed"])
def test_mobile_use_by_age_is_the_profiles_table(profile) -> None:
    connection = asked(bank(20_000, 2, profile))
    query = """
        SELECT c.area, CASE WHEN age <= 30 THEN 1 WHEN age <= 40 THEN 2 WHEN age <= 50 THEN 3
                            WHEN age <= 60 THEN 4 ELSE 5 END AS band,
               COUNT(*), COUNT(DISTINCT e.customer_no)
        FROM (SELECT *, DATE_SUB('year', CAST(birth_date AS DATE), DATE '2026-10-31') AS age FROM customers) AS c
        JOIN truth_parties AS t ON t.customer_no = c.customer_no AND t.band IS NOT NULL
        LEFT JOIN (SELECT DISTINCT customer_no FROM channel_events
                   WHERE channel = 'mobile' AND event = 'log_in' AND day >= DATE '2026-10-01') AS e
            ON e.customer_no = c.customer_no
        WHERE c.kind = 'person' AND age >= 18 GROUP BY ALL
    """
    for area, band, people, active in connection.execute(query).fetchall():
        wanted = MOBILE[profile][area][band]
        # Three standard errors, and one twentieth for who signed up only this month.
        assert (
            abs(active / people - wanted)
            < 3 * (wanted * (1 - wanted) / people) ** 0.5 + 0.05 * wanted + 0.004
        )


def test_spouses_and_children_have_plausible_ages() -> None:
    query = """
        SELECT r.kind, MIN(DATE_DIFF('day', o.birth, c.birth)), MAX(DATE_DIFF('day', o.birth, c.birth)), COUNT(*)
        FROM relations AS r
        JOIN (SELECT customer_no, CAST(birth_date AS DATE) AS birth FROM customers) AS c USING (customer_no)
        JOIN (SELECT customer_no, CAST(birth_date AS DATE) AS birth FROM customers) AS o ON o.customer_no = r.other_no
        WHERE r.kind IN ('spouse', 'child') GROUP BY r.kind
    """
    found = {kind: rest for kind, *rest in asked(bank(4_000, 14)).execute(query).fetchall()}
    assert found["spouse"][0] > -6 * 366
    assert found["spouse"][1] < 6 * 366
    assert found["child"][0] >= 22 * 365
    assert found["child"][1] <= 35 * 366
    assert min(found["spouse"][2], found["child"][2]) > 100


def test_who_has_200_000_is_kept_by_a_manager_of_the_outlet_but_for_a_few_who_wait() -> None:
    query = """
        SELECT SUM(CASE WHEN c.keeper_no IS NULL THEN 1 ELSE 0 END), COUNT(*),
               SUM(CASE WHEN s.post = 'relationship_manager' AND s.unit_no = c.unit_no THEN 1 ELSE 0 END)
        FROM customers AS c JOIN truth_parties AS t USING (customer_no)
        LEFT JOIN staff AS s ON s.staff_no = c.keeper_no AND s.valid_to IS NULL
        WHERE t.band = 2
    """
    waiting, everyone, kept = asked(bank(4_000, 14)).execute(query).fetchone()
    assert 1 <= waiting <= everyone // 20
    assert kept == everyone - waiting


def test_the_small_bank_has_36_staff_with_every_post_in_four_outlets() -> None:
    connection = asked(bank(300, 6))
    assert connection.execute("SELECT COUNT(DISTINCT staff_no) FROM staff").fetchone() == (36,)
    managers = "SELECT COUNT(*) FROM staff WHERE post = 'relationship_manager' AND valid_to IS NULL"
    assert connection.execute(managers).fetchone() == (4,)
    areas = connection.execute("SELECT area FROM units WHERE kind = 'outlet' ORDER BY area").fetchall()
    assert areas == [("county",), ("township",), ("urban",), ("urban",)]
    assert ON.year == 2026
