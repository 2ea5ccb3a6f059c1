"""Posts that one person asks for and another grants (岗位复核): what somebody may see and do is nobody's to give alone.

Ending a post or stopping an account takes away and needs no second word; the bank's own staff file is the bank's.
"""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation import services
from guanxi.crm.organisation.models import Post, PostRequest, PostRequestState, Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.second_person import check_second_person


def waiting(units: QuerySet[Unit]) -> QuerySet[PostRequest]:
    """Requests for posts in these units that nobody has decided, the oldest first."""
    rows = PostRequest.objects.select_related("staff", "unit", "asked_by", "replaces__unit")
    return rows.filter(state=PostRequestState.ASKED, unit__in=units.values("pk")).order_by("asked_at", "pk")


def may_decide(reach: Reach, request: PostRequest) -> bool:
    """Whether this person may be the second one, but for standing in for the first, which the deed itself asks."""
    first = reach.staff_id not in (request.asked_by_id, request.staff_id)
    return first and reach.may(Right.APPROVE_POSTS)


@transaction.atomic
def ask(
    *, by: Staff, today: date, now: datetime, staff: Staff, unit: Unit, role: str, valid_from: date,
    replaces: Post | None = None,
) -> PostRequest:  # fmt: skip
    """Ask for a post from a day on, in place of another where `replaces` says so; it counts once another grants it."""
    services.check_new_post(by=by, today=today, staff=staff, unit=unit, role=role, valid_from=valid_from)
    made = PostRequest(
        staff=staff, unit=unit, role=role, valid_from=valid_from, replaces=replaces, asked_by=by, asked_at=now
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as known:
        raise ValidationError(_("This post is asked for already and waits for a second person.")) from known
    told = {"staff": staff.staff_no, "unit": unit.unit_no, "role": role}
    audit.record(by=by, verb="organisation.post_asked", on=made, valid_from=valid_from, **told)
    return made


@transaction.atomic
def grant(*, by: Staff, today: date, now: datetime, request: PostRequest) -> Post:
    """Grant a post: from its day, or from today when that day has passed meanwhile."""
    locked = _decided(by, request, PostRequestState.GRANTED, today, now)
    unit, role, first = locked.unit, locked.role, max(locked.valid_from, today)
    asker = locked.asked_by
    try:
        if locked.replaces is None:
            post = services.open_post(
                by=asker, today=today, staff=locked.staff, unit=unit, role=role, valid_from=first
            )
        else:
            post = services.move_staff(
                by=asker, today=today, post=locked.replaces, unit=unit, role=role, valid_from=first
            )
    except PermissionDenied as gone:
        raise ValidationError(
            _("Who asked for this post may not change people any more: turn it down.")
        ) from gone
    audit.record(
        by=by, verb="organisation.post_granted", on=locked, staff=locked.staff.staff_no, role=locked.role
    )
    return post


@transaction.atomic
def turn_down(*, by: Staff, today: date, now: datetime, request: PostRequest) -> PostRequest:
    """Turn a request down; nothing changes."""
    locked = _decided(by, request, PostRequestState.REFUSED, today, now)
    audit.record(
        by=by, verb="organisation.post_refused", on=locked, staff=locked.staff.staff_no, role=locked.role
    )
    return locked


def _decided(
    by: Staff, request: PostRequest, state: PostRequestState, today: date, now: datetime
) -> PostRequest:
    services.require(by, Right.APPROVE_POSTS, today)
    rows = PostRequest.objects.select_for_update(of=("self",))
    locked = rows.select_related("staff", "unit", "asked_by", "replaces__staff").get(pk=request.pk)
    if locked.state != PostRequestState.ASKED:
        raise ValidationError(_("Somebody has decided this already."))
    if by.pk == locked.staff_id:
        raise ValidationError(_("You cannot change your own posts."))
    if by.pk == locked.asked_by_id:
        raise ValidationError(_("Another person has to grant what you asked for."))
    check_second_person(by, (locked.asked_by_id,), today)
    locked.state, locked.decided_by, locked.decided_at = state, by, now
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    return locked
