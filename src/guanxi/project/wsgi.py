"""The server's entry: `granian --interface wsgi guanxi.project.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from guanxi.project import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
database.urls(os.environ)
application = get_wsgi_application()

# What is loaded now stays: the collector need not walk it again. A page makes thousands of short-lived objects without
# cycles, so collecting after each 700 (Python's own threshold) looks at much and frees nothing.
gc.freeze()
gc.set_threshold(20_000, 20, 50)
