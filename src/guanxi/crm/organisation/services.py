"""Writes on people, posts and leave cover. Each ends the sessions of the person whose rights it changes."""

from datetime import date, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connections, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Cover, Post, Staff, Unit
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import reach_of

_SCOPE_SQL = """
    WITH RECURSIVE scope (unit_id, member_id, depth) AS (
        SELECT id, id, 0 FROM organisation_unit
        UNION ALL
        SELECT scope.unit_id, below.id, scope.depth + 1
        FROM scope JOIN organisation_unit AS below ON below.parent_id = scope.member_id
        WHERE scope.depth < 32
    )
    INSERT INTO organisation_unitscope AS kept (unit_id, member_id, depth) SELECT unit_id, member_id, depth FROM scope
    ON CONFLICT (unit_id, member_id) DO UPDATE SET depth = EXCLUDED.depth WHERE kept.depth <> EXCLUDED.depth
"""
_GONE_SQL = """
    DELETE FROM organisation_unitscope AS kept WHERE NOT EXISTS (
        WITH RECURSIVE above (id, depth) AS (
            SELECT kept.member_id, 0
            UNION ALL
            SELECT unit.parent_id, above.depth + 1 FROM above JOIN organisation_unit AS unit ON unit.id = above.id
            WHERE unit.parent_id IS NOT NULL AND above.depth < 32
        )
        SELECT 1 FROM above WHERE above.id = kept.unit_id
    )
"""


def require(by: Staff, right: Right, on: date) -> None:
    """Refuse with PermissionDenied unless a post that `by` holds on that day gives this right."""
    if not reach_of(by, on).may(right):
        raise PermissionDenied(f"{by.staff_no} may not {right}")


