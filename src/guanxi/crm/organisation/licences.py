"""Qualifications to sell (从业资格): who holds which on a day, what a sale asks for, and what is recorded of them."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Licence, LicenceKind, Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.services import require


def licences_of(staff: Staff) -> QuerySet[Licence]:
    """All that was ever recorded of a person, the latest first."""
    return Licence.objects.filter(staff=staff).order_by("kind", "-issued_on", "-pk")


def held_on(staff: Staff, day: date) -> frozenset[str]:
    """The kinds a person holds on a day; one query."""
    rows = Licence.objects.filter(
        Q(expires_on=None) | Q(expires_on__gte=day), staff=staff, issued_on__lte=day
    )
    good = rows.filter(Q(ended_on=None) | Q(ended_on__gt=day))
    return frozenset(good.values_list("kind", flat=True))


def missing(staff: Staff, families: Iterable[str], needs: Mapping[str, str], day: date) -> list[str]:
    """Names of the qualifications that offering these product families asks for and this person lacks on the day.

    `needs`: product family → kind of licence, from the policy. No query when the families ask for none.
    """
    asked = {needs[family] for family in families if family in needs}
    lacking = asked - held_on(staff, day) if asked else set()
    return [str(LicenceKind(kind).label) for kind in LicenceKind.values if kind in lacking]


def check(staff: Staff, families: Iterable[str], needs: Mapping[str, str], day: date) -> None:
    """ValidationError that names what this person lacks to offer these families."""
    lacking = missing(staff, families, needs, day)
    if lacking:
        told = {"name": staff.name, "licences": "、".join(lacking)}
        raise ValidationError(
            _("%(name)s holds no valid %(licences)s and may not offer this; a colleague who does has to.")
            % told
        )


@transaction.atomic
def record_licence(
    *, by: Staff, staff: Staff, kind: str, number: str, issued_on: date, expires_on: date | None, today: date
) -> Licence:
    """Write down a qualification or its renewal. Nobody records the own one."""
    require(by, Right.CHANGE_PEOPLE, today)
    if by.pk == staff.pk:
        raise ValidationError(_("Somebody else records your qualifications."))
    if kind not in LicenceKind.values or not number.strip():
        raise ValidationError(_("Choose the qualification and give its number."))
    if expires_on is not None and expires_on < issued_on:
        raise ValidationError(_("It cannot expire before it was issued."))
    licence = Licence(
        staff=staff, kind=kind, number=number.strip()[:64], issued_on=issued_on, expires_on=expires_on
    )
    try:
        with transaction.atomic():
            licence.save(force_insert=True)
    except IntegrityError as twice:
        raise ValidationError(_("This qualification is recorded already.")) from twice
    audit.record(
        by=by,
        verb="organisation.licence_recorded",
        on=licence,
        staff=staff.staff_no,
        kind=kind,
        expires_on=expires_on,
    )
    return licence


@transaction.atomic
def end_licence(*, by: Staff, licence: Licence, today: date) -> Licence:
    """From today on it counts no longer: taken away, or recorded in error."""
    require(by, Right.CHANGE_PEOPLE, today)
    locked = Licence.objects.select_for_update(of=("self",)).select_related("staff").get(pk=licence.pk)
    if by.pk == locked.staff_id:
        raise ValidationError(_("Somebody else records your qualifications."))
    if locked.ended_on is None:
        locked.ended_on = today
        locked.save(update_fields=["ended_on"])
        audit.record(by=by, verb="organisation.licence_ended", on=locked, staff=locked.staff.staff_no)
    return locked
