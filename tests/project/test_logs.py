"""Logs are for reading by people who may not see customers: planted values must not be in them."""

import json
import logging
import sys

import pytest
from django.db import DataError, connection, transaction

from guanxi.crm import testing
from guanxi.crm.audit import context
from guanxi.crm.customers.models import Party
from guanxi.project.logs import JsonFormatter

PLANTED = "13812342210-planted"


def written(record: logging.LogRecord) -> dict:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def record_of(message: str, *arguments, exc_info=None) -> logging.LogRecord:
    return logging.LogRecord("guanxi.test", logging.ERROR, __file__, 1, message, arguments, exc_info)


def test_a_line_says_when_what_and_in_which_request() -> None:
    with context.of_request(request_id="r-7", ip=None):
        line = written(record_of("published %s rows", 12))
    assert (line["request"], line["level"], line["text"]) == ("r-7", "ERROR", "published 12 rows")
    assert line["at"].endswith("+00:00")


@pytest.mark.django_db
def test_an_error_of_the_database_is_logged_without_the_row_it_refused() -> None:
    party = testing.make_party(testing.make_unit())
    try:
        with testing.everything(), transaction.atomic():
            Party.objects.filter(pk=party.pk).update(name=PLANTED, sex=PLANTED)
    except DataError:
        line = written(record_of("request failed", exc_info=sys.exc_info()))
    assert line["error"] == "DataError"
    assert line["through"]
    assert PLANTED not in json.dumps(line)


def test_an_errors_own_text_and_its_cause_are_left_out() -> None:
    try:
        try:
            _ = {}[PLANTED]
        except KeyError as error:
            raise ValueError(PLANTED) from error
    except ValueError:
        line = written(record_of("request failed", exc_info=sys.exc_info()))
    assert PLANTED not in json.dumps(line)
    assert line["error"] == "ValueError"


@pytest.mark.django_db
def test_a_page_may_keep_the_database_busy_for_five_seconds_at_most() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("5s",)
