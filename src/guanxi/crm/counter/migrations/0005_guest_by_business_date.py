"""Who serves at a counter is asked for the bank's day, which is an argument; it was the database server's day.

Customers under a restriction are no guests.
"""

from django.conf import settings
from django.db import migrations

from guanxi.crm.organisation.row_security import STAFF

SERVING = "'teller', 'lobby', 'outlet_head', 'supervisor'"


def _function(arguments: str, day: str, more: str = "") -> str:
    kinds = ", ".join(argument.split()[1] for argument in arguments.split(", "))
    return f"""
    CREATE FUNCTION counter_guest({arguments})
    RETURNS TABLE (party_id bigint, masked text, outlet text, tier_scheme text, tier_rank int)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT DISTINCT party.id, LEFT(party.name, 1) || REPEAT('*', GREATEST(LENGTH(party.name) - 1, 1)),
               unit.name::text, score.tier_scheme::text, score.tier_rank::int
        FROM customers_identifier AS number
        JOIN customers_party AS named ON named.id = number.party_id
        JOIN customers_party AS party ON party.id = COALESCE(named.merged_into_id, named.id)
        JOIN organisation_unit AS unit ON unit.id = party.unit_id
        LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
        WHERE number.token = ANY(tokens) AND number.kind IN ('id', 'card') AND party.state = 'active'
          AND EXISTS (
            SELECT 1 FROM organisation_post AS post
            WHERE post.staff_id = NULLIF(current_setting('{STAFF}', true), '')::bigint AND post.role IN ({SERVING})
              AND {day}){more}
        LIMIT 2
    $$;
    REVOKE ALL ON FUNCTION counter_guest({kinds}) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION counter_guest({kinds}) TO {settings.GUANXI_ROLES["app"]}
    """


NEW = _function(
    "tokens text[], today date",
    "post.valid_from <= today AND (post.valid_to IS NULL OR post.valid_to > today)",
    # The function sees past row security: it asks for itself whose processing is restricted.
    " AND party.id NOT IN (SELECT party_id FROM compliance_restricted)",
)
OLD = _function("tokens text[]", "(post.valid_to IS NULL OR post.valid_to > CURRENT_DATE)")


class Migration(migrations.Migration):
    dependencies = [("counter", "0004_guest"), ("compliance", "0005_restrictions")]
    operations = [
        migrations.RunSQL(
            f"DROP FUNCTION counter_guest(text[]); {NEW}", f"DROP FUNCTION counter_guest(text[], date); {OLD}"
        )
    ]
