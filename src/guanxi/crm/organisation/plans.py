"""Plans that PostgreSQL keeps of statements asked again and again."""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection


def keep_plans(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Let a connection just opened keep the plans of a whole mix of pages; the driver's own hundred would thrash.

    Row security asks who acts while a plan runs, not while it is made: a plan made for one person shows the next
    person that person's rows alone.
    """
    opened = connection.connection
    if isinstance(opened, Connection) and settings.GUANXI_KEPT_PLANS:
        opened.prepared_max = settings.GUANXI_KEPT_PLANS
