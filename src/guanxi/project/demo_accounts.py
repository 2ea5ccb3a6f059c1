"""Sign-ins of the demo: one person of each role, with random passwords made once for this installation."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.db import connections, transaction
from django.db.models import Q

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Post, Staff


@dataclass(frozen=True)
class DemoAccount:
    """One sign-in as it is printed."""

    role: str
    staff_no: str
    password: str
    name: str
    unit: str


def open_demo_accounts(roles: Sequence[str], *, today: date, file: Path) -> list[DemoAccount]:
    """The demo's sign-ins, made on first use and kept in `file` (0600); roles nobody holds are left out.

    A file that outlived its database opens nothing: it is made again.
    The manager is the one with the largest book, head and teller are of the same outlet, so that what one sees can
    be compared with what the others see.
    """
    kept = _kept(file)
    if kept:
        return kept
    manager = _busiest_keeper()
    accounts = [account for role in roles if (account := _open(role, manager, today))]
    _write_private(file, json.dumps([asdict(account) for account in accounts], ensure_ascii=False, indent=1))
    return accounts


def _kept(file: Path) -> list[DemoAccount]:
    """The sign-ins of the file when each was opened in this database; none otherwise. Passwords are not asked: who
    changed the own one has it changed."""
    if not file.exists():
        return []
    accounts = [DemoAccount(**body) for body in json.loads(file.read_text(encoding="utf8"))]
    numbers = {account.staff_no for account in accounts}
    opened = Staff.objects.filter(is_demo=True, staff_no__in=numbers).count()
    return accounts if opened == len(numbers) else []


def _busiest_keeper() -> int | None:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "SELECT post.staff_id FROM organisation_post AS post "
            "JOIN customers_party AS party ON party.keeper_id = post.staff_id "
            "WHERE post.role = 'relationship_manager' AND post.valid_to IS NULL "
            "GROUP BY post.staff_id ORDER BY COUNT(*) DESC, post.staff_id LIMIT 1"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


@transaction.atomic
def _open(role: str, manager: int | None, today: date) -> DemoAccount | None:
    in_force = Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gt=today))
    posts = (
        Post.objects.filter(in_force, role=role).select_related("staff", "unit").order_by("staff__staff_no")
    )
    home = Post.objects.filter(in_force, staff_id=manager or 0).values_list("unit_id", flat=True).first()
    chosen = (
        posts.filter(staff_id=manager or 0).first()
        or posts.filter(unit_id=home or 0).first()
        or posts.first()
    )
    if chosen is None:
        return None
    staff: Staff = chosen.staff
    password = secrets.token_urlsafe(9)
    staff.set_password(password)
    staff.is_demo = True
    staff.save(update_fields=["password", "is_demo"])
    audit.record(by=None, verb="organisation.demo_account_opened", on=staff, role=role)
    return DemoAccount(role, staff.staff_no, password, staff.name, chosen.unit.name)


def _write_private(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf8") as stream:
        stream.write(text)
