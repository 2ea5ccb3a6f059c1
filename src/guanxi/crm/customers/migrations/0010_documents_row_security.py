"""Row security on documents, versions that nobody changes, and none deleted before its retention ends.

The bytes are seen by who sees the document's row. The last day of retention is set once and only moves on; the
database itself refuses to delete a document without one, or before it is over.
"""

from django.conf import settings
from django.db import migrations

from guanxi.crm.organisation.row_security import scoped, through_party

APP = settings.GUANXI_ROLES["app"]
CONTENT = (
    "EXISTS (SELECT 1 FROM customers_document AS seen WHERE seen.id = customers_documentcontent.document_id)"
)
RETENTION = """
CREATE FUNCTION customers_document_retention() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.kept_until IS NOT NULL AND (NEW.kept_until IS NULL OR NEW.kept_until < OLD.kept_until) THEN
            RAISE EXCEPTION 'the retention of a document is not shortened' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.kept_until IS NULL OR OLD.kept_until >= CURRENT_DATE THEN
        RAISE EXCEPTION 'a document is not deleted before its retention ends' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER customers_document_retention BEFORE UPDATE OF kept_until OR DELETE ON customers_document
FOR EACH ROW EXECUTE FUNCTION customers_document_retention();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_documents")]
    operations = [
        scoped("customers_document", through_party("customers_document", "party_id")),
        scoped("customers_documentcontent", CONTENT),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE ON customers_document, customers_documentcontent FROM {APP};"
            f"GRANT UPDATE (is_latest, withdrawn_at, withdrawn_by_id, withdrawn_why, kept_until)"
            f" ON customers_document TO {APP}",
            f"GRANT UPDATE, DELETE ON customers_document, customers_documentcontent TO {APP}",
        ),
        migrations.RunSQL(
            RETENTION,
            "DROP TRIGGER customers_document_retention ON customers_document;"
            "DROP FUNCTION customers_document_retention()",
        ),
    ]
