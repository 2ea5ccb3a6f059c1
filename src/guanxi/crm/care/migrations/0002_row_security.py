"""Row security on care, and the one question about gifts that counts beyond what the asker sees."""

from django.conf import settings
from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, own_rows, scoped

# A limit of a year counts every gift, whoever gave it and wherever the customer is kept now; only sums come out.
SUMS = """
CREATE FUNCTION care_gift_sums(asked_party bigint, asked_giver bigint, asked_unit bigint, asked_budget text,
                               asked_year int)
RETURNS TABLE (customer_fen bigint, giver_fen bigint, budget_fen bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    WITH counted AS (
        SELECT gift.party_id, gift.staff_id, gift.paid_by_id, gift.budget, gift.value_fen
        FROM care_gift AS gift
        WHERE gift.state IN ('waiting', 'given')
          AND gift.day BETWEEN make_date(asked_year, 1, 1) AND make_date(asked_year, 12, 31)
          AND (gift.staff_id = asked_giver OR (gift.paid_by_id = asked_unit AND gift.budget = asked_budget)
               OR gift.party_id IN (
                   SELECT id FROM customers_party WHERE id = asked_party OR merged_into_id = asked_party))
    )
    SELECT COALESCE(SUM(value_fen) FILTER (WHERE party_id IN (
               SELECT id FROM customers_party WHERE id = asked_party OR merged_into_id = asked_party)), 0)::bigint,
           COALESCE(SUM(value_fen) FILTER (WHERE staff_id = asked_giver), 0)::bigint,
           COALESCE(SUM(value_fen) FILTER (WHERE paid_by_id = asked_unit AND budget = asked_budget), 0)::bigint
    FROM counted
$$
"""
SIGNATURE = "care_gift_sums(bigint, bigint, bigint, text, int)"


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial"), ("customers", "0005_merged_index")]
    operations = [
        scoped("care_gift", f"({LISTED} OR {own_rows()})"),
        scoped("care_lifeevent", LISTED),
        scoped("care_voice", f"({LISTED} OR {own_rows()})"),
        copies_follow_party("care_gift"),
        copies_follow_party("care_lifeevent"),
        copies_follow_party("care_voice"),
        migrations.RunSQL(
            f"{SUMS}; REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC; "
            f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {settings.GUANXI_ROLES['app']}",
            f"DROP FUNCTION {SIGNATURE}",
        ),
    ]
