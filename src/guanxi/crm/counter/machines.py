"""Systems of the bank that tell of events: a bearer token each, shown once, kept as a hash."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from guanxi.crm.audit import services as audit
from guanxi.crm.counter.models import Machine
from guanxi.crm.organisation.models import Staff

TOKEN_BYTES = 32


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_machine(*, name: str, staff: Staff, now: datetime, by: Staff | None = None) -> tuple[Machine, str]:
    """A machine that acts as `staff`, with its token, which is told this once and never again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = Machine.objects.create(name=name, sha256=hash_of(token), staff=staff, made_at=now)
    audit.record(by=by, verb="counter.machine_made", on=made, acts_as=staff.staff_no)
    return made, token


@transaction.atomic
def stop_machine(*, machine: Machine, now: datetime, by: Staff | None = None) -> None:
    """End a token at once."""
    if Machine.objects.filter(pk=machine.pk, stopped_at=None).update(stopped_at=now):
        audit.record(by=by, verb="counter.machine_stopped", on=machine)


def machine_of(header: str) -> Machine | None:
    """The machine whose bearer token this is; None for any other header, a stopped one, or an inactive person's."""
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    # Found by the hash: how long the search takes says nothing about the token.
    found = (
        Machine.objects.select_related("staff").filter(sha256=hash_of(token.strip()), stopped_at=None).first()
    )
    return found if found is not None and found.staff.is_active else None
