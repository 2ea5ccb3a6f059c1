"""Open doors (公开页) are opened only so often a minute by one address: guesses at links find nothing in time."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from guanxi.crm.organisation.models import Knock

KEPT = timedelta(days=1)
# Clocks of several machines differ: a knock counted a little ahead of now goes on being counted there.
AHEAD = timedelta(minutes=5)
_COUNT = """
INSERT INTO organisation_knock AS known (key, minute, times) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET
    times = CASE WHEN known.minute BETWEEN EXCLUDED.minute AND %s THEN known.times + 1 ELSE 1 END,
    minute = CASE WHEN known.minute BETWEEN EXCLUDED.minute AND %s THEN known.minute ELSE EXCLUDED.minute END
RETURNING times
"""


@transaction.atomic
def may_knock(door: str, who: str | None, *, limit: int, now: datetime) -> bool:
    """Count an opening of `door` by an address (or whatever tells callers apart); False beyond `limit` a minute.

    In its own transaction: what is refused afterwards counts too. Counts of days past are dropped on the way.
    """
    key = salted_hmac(f"guanxi.crm.organisation.knock:{door}", who or "", algorithm="sha256").hexdigest()
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, minute, minute + AHEAD, minute + AHEAD])
        (times,) = cursor.fetchone() or (1,)
    if times == 1:
        Knock.objects.filter(minute__lt=now - KEPT).delete()
    return bool(times <= limit)
