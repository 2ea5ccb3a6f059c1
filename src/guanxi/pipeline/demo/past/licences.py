"""Qualifications of the demo bank's people (从业资格): most sellers hold all three, some of them soon expire."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connections

from guanxi.crm.organisation.models import Licence, LicenceKind, Role
from guanxi.crm.organisation.selectors import posts_on
from guanxi.pipeline.licences import warn_of_expiry

SELLERS = (
    Role.RELATIONSHIP_MANAGER, Role.CORPORATE_MANAGER, Role.PLANNER, Role.OUTLET_HEAD, Role.SUPERVISOR, Role.LOBBY
)  # fmt: skip
YEARS = 3
LETTERS = {LicenceKind.FUND: "F", LicenceKind.INSURANCE: "B", LicenceKind.WEALTH: "L"}


def tell(*, today: date) -> int:
    """What sellers hold as of `today`; rows written, 0 when told before. Every seventh lacks insurance."""
    if Licence.objects.using("pipeline").exists():
        return 0
    posts = posts_on(today).using("pipeline").filter(role__in=SELLERS).order_by("staff__staff_no")
    staff = list(dict.fromkeys(post.staff_id for post in posts))
    rows = [
        _licence(person, place, kind, today)
        for place, person in enumerate(staff)
        for kind in LicenceKind
        if not (kind is LicenceKind.INSURANCE and place % 7 == 6)
    ]
    Licence.objects.using("pipeline").bulk_create(rows)
    connection = connections["pipeline"].connection
    assert connection is not None
    return len(rows) + warn_of_expiry(connection, today - timedelta(days=1))


def _licence(person: int, place: int, kind: LicenceKind, today: date) -> Licence:
    """Good for three years from a day of the past two; every fifth person's fund qualification ends within weeks."""
    soon = kind is LicenceKind.FUND and place % 5 == 1
    issued = today - timedelta(days=365 * YEARS - 20 - place if soon else 30 + place * 37 % 700)
    number = f"{LETTERS[kind]}{issued:%Y}{1_000_000 + place * 7919 % 900_000:07d}"
    return Licence(
        staff_id=person,
        kind=kind,
        number=number,
        issued_on=issued,
        expires_on=issued + timedelta(days=365 * YEARS),
    )
