"""Row security: within reach of the customer; who comes along sees the visit itself, and not the customer."""

from django.db import migrations

from guanxi.crm.organisation.row_security import (
    BOOK,
    LISTED,
    REACH,
    STAFF,
    UNITS,
    copies_follow_party,
    own_rows,
    scoped,
)

JOINED = f"""EXISTS (SELECT 1 FROM visits_companion AS along WHERE along.visit_id = visits_visit.id
    AND along.staff_id = (SELECT NULLIF(current_setting('{STAFF}', true), '')::bigint))"""
STEP = "EXISTS (SELECT 1 FROM visits_maintenanceplan AS seen WHERE seen.id = visits_planstep.plan_id)"


def _numbers(name: str) -> str:
    return f"(SELECT string_to_array(NULLIF(current_setting('{name}', true), ''), ',')::bigint[])::bigint[]"


WEEK = f"""({own_rows()} OR staff_id = ANY({_numbers(BOOK)})
    OR (SELECT NULLIF(current_setting('{REACH}', true), '')) = 'bank' OR unit_id = ANY({_numbers(UNITS)}))"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("visits_visit", f"({LISTED} OR {JOINED})"),
        scoped("visits_companion", f"({LISTED} OR {own_rows()})"),
        scoped("visits_maintenanceplan", LISTED),
        scoped("visits_planstep", STEP),
        scoped("visits_weekplan", WEEK),
        copies_follow_party("visits_visit"),
        copies_follow_party("visits_companion"),
        copies_follow_party("visits_maintenanceplan"),
    ]
