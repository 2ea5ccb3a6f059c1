"""All rows the store holds about one customer, table by table, as plain values (数据归集).

Read within `sight.whole_store`. Keys of other customers and protected tokens do not leave: the first tell of other
people, the second say nothing. Encrypted values are opened; binary ones become files beside the tables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Field, ForeignKey, Model

from guanxi.crm.compliance.held import BY_NUMBER, HELD, Numbers, how_found, numbers_named
from guanxi.crm.customers.documents.models import DocumentContent
from guanxi.crm.customers.models import Party, VaultEntry
from guanxi.crm.customers.protected import door
from guanxi.crm.leads.models import LeadSecret
from guanxi.crm.organisation.models import Staff
from guanxi.crm.visits.models import VisitPhoto
from guanxi.lake.door import VaultRow

UNSAID = frozenset({"token", "contact_token", "key_id", "right_key", "token_hash", "request_id", "ip"})
"""Columns that say nothing to a person: tokens and keys of protection, and where colleagues sat."""
KEPT_QUIET = frozenset({"offers_paused"})
"""What may stand for control by anti-money-laundering is told to nobody, the customer least of all (反洗钱法 7)."""
ANOTHER = "…"
"""In place of another customer's key."""
EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Table:
    """One table's rows about the customer: its label, the columns in order, and values by column in each row."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Gathered:
    """What stands about a customer: tables (empty ones too), and documents by file name."""

    party: Party
    named: Numbers
    tables: tuple[Table, ...]
    papers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(len(table.rows) for table in self.tables)


def gathered_about(party: Party) -> Gathered:
    """Everything about this customer, numbers merged into it included; by label; a query a table."""
    named = numbers_named(party)
    staff = dict(Staff.objects.values_list("pk", "staff_no"))
    labels = sorted({*HELD, *BY_NUMBER})
    tables = tuple(_table(label, named, staff) for label in labels)
    return Gathered(party, named, tables, dict(_papers(named)))


def _table(label: str, named: Numbers, staff: Mapping[int, str]) -> Table:
    model = apps.get_model(label)
    found = how_found(label, named)
    assert found is not None, label
    columns = _columns(model)
    rows = model._base_manager.filter(found).order_by("pk")  # noqa: SLF001  # Django documents it
    read = tuple({one.name: _value(row, one, named, staff) for one in columns} for row in rows)
    return Table(label, (*(one.name for one in columns), *_extra(model)), tuple(_opened(model, read, rows)))


def _columns(model: type[Model]) -> "list[Field[Any, Any]]":
    """Its columns but those that say nothing and those that hold bytes."""
    return [
        one
        for one in model._meta.fields  # noqa: SLF001  # Django documents it
        if one.name not in UNSAID | KEPT_QUIET and not isinstance(one, BinaryField)
    ]


def _value(row: Model, one: "Field[Any, Any]", named: Numbers, staff: Mapping[int, str]) -> Any:
    """A column's value: a colleague by staff number, this customer by key, another customer not at all."""
    value = getattr(row, one.attname)
    if isinstance(value, dict):
        return {name: said for name, said in value.items() if name not in KEPT_QUIET}
    if value is None or not isinstance(one, ForeignKey):
        return value
    if one.related_model is Party:
        return value if value in named.keys else ANOTHER
    return staff.get(value, value) if one.related_model is Staff else value


def _extra(model: type[Model]) -> tuple[str, ...]:
    return ("value",) if model in (VaultEntry, LeadSecret) else ()


def _opened(model: type[Model], read: tuple[dict[str, Any], ...], rows: Any) -> Iterator[Mapping[str, Any]]:
    """Rows with the protected value opened, where the table holds one."""
    if not _extra(model):
        yield from read
        return
    for told, row in zip(read, rows, strict=True):
        token = row.token if isinstance(row, VaultEntry) else row.lead.contact_token
        sealed = VaultRow(token, row.kind, row.key_id, bytes(row.ciphertext))
        yield {**told, "value": door().reveal(sealed)}


def _papers(named: Numbers) -> Iterator[tuple[str, bytes]]:
    """Documents and photos by file name."""
    contents = DocumentContent.objects.filter(document__party__in=named.keys).select_related("document")
    for kept in contents.order_by("pk"):
        paper = kept.document
        ending = EXTENSIONS.get(paper.mime, "bin")
        content = door().open_document(kept.key_id, bytes(kept.ciphertext), paper.uuid.bytes)
        yield f"{paper.kind}-{paper.pk}.{ending}", content
    for photo in VisitPhoto.objects.filter(party__in=named.keys).order_by("pk"):
        yield f"visit-{photo.pk}.jpg", bytes(photo.content)
