"""Runs nights in a process that has Django loaded, so that PostgreSQL may be taken from under them many times.

Orders come as lines of JSON on stdin, answers go to stdout: how far a night is, and how it ended.
"""

import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
import django

django.setup()

import psycopg  # noqa: E402
from django.db import OperationalError, connections  # noqa: E402

from guanxi.pipeline import nightly  # noqa: E402
from guanxi.pipeline.bank import open_bank  # noqa: E402
from guanxi.pipeline.opening import Opened  # noqa: E402

BANK = Path(__file__).resolve().parents[2] / "banks" / "demo"
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


class Unpublished(RuntimeError):
    """The night was to end before its publication."""


def say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def publish_and_say(*given: Any, **named: Any) -> Any:
    say({"publishing": True})
    published = PUBLISH(*given, **named)
    say({"published": True})
    return published


def do_nothing(*_given: Any, **_named: Any) -> Opened:
    """In place of what follows the publication."""
    return Opened()


def refuse(*_given: Any, **_named: Any) -> Any:
    raise Unpublished


LOST = (OperationalError, psycopg.OperationalError)  # what `guanxi run` answers in words
PUBLISH, BEGIN = nightly.publish_run, nightly._begin_the_day
PARTS = {
    "night": (publish_and_say, BEGIN),
    "compute": (refuse, BEGIN),
    "publish": (publish_and_say, do_nothing),
}


def main() -> None:
    """Run one night for each order, on a new connection, as a program just started would."""
    for line in sys.stdin:
        order = json.loads(line)
        connections.close_all()
        try:
            bank = open_bank(BANK, Path(order["home"]))
            publish, begin = PARTS[order["do"]]
            with patch.multiple(nightly, publish_run=publish, _begin_the_day=begin):
                nightly.run_nightly(
                    bank, Path(order["extracts"]), date.fromisoformat(order["on"]), now=lambda: NOW
                )
        except Exception as failure:  # noqa: BLE001  # the test hears of it
            lost = isinstance(failure, LOST)
            say({"error": "lost" if lost else type(failure).__name__, "text": str(failure)})
        else:
            say({"done": True})
        connections.close_all()


if __name__ == "__main__":
    main()
