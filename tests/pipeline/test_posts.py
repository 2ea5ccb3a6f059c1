"""What an administrator decided about a post stands when the next night brings the same staff file."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connections
from tests.pipeline.nights import ROOT, split_extract

from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.nightly import run_nightly

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
FIRST, SECOND = date(2026, 10, 30), date(2026, 10, 31)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    whole = tmp_path_factory.mktemp("whole")
    generate(whole, customers=60, months=1, seed=5, until=SECOND)
    return split_extract(whole / SECOND.isoformat(), tmp_path_factory.mktemp("nights"), FIRST, SECOND)


def test_a_post_ended_by_hand_is_not_opened_again_by_the_file(extracts, tmp_path) -> None:
    bank = open_bank(ROOT / "banks" / "demo", tmp_path / "home")
    run_nightly(bank, extracts, FIRST, now=lambda: datetime(2026, 10, 31, 2, tzinfo=UTC))
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("SELECT MIN(id) FROM organisation_post WHERE role = 'teller' AND valid_to IS NULL")
        post = cursor.fetchone()[0]
        cursor.execute("UPDATE organisation_post SET valid_to = %s WHERE id = %s", [FIRST, post])
    run_nightly(bank, extracts, SECOND, now=lambda: datetime(2026, 11, 1, 2, tzinfo=UTC))
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "SELECT valid_to, (SELECT COUNT(*) FROM organisation_post AS other WHERE other.staff_id = post.staff_id) "
            "FROM organisation_post AS post WHERE id = %s",
            [post],
        )
        assert cursor.fetchone() == (FIRST, 1)
