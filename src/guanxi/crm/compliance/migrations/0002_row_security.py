"""Row security: requests for who sees the whole store and for who handed them in; files for the first alone."""

from django.db import migrations

from guanxi.crm.organisation.row_security import REACH, own_rows, scoped

WHOLE = f"(SELECT NULLIF(current_setting('{REACH}', true), '')) = 'bank'"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("compliance_subjectrequest", f"({WHOLE} OR {own_rows('handed_in_by_id')})"),
        scoped("compliance_requestfile", WHOLE),
    ]
