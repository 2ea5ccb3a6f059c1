"""Django's own commands on Guanxi's settings: `python manage.py migrate --database owner`."""

import os
import sys

if __name__ == "__main__":
    from guanxi.project import database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
    database.urls(os.environ)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
