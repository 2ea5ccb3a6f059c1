"""Row security: a case within reach of its customer, or shared with the acting planner while it is open; its proposals
with it. A proposal is evidence: its row cannot be changed."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, STAFF, copies_follow_party, scoped

SHARED = f"""(planner_id = (SELECT NULLIF(current_setting('{STAFF}', true), '')::bigint)
    AND state IN ('asked', 'open', 'proposed', 'declined'))"""
OF_CASE = "EXISTS (SELECT 1 FROM planning_planningcase AS seen WHERE seen.id = planning_proposal.case_id)"
KEEP = """
CREATE FUNCTION planning_proposal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a proposal handed out is never changed';
END $$;
CREATE TRIGGER planning_proposal_stays BEFORE UPDATE ON planning_proposal
FOR EACH ROW EXECUTE FUNCTION planning_proposal_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("planning_planningcase", f"({LISTED} OR {SHARED})"),
        scoped("planning_proposal", OF_CASE),
        copies_follow_party("planning_planningcase"),
        migrations.RunSQL(
            KEEP,
            "DROP TRIGGER planning_proposal_stays ON planning_proposal; DROP FUNCTION planning_proposal_stays()",
        ),
    ]
