"""Counts of the outbox for people who see channels but no customers: numbers alone leave this function."""

from django.conf import settings
from django.db import migrations

SIGNATURE = "messaging_counts(timestamptz)"
COUNTS = """
    CREATE FUNCTION messaging_counts(since timestamptz)
    RETURNS TABLE (channel text, purpose text, what text, code text, number bigint, cost_fen bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT message.channel::text, message.purpose::text, told.what,
               CASE WHEN told.what = 'refused' THEN message.code::text ELSE '' END, COUNT(*),
               SUM(CASE WHEN told.what = 'sent' THEN message.cost_fen END)::bigint
        FROM messaging_message AS message
        CROSS JOIN LATERAL (
            SELECT 'queued' WHERE message.state IN ('planned', 'claimed')
            UNION ALL SELECT 'doubt' WHERE message.state = 'unknown'
            UNION ALL SELECT 'sent' WHERE message.submitted_at >= since
            UNION ALL SELECT message.state::text
                WHERE message.state IN ('delivered', 'failed', 'refused') AND message.ended_at >= since
        ) AS told (what)
        GROUP BY 1, 2, 3, 4
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0011_permission_row_security")]
    operations = [
        migrations.RunSQL(
            f"{COUNTS}; REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC; "
            f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {settings.GUANXI_ROLES['app']}",
            f"DROP FUNCTION {SIGNATURE}",
        )
    ]