def rebuild_unit_scope(*, using: str = "default") -> None:
    """Bring the closure in line with the units' parents; the run calls it after it has published units."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(_SCOPE_SQL)
        cursor.execute(_GONE_SQL)


def end_sessions(staff: Staff) -> None:
    """Sign this person out everywhere, at their next request."""
    Staff.objects.filter(pk=staff.pk).update(session_epoch=F("session_epoch") + 1)
    staff.refresh_from_db(fields=["session_epoch"])


@transaction.atomic
def create_staff(*, by: Staff, today: date, staff_no: str, name: str, password: str | None = None) -> Staff:
    """A new person, without any post yet; without a password nobody can sign in as them."""
    require(by, Right.CHANGE_PEOPLE, today)
    staff = Staff(staff_no=staff_no, name=name)
    if password is None:
        staff.set_unusable_password()
    else:
        validate_password(password, staff)
        staff.set_password(password)
    try:
        with transaction.atomic():
            staff.save(force_insert=True)
    except IntegrityError as taken:  # sent twice, or by two people
        raise ValidationError(_("Somebody has this staff number already.")) from taken
    audit.record(by=by, verb="organisation.staff_created", on=staff)
    return staff


@transaction.atomic
def set_password(*, by: Staff, today: date, staff: Staff, password: str) -> Staff:
    """Set a password: one's own, or anybody's by who may change people."""
    if by.pk != staff.pk:
        require(by, Right.CHANGE_PEOPLE, today)
    validate_password(password, staff)
    staff.set_password(password)
    staff.save(update_fields=["password"])
    end_sessions(staff)
    audit.record(by=by, verb="organisation.password_set", on=staff)
    return staff


@transaction.atomic
def set_active(*, by: Staff, today: date, staff: Staff, active: bool) -> Staff:
    """Let a person sign in, or not any more; nobody switches themselves off."""
    require(by, Right.CHANGE_PEOPLE, today)
    if by.pk == staff.pk:
        raise ValidationError(_("You cannot change your own account."))
    staff.is_active = active
    staff.save(update_fields=["is_active"])
    end_sessions(staff)
    audit.record(
        by=by, verb="organisation.staff_active" if active else "organisation.staff_stopped", on=staff
    )
    return staff


@transaction.atomic
def set_language(*, staff: Staff, language: str) -> Staff:
    """The language this person signs in to."""
    staff.language = language
    staff.save(update_fields=["language"])
    return staff


def check_new_post(*, by: Staff, today: date, staff: Staff, unit: Unit, role: str, valid_from: date) -> None:
    """Refuse a post that may not be given: to oneself, from a day past, or one that is held already."""
    require(by, Right.CHANGE_PEOPLE, today)
    if by.pk == staff.pk:
        raise ValidationError(_("You cannot change your own posts."))
    if valid_from < today:
        raise ValidationError(_("A post cannot begin in the past."))
    if Post.objects.filter(staff=staff, unit=unit, role=role, valid_to=None).exists():
        raise ValidationError(_("%(name)s already holds this post.") % {"name": staff.name})


@transaction.atomic
def open_post(*, by: Staff, today: date, staff: Staff, unit: Unit, role: str, valid_from: date) -> Post:
    """Give a person a post from a day on; never from a day past, so that what was seen stays explainable."""
    check_new_post(by=by, today=today, staff=staff, unit=unit, role=role, valid_from=valid_from)
    post = Post(staff=staff, unit=unit, role=role, valid_from=valid_from)
    try:
        with transaction.atomic():
            post.save(force_insert=True)
    except IntegrityError as known:  # opened at the same moment, or one from that day that has an end
        raise ValidationError(_("%(name)s already holds this post.") % {"name": staff.name}) from known
    end_sessions(staff)
    audit.record(
        by=by, verb="organisation.post_opened", on=post, staff=staff.staff_no, unit=unit.unit_no, role=role
    )
    return post


@transaction.atomic
def close_post(*, by: Staff, today: date, post: Post, valid_to: date) -> Post:
    """End a post: `valid_to` is the first day it is no longer held. One that never began is removed.

    One that has ended stays ended: with another day it would have been held when it was not.
    """
    require(by, Right.CHANGE_PEOPLE, today)
    if by.pk == post.staff_id:
        raise ValidationError(_("You cannot change your own posts."))
    if valid_to < today:
        raise ValidationError(_("A post cannot end in the past."))
    post = Post.objects.select_for_update(of=("self",)).select_related("staff").get(pk=post.pk)
    if post.valid_to is not None and post.valid_to <= today:
        raise ValidationError(_("This post has ended already."))
    staff = post.staff
    audit.record(
        by=by,
        verb="organisation.post_closed",
        on=post,
        staff=staff.staff_no,
        role=post.role,
        valid_to=valid_to,
    )
    if valid_to <= post.valid_from:
        post.delete()
    else:
        post.valid_to = valid_to
        post.save(update_fields=["valid_to"])
    end_sessions(staff)
    return post


@transaction.atomic
def move_staff(*, by: Staff, today: date, post: Post, unit: Unit, role: str, valid_from: date) -> Post:
    """Close a post and open another from the same day: no day without, none with both."""
    staff = post.staff
    close_post(by=by, today=today, post=post, valid_to=valid_from)
    return open_post(by=by, today=today, staff=staff, unit=unit, role=role, valid_from=valid_from)


@transaction.atomic
def set_cover(
    *, by: Staff, today: date, absent: Staff, covering: Staff, first_day: date, last_day: date, note: str = ""
) -> Cover:
    """Let `covering` see what `absent` sees, both days included; set by an administrator or the absent's own head."""
    check_may_set_cover(by, absent, today)
    if absent.pk == covering.pk:
        raise ValidationError(_("Nobody covers for themselves."))
    if first_day < today or last_day < first_day:
        raise ValidationError(_("Cover begins today or later and ends on or after the day it begins."))
    cover = Cover(absent=absent, covering=covering, first_day=first_day, last_day=last_day, note=note)
    try:
        with transaction.atomic():
            cover.save(force_insert=True)
    except IntegrityError as known:
        told = {"name": covering.name}
        raise ValidationError(
            _("%(name)s stands in from that day already; end that cover first.") % told
        ) from known
    audit.record(
        by=by, verb="organisation.cover_set", on=cover, absent=absent.staff_no, covering=covering.staff_no,
        first_day=first_day, last_day=last_day,
    )  # fmt: skip
    return cover


@transaction.atomic
def end_cover(*, by: Staff, today: date, cover: Cover) -> None:
    """End leave cover today: it no longer counts from now on. One that is over keeps its days."""
    check_may_set_cover(by, cover.absent, today)
    cover = Cover.objects.select_for_update(of=("self",)).select_related("absent").get(pk=cover.pk)
    if cover.last_day < today:
        return
    audit.record(by=by, verb="organisation.cover_ended", on=cover, absent=cover.absent.staff_no)
    if cover.first_day >= today:
        cover.delete()
    else:
        cover.last_day = today - timedelta(days=1)
        cover.save(update_fields=["last_day"])


def check_may_set_cover(by: Staff, absent: Staff, today: date) -> None:
    """Refuse unless `by` changes people or heads a unit in which `absent` holds a post."""
    reach = reach_of(by, today)
    heads = reach.may(Right.ASSIGN_KEEPER) and bool(reach_of(absent, today).post_unit_ids & reach.unit_ids)
    if by.pk == absent.pk or not (reach.may(Right.CHANGE_PEOPLE) or heads):
        raise PermissionDenied(f"{by.staff_no} may not set cover for {absent.staff_no}")
