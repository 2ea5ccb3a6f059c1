"""Rows for the trail. Called inside the transaction of what they tell about: both are kept or neither."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from guanxi.crm.audit import context
from guanxi.crm.audit.models import ChangeLog, CustomerView, ExportedCustomers, ExportLog
from guanxi.insight.data_map.exports import exports
from guanxi.insight.data_map.purposes import Purpose


class WrongPurpose(Exception):
    """Fields were to leave for a purpose that their data may not be used for; tells which fields."""

    def __init__(self, purpose: Purpose, fields: list[str]) -> None:
        """`fields` by their codes."""
        super().__init__(f"{', '.join(fields)} may not be used for {purpose}")
        self.purpose = purpose
        self.fields = fields


class Actor(Protocol):
    """Who did it: whoever has a staff number and a name."""

    staff_no: str
    name: str


def _who(by: Actor | None) -> dict[str, Any]:
    """The person as values; None stands for the program itself (the nightly run, set-up)."""
    origin = context.current()
    return {
        "staff_no": by.staff_no if by else "",
        "staff_name": by.name if by else "",
        "request_id": origin.request_id,
        "ip": origin.ip,
    }


def record(*, by: Actor | None, verb: str, on: Model, using: str = "default", **details: Any) -> ChangeLog:
    """Say that `by` did `verb` (room.deed) to the object `on`; details are what the service found worth keeping.

    `using` is the login whose transaction it belongs to.
    """
    return ChangeLog.objects.using(
        using
    ).create(
        verb=verb,
        object_kind=on._meta.label_lower,  # noqa: SLF001  # Django documents it
        object_key=str(on.pk),
        object_label=str(on)[:200],
        details=json.loads(json.dumps(details, cls=DjangoJSONEncoder)),
        **_who(by),
    )


def viewed(*, by: Actor, party_key: int, what: str = "page", reason: str = "") -> CustomerView:
    """Say that `by` saw a customer: the page once for each opening, or one protected value with its reason."""
    return CustomerView.objects.create(party_key=party_key, what=what, reason=reason, **_who(by))


def exported(
    *,
    by: Actor,
    what: str,
    rows: int,
    columns: list[str],
    filters: Mapping[str, Any],
    content_hash: str = "",
    customers: Iterable[int] | None = None,
    purpose: Purpose | None = None,
) -> ExportLog:
    """Say that `by` took `rows` rows of the list `what` out, whom they were about, and for what (untold: the usual).

    `customers`: their keys, none of them where it names nobody. Should the file leak, these are who is told.
    Raises WrongPurpose where the data map does not hold the purpose for one of the columns: nothing may leave then.
    """
    declared = exports()[what]
    meant = purpose or declared.usual
    wrong = declared.wrong_fields(columns, meant) if meant in declared.purposes else columns
    if wrong or meant not in declared.purposes:
        raise WrongPurpose(meant, wrong)
    kept = json.loads(json.dumps({**filters, "purpose": meant}, cls=DjangoJSONEncoder))
    who = _who(by)
    made = ExportLog.objects.create(
        what=what, rows=rows, columns=columns, filters=kept, content_hash=content_hash, **who
    )
    if customers is not None:
        ExportedCustomers.objects.create(export=made, party_keys=sorted(set(customers)), **who)
    return made
