"""A note about the customer and a document of theirs, both by the keeper."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from guanxi.crm import testing
from guanxi.crm.customers.models import Document, DocumentContent, Note, Party
from guanxi.crm.customers.protected import door
from guanxi.crm.organisation.models import Staff


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`note`: the thread of a note that stands; `document`: the number of a copy on file."""
    testing.make_policies("archive")
    with testing.everything():
        note = Note.objects.create(
            party=party, thread=uuid4(), text="下午不接电话，微信联系", author=keeper, author_name=keeper.name,
            written_at=datetime(2026, 10, 30, 2, tzinfo=UTC),
        )  # fmt: skip
        number = uuid4()
        document = Document.objects.create(
            party=party, uuid=number, thread=number, kind="id_copy", mime="image/jpeg", size=4, sha256=number.hex * 2,
            added_by=keeper, added_on=date(2026, 10, 30), added_at=note.written_at,
        )  # fmt: skip
        key_id, ciphertext = door().seal_document(b"\xff\xd8\xff\xe0", number.bytes)
        DocumentContent.objects.create(document=document, key_id=key_id, ciphertext=ciphertext)
    return {"note": note.thread, "document": number}
