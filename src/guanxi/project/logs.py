"""Logs as one JSON line an event. Messages are written without customers' values; errors name type and place only."""

import json
import logging
import traceback
from datetime import UTC, datetime

from guanxi.crm.audit import context


class JsonFormatter(logging.Formatter):
    """A line with instant, level, logger, request id and text; of an exception its type and the lines it came through.

    An exception's own text is left out: PostgreSQL's, for one, quotes the values of the row it refused.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": context.current().request_id,
            "text": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__qualname__
            line["through"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-12:]
            ]
        return json.dumps(line, ensure_ascii=False)
