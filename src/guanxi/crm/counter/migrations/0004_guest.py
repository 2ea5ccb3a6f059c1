"""One customer of another outlet by one exact number: a masked name, the outlet and the tier, to who serves a counter.

The function sees what the asker may not, so it answers little: no list (more than one hit is the asker's to see as
none), no name in full, no number. Who holds no post at a counter gets nothing, whatever the application forgot.
"""

from django.conf import settings
from django.db import migrations
from django.db.migrations import RunSQL

from guanxi.crm.organisation.row_security import STAFF

SERVING = "'teller', 'lobby', 'outlet_head', 'supervisor'"
GUEST = f"""
    CREATE FUNCTION counter_guest(tokens text[])
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
              AND (post.valid_to IS NULL OR post.valid_to > CURRENT_DATE))
        LIMIT 2
    $$
"""


def _made() -> RunSQL:
    signature = "counter_guest(text[])"
    granted = (
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC; "
        f"GRANT EXECUTE ON FUNCTION {signature} TO {settings.GUANXI_ROLES['app']}"
    )
    return RunSQL(f"{GUEST}; {granted}", f"DROP FUNCTION {signature}")


class Migration(migrations.Migration):
    dependencies = [
        ("counter", "0003_machines_become_tokens"), ("customers", "0003_identity"), ("scores", "0008_care"),
    ]  # fmt: skip
    operations = [_made()]
