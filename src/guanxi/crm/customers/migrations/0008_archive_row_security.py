"""Row security on the archive, texts that nobody changes, and the night's own diff of profiles.

The diff is a trigger of the statement, not of the row: it reads the rows that the publication's MERGE wrote, old and
new, and no others, so a night that changes few customers reads few. It works only in a transaction that says its
business date (`guanxi.night`), which the publication does; what people change by day has histories of its own.

A field that a night changes for more than a tenth of all customers (and of more than a thousand) has not changed: the
bank's mapping has. It writes no history.
"""

from django.conf import settings
from django.db import migrations

from guanxi.crm.organisation.row_security import scoped, through_party

APP = settings.GUANXI_ROLES["app"]
FIELDS = (
    "name", "sex", "birth_date", "area", "village", "occupation", "employer_name", "resident_type", "size_class",
    "industry", "risk_grade", "renown_kind", "state", "id_type", "id_masked",
)  # fmt: skip
PAIRS = ", ".join(
    f"('{name}', COALESCE(was.{name}::text, ''), COALESCE(now.{name}::text, ''))" for name in FIELDS
)
DIFF = f"""
CREATE FUNCTION customers_profile_diff() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    night date := NULLIF(current_setting('guanxi.night', true), '')::date;
    most bigint;
BEGIN
    IF night IS NULL THEN RETURN NULL; END IF;
    most := GREATEST(1000, (SELECT reltuples FROM pg_class WHERE oid = 'public.customers_party'::regclass) / 10);
    WITH changed AS (
        SELECT now.id AS party_id, field.name, field.told, field.tells
        FROM was JOIN now ON now.id = was.id CROSS JOIN LATERAL (VALUES {PAIRS}) AS field (name, told, tells)
        WHERE field.told <> field.tells
    ), counted AS (
        SELECT name FROM changed GROUP BY name HAVING COUNT(*) <= most
    )
    INSERT INTO customers_profilechange (party_id, day, field, old, new)
    SELECT party_id, night, name, LEFT(told, 200), LEFT(tells, 200) FROM changed JOIN counted USING (name)
    ON CONFLICT (party_id, day, field) DO UPDATE SET new = EXCLUDED.new;
    -- The same night again may take back what it had brought, as when a merge is undone.
    DELETE FROM customers_profilechange AS said USING now
    WHERE said.party_id = now.id AND said.day = night AND said.old = said.new;
    RETURN NULL;
END $$;
CREATE TRIGGER customers_profile_diff AFTER UPDATE ON customers_party
REFERENCING OLD TABLE AS was NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION customers_profile_diff();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_archive")]
    operations = [
        *(
            scoped(table, through_party(table, "party_id"))
            for table in ("customers_note", "customers_profilechange")
        ),
        migrations.RunSQL(
            f"REVOKE INSERT, UPDATE, DELETE ON customers_profilechange FROM {APP}",
            f"GRANT INSERT, UPDATE, DELETE ON customers_profilechange TO {APP}",
        ),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE ON customers_note FROM {APP};"
            f"GRANT UPDATE (is_latest, withdrawn_at, withdrawn_by_id, withdrawn_why) ON customers_note TO {APP}",
            f"GRANT UPDATE, DELETE ON customers_note TO {APP}",
        ),
        migrations.RunSQL(
            DIFF,
            "DROP TRIGGER customers_profile_diff ON customers_party; DROP FUNCTION customers_profile_diff()",
        ),
    ]
