"""The chain of seals: whatever is done to a sealed row shows. Tried as the owner, who alone could do it."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from guanxi.crm.audit import seals
from guanxi.crm.audit.models import ChangeLog, CustomerView, Seal

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
START = datetime(2026, 11, 1, tzinfo=UTC)
ROWS, SEALS = 60, 6


def write(count: int, at: datetime, model=CustomerView) -> None:
    told = {"party_key": 7, "what": "page"} if model is CustomerView else {"verb": "x.y", "object_key": "1"}
    for number in range(count):
        row = model.objects.using("owner").create(staff_no=f"S{number}", staff_name="李敏", **told)
        model.objects.using("owner").filter(pk=row.pk).update(at=at + timedelta(seconds=number))


def run(sql: str, *parameters) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.fixture
def sealed() -> list[Seal]:
    """Rows sealed in several seals, an hour apart."""
    for turn in range(SEALS):
        write(ROWS // SEALS, START + timedelta(hours=turn))
        seals.seal(now=START + timedelta(hours=turn, minutes=30), using="owner")
    return list(Seal.objects.using("owner").order_by("through_id"))


def test_an_untouched_trail_is_what_was_sealed(sealed) -> None:
    assert sum(one.rows for one in sealed) == ROWS
    assert seals.verify(using="owner") == []


def test_nothing_new_makes_no_seal(sealed) -> None:
    assert seals.seal(now=START + timedelta(days=1), using="owner") == []


def test_a_young_row_waits_for_the_next_seal(sealed) -> None:
    now = START + timedelta(days=1)
    write(1, now - seals.SETTLED)
    assert seals.seal(now=now, using="owner") == []
    assert len(seals.seal(now=now + timedelta(seconds=1), using="owner")) == 1


def test_each_table_has_its_own_chain(sealed) -> None:
    write(2, START, ChangeLog)
    (made,) = seals.seal(now=START + timedelta(days=1), using="owner")
    assert (made.table, made.rows) == ("audit_changelog", 2)
    assert seals.verify(using="owner") == []


DEEDS = {
    "changed": "UPDATE audit_customerview SET what = what || '!' WHERE id = %s",
    "moved to another person": "UPDATE audit_customerview SET staff_no = 'other' WHERE id = %s",
    "dated back": "UPDATE audit_customerview SET at = at - interval '1 microsecond' WHERE id = %s",
    "removed": "DELETE FROM audit_customerview WHERE id = %s",
    "renumbered": "UPDATE audit_customerview SET id = -id WHERE id = %s",
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("place", [0, 13, 29, 30, ROWS - 1])
def test_a_deed_at_a_row_breaks_exactly_its_seal(sealed, deed, place) -> None:
    keys = list(CustomerView.objects.using("owner").order_by("pk").values_list("pk", flat=True))
    key = keys[place]
    run(DEEDS[deed], key)
    (found,) = seals.verify(using="owner")
    assert found.after_id < key <= found.through_id


def test_a_row_slipped_in_between_breaks_its_seal(sealed) -> None:
    key = sealed[2].through_id
    run("DELETE FROM audit_customerview WHERE id = %s", key)
    run(
        "INSERT INTO audit_customerview (id, at, staff_no, staff_name, party_key, what)"
        " VALUES (%s, %s, 'S', '', 7, 'page')",
        *(key, START),
    )
    assert [found.through_id for found in seals.verify(using="owner")] == [key]


def test_a_cut_end_shows_against_a_digest_kept_elsewhere(sealed) -> None:
    last = sealed[-1]
    run("DELETE FROM audit_customerview WHERE id > %s", sealed[-2].through_id)
    run("DELETE FROM audit_seal WHERE id = %s", last.pk)
    assert seals.verify(using="owner") == []
    assert not seals.knows(last.digest, using="owner")
    assert seals.knows(sealed[-2].digest, using="owner")


def test_the_command_says_that_all_is_well_or_what_is_missing(settings, tmp_path) -> None:
    settings.GUANXI_SEALS_FILE = tmp_path / "audit-seals.log"
    out = io.StringIO()
    call_command("audit_trail", "verify", stdout=out)
    assert "what was sealed" in out.getvalue()
    with pytest.raises(CommandError, match="no longer in the chain"):
        call_command("audit_trail", "verify", "0" * 64)
    out = io.StringIO()
    call_command("audit_trail", "seal", stdout=out)
    assert out.getvalue() == ""


# --- heads kept outside


@pytest.fixture
def heads(sealed, tmp_path):
    """The file of heads, written down after every seal."""
    file = tmp_path / "audit-seals.log"
    assert seals.write_down(file, using="owner") == SEALS
    return file


def compared(file):
    return [(one.through_id, one.outside) for one in seals.compare(seals.heads_of(file), using="owner")]


def test_the_heads_of_an_untouched_trail_agree_and_are_written_once(sealed, heads) -> None:
    assert compared(heads) == []
    assert seals.write_down(heads, using="owner") == 0
    assert [head.line() for head in seals.heads_of(heads)] == heads.read_text().splitlines()


@pytest.mark.parametrize("left", range(SEALS))
def test_a_cut_end_shows_wherever_it_was_cut(sealed, heads, left) -> None:
    through = sealed[left - 1].through_id if left else 0
    run("DELETE FROM audit_customerview WHERE id > %s", through)
    run("DELETE FROM audit_seal WHERE through_id > %s", through)
    assert seals.verify(using="owner") == []
    assert compared(heads) == [(one.through_id, True) for one in sealed[left:]]


def test_a_chain_written_anew_over_changed_rows_shows_from_there_on(sealed, heads) -> None:
    run("UPDATE audit_customerview SET staff_no = 'other' WHERE id = %s", sealed[1].through_id)
    run("DELETE FROM audit_seal WHERE through_id >= %s", sealed[1].through_id)
    for turn in range(1, SEALS):
        seals.seal(now=START + timedelta(hours=turn, minutes=30), using="owner")
    assert seals.verify(using="owner") == []
    lost, slipped = ([key for key, outside in compared(heads) if outside is side] for side in (True, False))
    assert set(lost) == set(slipped) == {one.through_id for one in sealed[1:]}


def test_a_seal_that_was_never_written_down_shows_once_a_later_one_was(sealed, heads) -> None:
    lines = heads.read_text().splitlines(keepends=True)
    heads.write_text("".join(lines[:-1]))
    assert compared(heads) == []  # about to be written down
    assert seals.write_down(heads, using="owner") == 1
    heads.write_text("".join(lines[:2] + lines[3:]))
    assert compared(heads) == [(sealed[2].through_id, False)]


def test_a_file_put_away_says_nothing_of_the_seals_before_it(sealed, heads) -> None:
    lines = heads.read_text().splitlines(keepends=True)
    heads.write_text("".join(lines[3:]))
    assert compared(heads) == []


def test_a_line_that_is_no_seal_is_named(heads) -> None:
    heads.write_text(heads.read_text() + "2026-11-01 nonsense\n")
    with pytest.raises(ValueError, match=r"line 7: no seal: 2026-11-01 nonsense"):
        seals.heads_of(heads)
