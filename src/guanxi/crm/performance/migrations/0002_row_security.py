"""Row security on what is about a person: one's own, and for heads that of people in their units.

That somebody holds a head's post is asked of the posts themselves, of whatever day: which day is today the database is
not told, and rights are the views' and services' to check. This wall keeps a teller, who sees the customers of the
outlet, from what is written about colleagues.
"""

from django.db import migrations

from guanxi.crm.organisation.row_security import REACH, STAFF, UNITS, own_rows, scoped

ME = f"(SELECT NULLIF(current_setting('{STAFF}', true), '')::bigint)"
IN_UNITS = f"""((SELECT NULLIF(current_setting('{REACH}', true), '')) = 'bank' OR unit_id = ANY(
    (SELECT string_to_array(NULLIF(current_setting('{UNITS}', true), ''), ',')::bigint[])::bigint[]))"""
AS_HEAD = f"""({IN_UNITS} AND (SELECT EXISTS (
    SELECT 1 FROM organisation_post AS held
    WHERE held.staff_id = {ME} AND held.role IN ('outlet_head', 'supervisor'))))"""


class Migration(migrations.Migration):
    dependencies = [("performance", "0001_initial")]
    operations = [
        scoped("performance_personfigure", f"{own_rows()} OR {AS_HEAD}"),
        scoped("performance_advice", f"{own_rows()} OR {AS_HEAD}"),
        scoped("performance_decision", f"{own_rows('owner_id')} OR {AS_HEAD}"),
        scoped("performance_pack", AS_HEAD),
    ]
