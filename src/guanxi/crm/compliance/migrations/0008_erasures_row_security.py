"""Row security of erasures: there for compliance while it works on restricted customers, as restrictions are."""

from django.db import migrations

from guanxi.crm.organisation.row_security import REACH, scoped

WHOLE = f"(SELECT NULLIF(current_setting('{REACH}', true), '')) = 'bank'"
SHOWN = "(SELECT NULLIF(current_setting('guanxi.restricted', true), '')) = 'shown'"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0007_erasures")]
    operations = [scoped("compliance_erasure", f"{WHOLE} AND {SHOWN}")]
