"""The server's entry: `granian --interface wsgi guanxi.project.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from guanxi.project import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
database.urls(os.environ)
application = get_wsgi_application()
