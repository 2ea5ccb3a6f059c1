"""Row security on incidents and whom they affected: for who sees the whole store."""

from django.db import migrations

from guanxi.crm.organisation.row_security import REACH, scoped

WHOLE = f"(SELECT NULLIF(current_setting('{REACH}', true), '')) = 'bank'"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_incidents")]
    operations = [
        scoped("compliance_incident", WHOLE),
        scoped("compliance_affectedcustomer", WHOLE),
    ]
