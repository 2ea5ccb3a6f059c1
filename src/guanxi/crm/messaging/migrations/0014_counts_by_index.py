"""The counts of the outbox read what waits and what moved since the instant asked for, never the years before.

The overview asks them again every few seconds. Each part below answers from an index: two of what waits stood already,
submitted and ended get theirs here.
"""

from django.db import migrations, models
from django.db.models import Q

PARTS = {
    "message_ready": "SELECT channel, purpose, 'queued' AS what, '' AS code, NULL::bigint AS cost_fen "
    "FROM messaging_message WHERE state = 'planned'",
    "message_leased": "SELECT channel, purpose, 'queued', '', NULL FROM messaging_message WHERE state = 'claimed'",
    "message_in_doubt": "SELECT channel, purpose, 'doubt', '', NULL FROM messaging_message WHERE state = 'unknown'",
    "message_sent": "SELECT channel, purpose, 'sent', '', cost_fen FROM messaging_message WHERE submitted_at >= since",
    "message_ended": "SELECT channel, purpose, state, CASE WHEN state = 'refused' THEN code ELSE '' END, NULL "
    "FROM messaging_message WHERE ended_at >= since AND state IN ('delivered', 'failed', 'refused')",
}
COUNTS = f"""
    CREATE OR REPLACE FUNCTION messaging_counts(since timestamptz)
    RETURNS TABLE (channel text, purpose text, what text, code text, number bigint, cost_fen bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT told.channel::text, told.purpose::text, told.what::text, told.code::text, COUNT(*),
               SUM(told.cost_fen)::bigint
        FROM ({" UNION ALL ".join(PARTS.values())}) AS told
        GROUP BY 1, 2, 3, 4
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0013_evidence")]
    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                "submitted_at", name="message_sent", condition=Q(("submitted_at__isnull", False))
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index("ended_at", name="message_ended", condition=Q(("ended_at__isnull", False))),
        ),
        migrations.RunSQL(COUNTS, migrations.RunSQL.noop),
    ]
