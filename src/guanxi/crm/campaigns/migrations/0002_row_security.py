"""Row security: who is treated within reach of the customer; who is held out nowhere, only how many, for the bank's eye."""

from django.conf import settings
from django.db import migrations
from django.db.migrations import RunSQL

from guanxi.crm.organisation.row_security import LISTED, REACH, copies_follow_party, scoped, through_party

NEVER = "false"
REFERRAL = f"({through_party('campaigns_referral', 'party_id')})"
STEP_DONE = f"({through_party('campaigns_stepdone', 'party_id')})"

# How many are in each arm, never who: for those who see the whole bank; to everybody else there is no arm.
ARMS = f"""
    CREATE FUNCTION campaigns_arms(asked bigint) RETURNS TABLE (arm text, customers bigint, contaminated bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT arm, COUNT(*), COUNT(contaminated_on) FROM campaigns_assignment
        WHERE campaign_id = asked AND current_setting('{REACH}', true) = 'bank' GROUP BY arm ORDER BY arm
    $$
"""


def _for_the_app(signature: str) -> str:
    app = settings.GUANXI_ROLES["app"]
    return f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {signature} TO {app}"


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("campaigns_assignment", NEVER),
        scoped("campaigns_recipient", LISTED),
        copies_follow_party("campaigns_recipient"),
        scoped("campaigns_stepdone", STEP_DONE),
        scoped("campaigns_referral", REFERRAL),
        RunSQL(f"{ARMS}; {_for_the_app('campaigns_arms(bigint)')}", "DROP FUNCTION campaigns_arms(bigint)"),
    ]
