"""Rows for the trail. Called inside the transaction of what they tell about: both are kept or neither."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from guanxi.crm.audit import context
from guanxi.crm.audit.models import ChangeLog, CustomerView, ExportedCustomers, ExportLog


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
    *, by: Actor, what: str, rows: int, columns: list[str], filters: Mapping[str, Any], content_hash: str = "",
    customers: Iterable[int] | None = None,
) -> ExportLog:  # fmt: skip
    """Say that `by` took `rows` rows of the list `what` out of the program, and whom they were about.

    `customers`: their keys, none of them where it names nobody. Should the file leak, these are who is told.
    """
    kept = json.loads(json.dumps(dict(filters), cls=DjangoJSONEncoder))
    who = _who(by)
    made = ExportLog.objects.create(
        what=what, rows=rows, columns=columns, filters=kept, content_hash=content_hash, **who
    )
    if customers is not None:
        ExportedCustomers.objects.create(export=made, party_keys=sorted(set(customers)), **who)
    return made
