"""What was sent twice at the same moment: the database lets one through and this tells the other from a failure."""

import logging

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

LOG = logging.getLogger("guanxi.crm.twice")


def was_done_already(error: BaseException, path: str) -> bool:
    """Whether a write failed because the same stands there already; said to the log with the rule that was met.

    A service looks before it writes; only somebody who did the same between the look and the write leads here.
    """
    cause = error.__cause__
    if not isinstance(error, IntegrityError) or not isinstance(cause, UniqueViolation):
        return False
    LOG.warning("done already (%s): %s", cause.diag.constraint_name, path, exc_info=error)
    return True
