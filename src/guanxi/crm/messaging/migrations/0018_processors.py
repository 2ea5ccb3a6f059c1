"""Channels that stood before the register of processors are entered as to be confirmed, so that nothing stops unseen:
each counts 90 days from here on, with a notice. And how many people's data went abroad in a time, as a number alone."""

from django.conf import settings
from django.db import migrations

STANDING = """
    INSERT INTO processors_processor (uuid, vendor, connectors, contract_from, contract_until, state, written_at)
    SELECT gen_random_uuid(), account.name, jsonb_build_array(account.code), CURRENT_DATE, CURRENT_DATE + 90,
           'to_confirm', now()
    FROM messaging_channelaccount AS account ORDER BY account.code
"""
SIGNATURE = "messaging_people_abroad(timestamptz, timestamptz, text, text)"
ABROAD = """
    CREATE FUNCTION messaging_people_abroad(since timestamptz, before timestamptz, home text, zone text)
    RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT COUNT(DISTINCT COALESCE(party.merged_into_id, message.party_id))
        FROM messaging_message AS message
        JOIN messaging_channelaccount AS account ON account.id = message.account_id
        JOIN processors_processor AS abroad
          ON abroad.connectors @> jsonb_build_array(account.code)
         AND abroad.state IN ('approved', 'ended') AND abroad.decided_at IS NOT NULL AND abroad.country <> $3
         AND (message.submitted_at AT TIME ZONE $4)::date
             BETWEEN abroad.contract_from AND COALESCE(LEAST(abroad.contract_until, abroad.ended_on), 'infinity')
        LEFT JOIN customers_party AS party ON party.id = message.party_id
        WHERE message.submitted_at >= $1 AND message.submitted_at < $2
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0017_information_row_security"), ("processors", "0001_initial")]
    operations = [
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
        migrations.RunSQL(
            f"{ABROAD}; REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC; "
            f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {settings.GUANXI_ROLES['app']}",
            f"DROP FUNCTION {SIGNATURE}",
        ),
    ]
