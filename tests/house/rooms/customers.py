"""A note about the customer, by the keeper."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from guanxi.crm import testing
from guanxi.crm.customers.models import Note, Party
from guanxi.crm.organisation.models import Staff


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`note`: the thread of a note that stands."""
    with testing.everything():
        note = Note.objects.create(
            party=party, thread=uuid4(), text="下午不接电话，微信联系", author=keeper, author_name=keeper.name,
            written_at=datetime(2026, 10, 30, 2, tzinfo=UTC),
        )  # fmt: skip
    return {"note": note.thread}
